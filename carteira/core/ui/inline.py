"""A value that is edited where it stands and saves by itself (S1-07): what the template core/ui/inline.html shows.

Sent are `value` (typed) and `was` (what was shown when typing began). The screen answers with the same fragment: saved
(200), refused (422, what was typed stays), or changed by somebody else meanwhile (409, the person chooses).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.forms import Select
from django.forms.utils import flatatt
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


@lru_cache(maxsize=512)
def options(choices: tuple[tuple[str, str], ...], chosen: str) -> SafeString:
    """The lines of a select. Kept: a list of all countries costs more than the rest of the page."""
    marked = ((key, SafeString(" selected") if key == chosen else "", label) for key, label in choices)
    return format_html_join("", '<option value="{}"{}>{}</option>', marked)


class LongSelect(Select):
    """A select with many choices, for forms."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        own = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        return format_html("<select{}>{}</select>", flatatt(own), options(tuple(self.choices), str(value or "")))


@dataclass(frozen=True)
class Inline:
    """`id` is unique on the page. `shown` is what the database holds, as a person writes it; `typed` differs from it
    only after a refusal. `choices` make it a select. Without `url` it is only read."""

    id: str
    label: str | Promise
    url: str
    shown: str
    typed: str | None = None
    choices: Sequence[tuple[str, str]] = ()
    attrs: dict[str, Any] = field(default_factory=dict)
    hint: str | Promise = ""
    required: bool = False
    wide: bool = False
    # Several lines: a textarea.
    lines: bool = False
    # Label not shown, only read out: beside another field that says it.
    quiet: bool = False
    suggestions: Sequence[str] = ()
    # Several of the choices: boxes. Values are then keys with commas between.
    several: bool = False
    # The stored value as it is read, where that is not as it is written.
    read: str = ""
    # Ought to be there and is not: the hint says so.
    missing: bool = False
    # -- after sending
    error: str = ""
    saved: bool = False
    # Somebody else's change: who, "" for nobody known.
    changed: bool = False
    changed_by: str = ""
    # What the page's live region says.
    said: str = ""

    @property
    def value(self) -> str:
        return self.shown if self.typed is None else self.typed

    @property
    def options(self) -> SafeString:
        return options(tuple(self.choices), self.value)

    @property
    def shown_label(self) -> str:
        """What is shown of the stored value: a choice by its name."""
        return self.read or self._named(self.shown)

    @property
    def typed_label(self) -> str:
        return self._named(self.value)

    @property
    def boxes(self) -> list[tuple[str, str, bool]]:
        """Key, name and whether it is ticked, of each choice."""
        ticked = self.value.split(",")
        return [(key, label, key in ticked) for key, label in self.choices]

    def _named(self, value: str) -> str:
        known = dict(self.choices)
        if self.several:
            return ", ".join(known.get(key, key) for key in value.split(",")) if value else ""
        return known.get(value, value)
