"""Registries: how an upper room shows itself on a lower room's screens without being known there.

The lower room (or this module, for what belongs to the whole program) owns the list; upper rooms fill it in their
registrations.py, which AppConfig.ready loads. Adding a room touches its own folder and one line in settings.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

Text = str | Promise


class Registry[Item]:
    """An ordered list of items with unique names."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._items: dict[str, tuple[int, Item]] = {}

    def add(self, name: str, item: Item, *, order: int = 100) -> Item:
        if name in self._items:
            raise ValueError(f"{self._what} {name!r} is registered twice.")
        self._items[name] = (order, item)
        return item

    def remove(self, name: str) -> None:
        """For tests that register a fake."""
        del self._items[name]

    def get(self, name: str) -> Item | None:
        found = self._items.get(name)
        return found and found[1]

    def names(self) -> list[str]:
        return [name for name, _ in sorted(self._items.items(), key=lambda pair: pair[1][0])]

    def __iter__(self) -> Iterator[Item]:
        return (item for _, item in sorted(self._items.values(), key=lambda pair: pair[0]))

    def __len__(self) -> int:
        return len(self._items)


@dataclass(frozen=True)
class MenuEntry:
    """A line of the left menu. `url_name` is a route of the account; `right` hides it from who may not follow it."""

    label: Text
    icon: str
    url_name: str
    section: Text = ""
    right: str = ""


@dataclass(frozen=True)
class SettingsPage:
    label: Text
    url_name: str
    right: str = ""


@dataclass(frozen=True)
class SearchHit:
    title: str
    detail: str
    url: str
    badge: str = ""


@dataclass(frozen=True)
class SearchSource:
    """Where the search on top looks. `find(text, limit)` runs in the account's scope."""

    label: Text
    find: Callable[[str, int], list[SearchHit]]
    right: str = ""


@dataclass(frozen=True)
class Verifier:
    """Recomputes one derived fact or invariant in the open scope; yields a sentence per difference."""

    label: str
    check: Callable[[], Iterator[str]]


@dataclass(frozen=True)
class DemoStep:
    """Fills a part of the demo business. `run(account, by, random, now)` in the account's scope. `tables`: those it
    fills with many rows; the planner is told of them before the next step reads them.
    """

    run: Callable[..., Any]
    tables: tuple[str, ...] = ()


menu: Registry[MenuEntry] = Registry("Menu entry")
settings_pages: Registry[SettingsPage] = Registry("Settings page")
search_sources: Registry[SearchSource] = Registry("Search source")
verifiers: Registry[Verifier] = Registry("Verifier")
demo_steps: Registry[DemoStep] = Registry("Demo step")
