"""How a customer usually pays and when: rooms tell what they know, whoever makes an invoice proposes it (N4).

A customer has no terms of its own yet; where it gets some, they are a source before the groups'.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from carteira.core.registries import Registry, Text
from carteira.customers.models import Customer


@dataclass(frozen=True)
class Term:
    """`said`: where it comes from, in a sentence."""

    value: str
    said: Text


# What a source may tell: the name of a payment method, the day of the month something falls due ("1" to "31").
METHOD, DUE_DAY = "payment_method", "due_day"

sources: Registry[Callable[[Customer, datetime], Mapping[str, Term]]] = Registry("Source of usual terms")


def usual_terms(customer: Customer, now: datetime) -> dict[str, Term]:
    """By name; of several sources the first that says something of it."""
    found: dict[str, Term] = {}
    for source in sources:
        found = {**source(customer, now), **found}
    return found
