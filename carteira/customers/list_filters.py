"""Filters of the list of customers that rooms above add in registrations.py; each is one parameter of its address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.db.models import Q

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.core.registries import Registry, Text
from carteira.customers.lifecycle import View


@dataclass(frozen=True)
class Chosen:
    """Whom a filter leaves, and the words of its chip ("Group: Matrícula 2026")."""

    condition: Q
    told: str


@dataclass(frozen=True)
class ListFilter:
    """`read(value, account, view)` understands what stands in the address, in the account's scope; None: nothing.

    `condition` must be an index probe a customer, or name the few there are; live and as of a past day.
    `options(account)` are offered in the dialog of filters, by value; `tick`: a box there, which sends 1; a filter with
    neither is chosen elsewhere. Whose `right` is missing leaves it out.
    """

    label: Text
    right: Right
    read: Callable[[str, Account, View], Chosen | None] = field(repr=False)
    options: Callable[[Account], Mapping[str, str]] = field(default=lambda account: {}, repr=False)
    tick: bool = False


list_filters: Registry[ListFilter] = Registry("Filter of the customers")
