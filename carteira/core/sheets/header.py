"""The line with the column names: what it must be like, and how each later row is held against it."""

import re
from typing import Any

from .problems import Problem

LONGEST_NAME = 200

_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")  # nobody calls a column ana@example.com


class Header:
    """Trimmed names with their width. `letters` says how a person calls a column: `C` in a spreadsheet, `3`
    in a text file.

    A column whose name is blank stays in its place with the name "" as long as it is blank all the way down.
    """

    def __init__(self, cells: list[Any], *, line: int, limit: int, offset: int = 0, letters: bool = False) -> None:
        names = ["" if cell is None else str(cell).strip() for cell in cells]
        self.written = len(names)  # as many cells as the line has; blank ones at the end give no columns
        while names and not names[-1]:
            names.pop()
        self.names = names
        self.width = len(names)
        self.line = line
        self.holes = [at for at, name in enumerate(names) if not name]
        self._offset = offset
        self._letters = letters
        self._check(limit)

    def _check(self, limit: int) -> None:
        if self.width > limit:
            raise Problem("too_many_columns", line=self.line, found=self.width, limit=limit)
        seen: dict[str, int] = {}
        for at, name in enumerate(self.names):
            if not name:
                continue
            if len(name) > LONGEST_NAME:
                raise Problem("long_header", line=self.line, **self.where(at), limit=LONGEST_NAME)
            first = seen.setdefault(name.casefold(), at)
            if first != at:
                raise Problem(
                    "duplicated_header", line=self.line, **self.where(at), name=name, first=self.called(first)
                )
        letters = any(character.isalpha() for name in self.names for character in name)
        if not letters or any(map(_ADDRESS.fullmatch, self.names)):
            raise Problem("no_header", line=self.line)

    def called(self, at: int) -> str:
        """The column as a person calls it."""
        number = at + self._offset + 1
        return column_letters(number) if self._letters else str(number)

    def where(self, at: int) -> dict[str, Any]:
        """For a `Problem`: the column's number, and how a person calls it."""
        return {"column": at + self._offset + 1, "place": self.called(at)}

    def unnamed(self, cells: list[Any]) -> int | None:
        """The first column of the row that holds something and has no name, else None. `cells` may be longer
        than the header.
        """
        for at in self.holes:
            if not is_blank(cells[at]):
                return at
        for at in range(self.width, len(cells)):
            if not is_blank(cells[at]):
                return at
        return None


def is_blank(cell: Any) -> bool:
    """Nothing, or only white space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def column_letters(number: int) -> str:
    """1 → A, 27 → AA, 16384 → XFD."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """A → 1, AA → 27, XFD → 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
