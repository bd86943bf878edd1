"""Rows into a file: CSV and XLSX, a row at a time in flat memory. No cell ever runs in the program that opens it (A8)."""

import csv
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter
from django.utils.translation import gettext as _

from carteira.core.sheets.cells import as_text, neutralise
from carteira.core.sheets.exports.registry import Column

FORMATS = ("xlsx", "csv")
# A worksheet ends here, the line with the names included.
MOST_ROWS = {"xlsx": 1_048_575}
_CELL = 32_767  # characters; a worksheet's limit


class TooManyRows(ValueError):
    """More than the format can hold; the text is a sentence for the user."""


class Writer(Protocol):
    def add(self, cells: Sequence[Any]) -> None: ...

    def close(self) -> None: ...


def open_writer(format: str, path: Path, columns: Sequence[Column], *, title: str, language: str) -> Writer:
    """A writer to a new file, its line of names written."""
    if format == "csv":
        return CsvWriter(path, columns, language=language)
    return XlsxWriter(path, columns, title=title)


def check_rows(format: str, rows: int) -> None:
    if rows > MOST_ROWS.get(format, rows):
        raise TooManyRows(_("A worksheet holds at most 1,048,575 lines. Export as CSV, or filter first."))


class CsvWriter:
    """UTF-8 with BOM and CRLF, as spreadsheet programs want it; ";" and decimal commas where the language has them."""

    def __init__(self, path: Path, columns: Sequence[Column], *, language: str) -> None:
        self._comma = language[:2] in {"pt", "es"}
        self._file = open(path, "x", encoding="utf-8-sig", newline="")  # noqa: SIM115 - closed by close()
        self._writer = csv.writer(self._file, delimiter=";" if self._comma else ",")
        self.add([str(column.label) for column in columns])

    def add(self, cells: Sequence[Any]) -> None:
        comma = self._comma
        self._writer.writerow(
            [neutralise(cell if type(cell) is str else as_text(cell, decimal_comma=comma)) for cell in cells]
        )

    def close(self) -> None:
        self._file.close()


class XlsxWriter:
    """Text cells are typed as text, so nothing in them is a formula, a link or a number; days and amounts are typed too."""

    def __init__(self, path: Path, columns: Sequence[Column], *, title: str) -> None:
        # Beside the file itself: what a killed process leaves there is swept away (core.files.sweep).
        options = {"constant_memory": True, "tmpdir": str(path.parent)}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._sheet = self._book.add_worksheet(_sheet_name(title))
        bold = self._book.add_format({"bold": True})
        self._day = self._book.add_format({"num_format": "dd/mm/yyyy"})
        self._moment = self._book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        self._amount = self._book.add_format({"num_format": "#,##0.00"})
        self._whole = self._book.add_format({"num_format": "#,##0"})
        for at, column in enumerate(columns):
            self._sheet.set_column(at, at, column.width)
        self._sheet.freeze_panes(1, 0)
        for at, column in enumerate(columns):
            self._sheet.write_string(0, at, str(column.label), bold)
        self._row = 0

    def add(self, cells: Sequence[Any]) -> None:
        self._row = row = self._row + 1
        sheet = self._sheet
        for at, cell in enumerate(cells):
            if cell is None or cell == "":
                continue
            if type(cell) is str:
                sheet.write_string(row, at, cell[:_CELL])
            elif isinstance(cell, datetime):
                sheet.write_datetime(row, at, cell, self._moment)
            elif isinstance(cell, date):
                # Spreadsheets know no days before 1900.
                if cell.year < 1901:
                    sheet.write_string(row, at, cell.isoformat())
                else:
                    sheet.write_datetime(row, at, cell, self._day)
            elif isinstance(cell, Decimal):
                sheet.write_number(row, at, cell, self._amount if cell.as_tuple().exponent else self._whole)
            elif isinstance(cell, int):
                sheet.write_number(row, at, cell)
            else:
                sheet.write_string(row, at, as_text(cell))

    def close(self) -> None:
        self._book.close()


def _sheet_name(title: str) -> str:
    return "".join("-" if char in "[]:*?/\\'" else char for char in title)[:31] or "Carteira"
