"""Reading the file of refused lines again, to tell its beginning on a page."""

import csv
import re
from itertools import islice
from pathlib import Path

from carteira.core.sheets.cells import restore
from carteira.core.sheets.refusals import ADDED

_TITLE = re.compile(rf"{re.escape(ADDED)}[^,;]*([,;])")


def first_refused(path: Path, count: int) -> list[tuple[str, str]]:
    """(line, reason) of the first lines; nothing when the file is gone."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as text:
            head = text.readline()
            titled = _TITLE.match(head)
            rows = csv.reader(text, delimiter=titled[1] if titled else ",")
            return [(row[0], restore(row[1])) for row in islice(rows, count) if len(row) > 1]
    except FileNotFoundError:
        return []
