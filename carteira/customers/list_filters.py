"""Filters of the list that rooms above know how to ask; they fill the registry in their registrations.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from carteira.accounts.roles import Right
from carteira.core.registries import Registry, Text


@dataclass(frozen=True)
class ListFilter:
    """Only the customers that something is true of today; its name stands in the address as `only`.

    `ids(account)` gives SQL and its parameters that select customers' ids, in the account's scope, from an index of those
    few: the list then starts from them. `right` is asked of whoever chooses it on screen.
    """

    label: Text
    ids: Callable[[Any], tuple[str, tuple[Any, ...]]]
    right: Right


list_filters: Registry[ListFilter] = Registry("Filter of the customers")
