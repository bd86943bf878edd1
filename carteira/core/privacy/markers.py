"""What a person can be recognised by, in all its spellings, and looking for it in text (reliability P2)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import UUID

from carteira.core import people
from carteira.core.people.names import rough_fold
from carteira.core.privacy.holdings import Holding, named, rows_of

NAME, EMAIL, DOCUMENT, PHONE = KINDS = ("name", "email", "document", "phone")
JSON = "json"
# "@kind": the row's column `kind` says which of the four it is.
SAID_BY = "@"
_PUNCTUATION = b" .-/()+\t"
# What is shorter stands in other numbers by chance.
_SHORTEST_CODE = 7


@dataclass
class Markers:
    """`words` are folded (no capitals, no accents) and must stand alone, as words do; `codes` are bare of punctuation
    and may stand anywhere in what is bare as well. `given` are the stored values, for digests."""

    words: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    given: set[tuple[str, str]] = field(default_factory=set)

    def add(self, kind: str, value: str) -> None:
        """A name, e-mail, document or phone (E.164) as it is stored."""
        value = str(value or "").strip()
        if not value:
            return
        self.given.add((kind, value))
        if kind == NAME:
            self.words.add(folded(value))
        elif kind == EMAIL:
            self.words |= {folded(value), folded(quote(value))}
        elif kind == DOCUMENT:
            self._add_code(value)
        else:
            for variant in people.phone_variants(value):
                self._add_code(variant)
                # As written inside its country: area code and number.
                self._add_code(people.format_phone(variant, "BR") if variant.startswith("+55") else variant)

    def _add_code(self, value: str) -> None:
        bare = bared(folded(value))
        if len(bare) >= _SHORTEST_CODE:
            self.codes.add(bare)
        else:
            self.words.add(folded(value))

    def __bool__(self) -> bool:
        return bool(self.words or self.codes)

    def found_in(self, text: str) -> bool:
        """Whether the text mentions the person, however it is spelled."""
        text = folded(text)
        if any(word in text for word in self.words) and self._standing_alone(text):
            return True
        bare = bared(text) if self.codes else ""
        return any(code in bare for code in self.codes)

    def _standing_alone(self, text: str) -> bool:
        return any(re.search(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", text) for word in self.words)


def folded(text: str) -> str:
    """No capitals, no accents; a row's text doubles its quotation marks."""
    return rough_fold(text.replace('""', '"'))


def bared(text: str) -> str:
    """Folded text without the punctuation people write into numbers. Bytes, because those are cleaned ten times as
    fast; what is not ASCII stands in no number."""
    return text.encode("ascii", "replace").translate(None, _PUNCTUATION).decode("ascii")


def markers_of(person: UUID) -> Markers:
    """All a person is recognised by, now or by what the history tells it was before. Needs the account's scope."""
    markers = Markers()
    for name, _model, holding in named():
        if not (holding.of and holding.recognised_by):
            continue
        columns = {**dict.fromkeys(holding.recognised_by), **dict.fromkeys(_sayers(holding))}
        for row in rows_of(name, person).values(*columns).iterator(chunk_size=2000):
            for column, kind in holding.recognised_by.items():
                _add(markers, row[kind[1:]] if kind.startswith(SAID_BY) else kind, row[column])
    return markers


def _sayers(holding: Holding) -> list[str]:
    """The columns that say what others hold."""
    return [kind[1:] for kind in holding.recognised_by.values() if kind.startswith(SAID_BY)]


def _add(markers: Markers, kind: str, value: Any) -> None:
    if kind != JSON:
        markers.add(kind, value)
        return
    for inner, found in _said(value):
        markers.add(inner, found)


def _said(value: Any) -> Iterable[tuple[str, str]]:
    """Names, e-mails, documents and phones in a JSON value, by their keys."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in KINDS and isinstance(inner, str):
                yield key, inner
            else:
                yield from _said(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _said(inner)
