"""Filters of the list of customers that rooms above add in registrations.py; each is one parameter of its address."""

from collections.abc import Callable, Iterable, Mapping
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
    `options(account)` are offered in the dialog of filters, by value; `tick`: a box there, which sends 1; `written`: the
    type of a field to write into; a filter with none of them is chosen elsewhere. Whose `right` is missing leaves it out.
    """

    label: Text
    right: Right
    read: Callable[[str, Account, View], Chosen | None] = field(repr=False)
    options: Callable[[Account], Mapping[str, str]] = field(default=lambda account: {}, repr=False)
    tick: bool = False
    written: str = ""


list_filters: Registry[ListFilter] = Registry("Filter of the customers")


@dataclass(frozen=True)
class Family:
    """Filters that each account has of its own, in the open scope. Their names begin with `prefix`."""

    prefix: str
    filters: Callable[[], Mapping[str, ListFilter]] = field(repr=False)


families: Registry[Family] = Registry("Family of filters")


def known(asked: Iterable[str] | None = None) -> dict[str, ListFilter]:
    """The filters of the open scope, in order. With `asked`, families are only read where one of these names may be
    theirs."""
    found = {name: list_filters[name] for name in list_filters.names()}
    names = None if asked is None else list(asked)
    for family in families:
        if names is None or any(name.startswith(family.prefix) for name in names):
            found.update(family.filters())
    return found
