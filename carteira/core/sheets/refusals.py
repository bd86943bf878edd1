"""The file of refused lines: what was in them, where, and why. Corrected, it can be imported again as it
is.
"""

import csv
import os
from pathlib import Path
from typing import Any, Self, TextIO

from django.utils.translation import gettext_lazy as _

from .cells import as_text, neutralise

ADDED = "Carteira:"
"""Begins the names of the two columns put in front, in every language, so that a later import knows them."""

LINE_TITLE = _("line")
REASON_TITLE = _("reason")


def is_added(name: str) -> bool:
    """Whether a column is one of the two that a file of refused lines has in front."""
    return name.startswith(ADDED)


class RefusedLines:
    """Writes the file, from the first refused line on; without one there is no file. Use with `with`.

    CSV in UTF-8 with BOM and CRLF, as spreadsheet programs want it; `delimiter` is ";" where the decimal sign
    is a comma (pt, es) and "," elsewhere (en), and decides how numbers are written too. The file must not
    exist yet (`FileExistsError`).
    """

    def __init__(self, path: str | os.PathLike[str], header: list[str], *, delimiter: str) -> None:
        self.path = Path(path)
        self.count = 0
        self._header = header
        self._delimiter = delimiter
        self._kept = [at for at, name in enumerate(header) if not is_added(name)]
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Finishes the file. May be called twice."""
        if self._file:
            self._file.close()
            self._file = None

    def add(self, line: int, cells: list[Any], reason: object) -> None:
        """One refused line: its number in the imported file, its cells as read (also too few or too many),
        and why.
        """
        if self._file is None:
            self._begin()
        self.count += 1
        self._write([line, reason, *self._original(cells)])

    def _begin(self) -> None:
        self._file = open(self.path, "x", encoding="utf-8-sig", newline="")  # noqa: SIM115 - closed by close()
        self._writer = csv.writer(self._file, delimiter=self._delimiter)
        titles = [f"{ADDED} {LINE_TITLE}", f"{ADDED} {REASON_TITLE}"]
        self._write([*titles, *self._original(self._header)])

    def _original(self, cells: list[Any]) -> list[Any]:
        """Without the columns that an earlier file of refused lines had added; cells beyond the header
        stay.
        """
        if len(self._kept) == len(self._header):
            return cells
        return [cells[at] for at in self._kept if at < len(cells)] + cells[len(self._header) :]

    def _write(self, cells: list[Any]) -> None:
        comma = self._delimiter == ";"
        self._writer.writerow([neutralise(as_text(cell, decimal_comma=comma)) for cell in cells])
