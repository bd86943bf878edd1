"""The business's own fields as columns of a sheet of customers: what they are called there, and how a cell is read.

A cell becomes rows of FieldValue as JSON, in one form on both sides (`fields.rows_json`), so that what is new is
found by comparing texts. What a field said before it became another kind, and choices that were taken away, stand in our own
exports: whoever has just that keeps it (`why` is the refusal for everybody else).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from carteira.core import people
from carteira.core.sheets.mapping import CannotMap, sentence
from carteira.core.sheets.registry import Batch, Cleaner, Reading
from carteira.core.sheets.registry import Field as SheetField
from carteira.customers.fields import queries, values
from carteira.customers.fields.found import FOUND_BY, words_of
from carteira.customers.fields.headings import heading
from carteira.customers.fields.models import CHOSEN, Field, FieldValue, Kind
from carteira.customers.fields.rows_json import as_json, rows_of
from carteira.customers.forms import clean_lines

# Few different values among many lines.
_REPEATS = frozenset({Kind.CHOICE, Kind.CHOICES, Kind.YES_NO, Kind.DATE, Kind.MONEY, Kind.NUMBER})
# (column, type) that `derive_own` adds to a batch.
STAGED = (("search_more", "text"),)


@dataclass(frozen=True)
class Own:
    """A field that a file brings. `loose`: somebody has something there that is nothing of its kind, or not on offer."""

    field: Field
    loose: bool

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def why(self) -> str:
        """The staging column of refusals."""
        return f"{self.name}_why"


def own_fields(everybodys: Sequence[SheetField]) -> list[SheetField]:
    """Of the account of the open scope, behind everybody's."""
    theirs = {people.name_sort(str(field.label)) for field in everybodys}
    return [_sheet_field(field, theirs) for field in queries.living()]


def _sheet_field(field: Field, theirs: set[str]) -> SheetField:
    return SheetField(
        field.name,
        field.label,
        partial(_cleaner, field.name),
        columns=((field.name, "jsonb"), (f"{field.name}_why", "text")),
        repeats=field.kind in _REPEATS,
        own=True,
        heading=heading(field, theirs),
        version=field.kind,
        samples=_samples(field),
    )


def prepare(reading: Reading) -> dict[str, Own]:
    """The fields the file brings, as they are now. Raises CannotMap where one was just removed."""
    brought = {field.name: field for field in queries.living() if field.name in reading.fields}
    if gone := [name for name in reading.fields if name.startswith("own_") and name not in brought]:
        raise CannotMap(_("There is no field “%(field)s”.") % {"field": gone[0]})
    misfits = FieldValue.objects.filter(field__in=list(brought.values()), fits=False)
    loose = set(misfits.order_by().values_list("field_id", flat=True).distinct()) if brought else set()
    return {
        name: Own(field, field.pk in loose or len(field.living_options) < len(field.options))
        for name, field in brought.items()
    }


def brought(reading: Reading) -> list[Own]:
    return list(reading.prepared.values())


def _cleaner(name: str, reading: Reading) -> Cleaner:
    own: Own = reading.prepared[name]
    read = values.Reading(reading.account, reading.now, reading.language, restore_zeros=True)
    return partial(_clean, own, reading=read)


def _clean(own: Own, cell: Any, *, reading: values.Reading) -> tuple[str, str | None]:
    try:
        chosen = own.field.kind in CHOSEN
        said = values.called(own.field, cell) if chosen else values.clean(own.field, cell, reading)
    except ValidationError as error:
        kept = _as_it_was(own, cell)
        if kept is None:
            raise
        return kept, f"{own.field.label}: {sentence(error)}"
    if not said:
        raise ValidationError(_("There is nothing here."), code="own_blank")
    return as_json(said), None


def _as_it_was(own: Own, cell: Any) -> str | None:
    if not own.loose or not isinstance(cell, str):
        return None
    if own.field.kind in CHOSEN:
        with suppress(ValidationError):
            return as_json(values.called(own.field, cell, removed=True))
    try:
        text = clean_lines(cell)
    except ValidationError:
        return None
    return as_json([values.Said(text, people.name_sort(text), fits=False)])


class Told:
    """What rows say as people read it, in the reader's language; the same rows are put into words once."""

    def __init__(self, reading: Reading) -> None:
        self._reading = values.Reading(reading.account, reading.now, reading.language)
        self._known: dict[tuple[str, str], str] = {}

    def __call__(self, own: Own, rows: Any) -> str:
        if not rows:
            return ""
        key = own.name, rows if isinstance(rows, str) else json.dumps(rows)
        if key not in self._known:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            self._known[key] = values.shown(own.field, rows_of(own.field, rows), self._reading)
        return self._known[key]


_MOST_KNOWN = 50_000


def derive_own(batch: Batch, reading: Reading) -> None:
    """`search_more` of customers who are new with this line and have nothing else that the search finds them by."""
    found = [own for own in brought(reading) if own.field.kind in FOUND_BY]
    found.sort(key=lambda own: own.field.pk)
    texts: dict[int, list[str]] = {}
    for own in found:
        for at, cell in enumerate(batch.column(own.name)):
            if cell is not None:
                texts.setdefault(at, []).extend(words_of(own.field.kind, json.loads(cell)[0]["said"]))
    more = [people.search_text(*texts[at]) if at in texts else None for at in range(len(batch.lines))]
    batch.columns["search_more"] = more


def labels_of(fields: Mapping[str, Field], names: Iterable[str]) -> dict[str, Any]:
    """What an event says of these fields besides their names."""
    told = [fields[name] for name in names if name in fields]
    if not told:
        return {}
    hidden = [field.name for field in told if field.kind == Kind.DOCUMENT]
    return {"labels": {field.name: field.label for field in told}, "hidden": hidden}


def _samples(field: Field) -> tuple[Any, ...]:
    if field.kind in CHOSEN:
        labels = [option["label"] for option in field.living_options[:2]]
        return labels[0], labels[-1] if field.kind == Kind.CHOICE else "; ".join(labels)
    if field.kind == Kind.YES_NO:
        return _("Yes"), _("No")
    return _SAMPLES.get(Kind(field.kind), (f"{field.label} 1", f"{field.label} 2"))


_SAMPLES: dict[Kind, tuple[Any, Any]] = {
    Kind.NUMBER: (1, 2),
    Kind.MONEY: (Decimal(100), Decimal(200)),
    Kind.DATE: (date(2026, 2, 2), date(2026, 2, 9)),
    Kind.EMAIL: ("maria@example.com", "joao@example.com"),
    Kind.PHONE: ("(11) 98765-4321", "(21) 99876-5432"),
    Kind.URL: ("example.com/maria", "example.com/joao"),
    Kind.DOCUMENT: ("529.982.247-25", "111.444.777-35"),
    Kind.ADDRESS: ("Rua Augusta, 100", "Rua Direita, 20"),
}
