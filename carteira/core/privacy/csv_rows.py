"""Rows of any table as CSV for spreadsheet programs, piece by piece. No cell can become a formula (ASVS 1.2.10)."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from carteira.core.sheets.cells import as_text, neutralise

# Tells spreadsheet programs that the bytes are UTF-8.
MARK = b"\xef\xbb\xbf"


class CsvRows:
    """Lines for rows whose values stand in the order of `columns` (model fields). `amount` writes minor units."""

    def __init__(self, columns: Sequence[Any], *, amount: Callable[[int], str]) -> None:
        self._cells = [_writer(column, amount) for column in columns]

    def head(self, names: Iterable[str]) -> bytes:
        return MARK + _lines([[neutralise(name) for name in names]])

    def lines(self, rows: Iterable[Sequence[Any]]) -> bytes:
        return _lines([cell(value) for cell, value in zip(self._cells, row, strict=True)] for row in rows)


def plain_table(head: Iterable[Any], rows: Iterable[Sequence[Any]]) -> bytes:
    """The same for rows of plain values."""
    lines = ([neutralise(_plain(value)) for value in row] for row in rows)
    return MARK + _lines([[neutralise(str(name)) for name in head]]) + _lines(lines)


def _writer(column: Any, amount: Callable[[int], str]) -> Callable[[Any], str]:
    if column.choices:
        labels = {value: str(label) for value, label in column.flatchoices}
        return lambda value: "" if value is None else neutralise(labels.get(value, str(value)))
    if column.name.endswith("amount"):
        return lambda value: neutralise(amount(value) if isinstance(value, int) else _plain(value))
    return lambda value: neutralise(_plain(value))


def _plain(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return str(value) if isinstance(value, UUID) else as_text(value, decimal_comma=True)


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode()
