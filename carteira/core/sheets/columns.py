"""Cleaning a batch of rows column by column: one validator at a time over a thousand cells is what makes it
quick.
"""

from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from carteira.core.sheets.mapping import sentence
from carteira.core.sheets.reader import Row
from carteira.core.sheets.registry import Batch, Cleaner, Field, Reading, SheetKind

_CACHE = 50_000  # different values of one repeating column that are remembered


class Columns:
    """The cleaners of one import, bound to its columns."""

    def __init__(self, kind: SheetKind, header: Sequence[str], mapping: Mapping[str, str], reading: Reading) -> None:
        at = {name: place for place, name in enumerate(header)}
        self._kind, self._reading = kind, reading
        self._columns = [_Column(kind.field(name), at[column], reading) for column, name in mapping.items()]
        self.staged = [
            *(pair for column in self._columns for pair in column.field.staged),
            *kind.staged_besides(reading),
        ]

    def clean(self, rows: Sequence[Row]) -> Batch:
        """The rows that may be staged; `refused` says why the others may not, by line number."""
        lines = [line for line, _cells in rows]
        cells = [cells for _line, cells in rows]
        wrong: dict[int, str] = {}
        batch = Batch(lines, {})
        for column in self._columns:
            batch.columns.update(column.clean([row[column.at] for row in cells], wrong))
        refused = {lines[at]: reason for at, reason in wrong.items()}
        batch = _without(batch, wrong)
        if batch.lines:
            self._kind.derive(batch, self._reading)
            refused |= {batch.lines[at]: reason for at, reason in batch.refused.items()}
            batch = _without(batch, batch.refused)
        batch.refused = refused
        return batch


class _Column:
    def __init__(self, field: Field, at: int, reading: Reading) -> None:
        self.field, self.at = field, at
        self._clean = field.cleaner(reading)
        self._known: dict[Any, Any] | None = {} if field.repeats else None

    def clean(self, cells: list[Any], wrong: dict[int, str]) -> dict[str, list[Any]]:
        """Staging columns; adds to `wrong` what is wrong with which row. A blank cell stays None."""
        values = self._each(cells, self._clean, wrong)
        staged = self.field.staged
        if self.field.required:
            for at, value in enumerate(values):
                if value is None and at not in wrong:
                    self._refuse(wrong, at, _("this cell must not be blank."))
        if len(staged) == 1:
            return {staged[0][0]: values}
        nothing = (None,) * len(staged)
        parts = zip(*(nothing if value is None else value for value in values), strict=True)
        return {name: list(part) for (name, _type), part in zip(staged, parts, strict=True)}

    def _each(self, cells: list[Any], clean: Cleaner, wrong: dict[int, str]) -> list[Any]:
        values: list[Any] = []
        add, known = values.append, self._known
        for at, cell in enumerate(cells):
            if cell is None:
                add(None)
                continue
            if known is not None and type(cell) is str and cell in known:
                add(known[cell])
                continue
            try:
                value = clean(cell)
            except ValidationError as error:
                value = None
                if not _is_blank(error):
                    self._refuse(wrong, at, sentence(error))
                    add(None)
                    continue
            add(value)
            if known is not None and type(cell) is str and len(known) < _CACHE:
                known[cell] = value
        return values

    def _refuse(self, wrong: dict[int, str], at: int, reason: str) -> None:
        told = f"{self.field.label}: {reason}"
        wrong[at] = f"{wrong[at]} {told}" if at in wrong else told


def _is_blank(error: ValidationError) -> bool:
    """Validators say `…_blank` of a cell that only looks filled (spaces)."""
    return str(getattr(error, "code", "") or "").endswith("_blank")


def _without(batch: Batch, places: Mapping[int, str]) -> Batch:
    if not places:
        return batch
    keep = [at not in places for at in range(len(batch.lines))]
    return Batch(
        list(compress(batch.lines, keep)),
        {name: list(compress(values, keep)) for name, values in batch.columns.items()},
    )
