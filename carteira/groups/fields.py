"""What a rule may ask about a customer. Rooms above add theirs in registrations.py, this room those of customers."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Q

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.core.registries import Registry, Text
from carteira.customers.lifecycle import View


class Kind(StrEnum):
    """What is written beside an operator, and what is stored of it (JSON)."""

    NOTHING = "nothing"  # null
    DAYS = "days"  # a whole number
    CHOICES = "choices"  # one or more of the field's options: a list of their names
    TEXT = "text"  # as people write it
    DAY = "day"  # an ISO date
    NUMBER = "number"  # a decimal number as text
    # Whole minor units of the account's currency, and of how many days up to the day it is asked (null: ever):
    # {"amount": 10000, "days": 30}
    MONEY_IN_DAYS = "money"
    MONEY = "amount"  # whole minor units
    GROUPS = "groups"  # a list of groups' ids


@dataclass(frozen=True)
class Asked:
    """The day and rule of the life cycle a condition is asked with. `group(id)`: who belongs to another group. `many`:
    about everybody, not one or two."""

    account: Account
    view: View
    group: Callable[[UUID], Q]
    many: bool = True


@dataclass(frozen=True)
class Operator:
    """`condition(value, asked)` tells who: true or false of everybody, never unknown (NULL), for other rules deny it.
    `flips(value, asked)` tells when time alone may change that: a date column of the customer and how many days after
    it, or None for any day."""

    label: Text
    kind: Kind
    condition: Callable[[Any, Asked], Q] = field(repr=False)
    flips: Callable[[Any, Asked], Sequence[tuple[str, int]] | None] = field(default=lambda value, asked: (), repr=False)
    # Of an operator about other groups: the same of somebody whose groups are known, without the database.
    among: Callable[[Any, Container[UUID]], bool] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class RuleField:
    """`options(account)`: the choices of a field that has some, by name."""

    label: Text
    operators: Mapping[str, Operator]
    options: Callable[[Account], Mapping[str, str]] = field(default=lambda account: {}, repr=False)
    # Its heading among the fields of a builder.
    section: Text = ""
    # Who may ask: whoever builds a rule learns from its preview what it asks about.
    right: Right = Right.SEE_CUSTOMERS


fields: Registry[RuleField] = Registry("Rule field")
# Fields that each account has of its own: account → by name.
families: Registry[Callable[[Account], Mapping[str, RuleField]]] = Registry("Family of rule fields")


def known(account: Account) -> dict[str, RuleField]:
    """All fields of an account, in order."""
    found = {name: fields[name] for name in fields.names()}
    for family in families:
        found.update(family(account))
    return found
