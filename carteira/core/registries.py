"""Registries: how an upper room shows itself on a lower room's screens without being known there.

The lower room (or this module, for what belongs to the whole program) owns the list; upper rooms fill it in their
registrations.py, which AppConfig.ready loads. Adding a room touches its own folder and one line in settings.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from uuid import UUID

from django.http import HttpRequest
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

    def __getitem__(self, name: str) -> Item:
        return self._items[name][1]

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
class OwnLine:
    """A line of the left menu that this business or person put there, below a registered entry."""

    label: Text
    icon: str
    url: str
    current: bool = False


@dataclass(frozen=True)
class SettingsPage:
    label: Text
    url_name: str
    right: str = ""


@dataclass(frozen=True)
class SearchHit:
    title: Text
    detail: Text
    url: str
    badge: str = ""
    icon: str = ""
    # The record it leads to.
    id: UUID | None = None
    # An act of which this line is only the first step (the palette's): what it is registered under.
    act: str = ""


@dataclass(frozen=True)
class SearchSource:
    """Where the search on top and the palette look. `find(text, limit)` runs in the account's scope.

    `recall(ids)` gives those that are still there, in any order, for what somebody opened lately. A page of such a
    record says `data-record="<name of the source>:<id>"` in the layout's block `record`.
    """

    label: Text
    find: Callable[[str, int], list[SearchHit]]
    right: str = ""
    recall: Callable[[Sequence[UUID]], list[SearchHit]] | None = None


@dataclass(frozen=True)
class PaletteAct:
    """Something that can be begun from anywhere, offered by the palette (Ctrl+K): a screen with a form.

    `words` are further words that find it, translated and separated by blanks.
    """

    label: Text
    icon: str
    url_name: str
    right: str = ""
    words: Text = ""


@dataclass(frozen=True)
class HelpPage:
    """A page of the help about one task. Its name is its address; its words stand in `<folder>/<language>/<name>.html`,
    one file for each language, where the labels of screens are translated strings and never written out.

    `screens`: the routes that lead to it, whole or as a pattern (`tasks:*`); the most exact one wins.
    """

    label: Text
    text: Text
    folder: str
    icon: str
    screens: tuple[str, ...] = ()


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


@dataclass(frozen=True)
class StartPart:
    """A part of a business's first page. `template` shows as `part` what `context(request)` reads, in the account's
    scope; `side`: beside the main column, for what is short. Three queries at the most."""

    label: Text
    template: str
    context: Callable[..., dict[str, Any]]
    right: str
    side: bool = False


@dataclass(frozen=True)
class DemoDay:
    """What people of the demo business do on one day that is simulated there (`carteira demo --advance`).

    `run(account, by, random, now)` in the account's scope, once a day, after the clocks of that hour have ticked.
    """

    run: Callable[..., Any]


start_parts: Registry[StartPart] = Registry("Part of the first page")
menu: Registry[MenuEntry] = Registry("Menu entry")
# By the name of the entry they stand below: what a request's person has put there. One query at most, and none for
# whoever has put nothing.
own_lines: Registry[Callable[[HttpRequest], Iterable[OwnLine]]] = Registry("Own lines of the menu")
settings_pages: Registry[SettingsPage] = Registry("Settings page")
search_sources: Registry[SearchSource] = Registry("Search source")
palette_acts: Registry[PaletteAct] = Registry("Palette act")
help_pages: Registry[HelpPage] = Registry("Help page")
verifiers: Registry[Verifier] = Registry("Verifier")
demo_steps: Registry[DemoStep] = Registry("Demo step")
demo_days: Registry[DemoDay] = Registry("Demo day")


def help_for(view_name: str) -> str:
    """The name of the help page that speaks of this screen, or nothing."""
    found = {
        screen: name
        for name in help_pages.names()
        for screen in help_pages[name].screens
        if fnmatchcase(view_name, screen)
    }
    return found[max(found, key=len)] if found else ""
