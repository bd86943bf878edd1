"""Which character separates the cells, guessed from the first lines with quotes respected."""

import csv
import re

CANDIDATES = "\t;|,"  # in doubt the one that occurs less in ordinary text goes first
RECORDS = 200

_SEP_LINE = re.compile(r"sep=([^\w\s\"']|\t)\s*", re.IGNORECASE)


def sep_line(line: str) -> str | None:
    """The delimiter that Excel's own first line `sep=;` names, else None."""
    found = _SEP_LINE.fullmatch(line)
    return found[1] if found else None


def guess_delimiter(lines: list[str]) -> str:
    """The candidate that cuts the first lines into equally many cells; the wider one of two that do.

    A file whose first line holds none of them has one column: then the candidate that no line holds.
    """
    best: tuple[tuple[bool, float, int], str] | None = None
    for candidate in CANDIDATES:
        widths = _widths(lines, candidate)
        if not widths:
            return ","
        wide = widths[0] > 1
        score = (wide, widths.count(widths[0]) / len(widths), widths[0])
        if best is None or score > best[0]:
            best = (score, candidate)
    assert best
    return best[1]


def _widths(lines: list[str], delimiter: str) -> list[int]:
    """Cells in each of the first records that are not blank."""
    widths: list[int] = []
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            if any(row):
                widths.append(len(row))
                if len(widths) == RECORDS:
                    break
    except csv.Error:  # a quote never closed: what came before it must do
        pass
    return widths
