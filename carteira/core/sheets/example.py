"""A file that shows how a sheet of one kind may look, in the reader's language."""

import csv
import io
from typing import Any

from django.core.exceptions import ValidationError

from carteira.core.sheets.cells import as_text, neutralise
from carteira.core.sheets.registry import Cleaner, Reading, SheetKind


def example(kind: SheetKind, reading: Reading) -> bytes:
    """CSV as spreadsheet programs of the reader's language want it. Cells that this account would refuse (a CPF in
    Mexico) are blank, so that the file can be imported as it is."""
    comma = reading.language[:2] in {"pt", "es"}
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if comma else ",")
    fields = [field for field in kind.fields if not field.ours and not field.part_of]
    writer.writerow([neutralise(field.heading or str(field.label)) for field in fields])
    cleaners = [field.cleaner(reading) for field in fields]
    for nth, row in enumerate(kind.sample):
        row = [*row, *(field.samples[nth] for field in fields if field.own)]
        cells = [_fitting(cell, clean) for cell, clean in zip(row, cleaners, strict=True)]
        writer.writerow([neutralise(as_text(cell, decimal_comma=comma)) for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def _fitting(cell: Any, clean: Cleaner) -> Any:
    try:
        clean(cell)
    except ValidationError:
        return ""
    return cell
