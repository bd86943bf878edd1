"""What can be wrong with a file or with one of its lines, as sentences in the reader's language."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

FILE_MESSAGES = {
    # before the file is read
    "not_found": _("There is no such file."),
    "not_a_file": _("This is not a file."),
    "unreadable": _("The file cannot be opened."),
    "empty": _("The file is empty."),
    "too_large": _("The file has {size} MB; at most {limit} MB can be read. Split it into several files."),
    # what it is
    "binary": _("This is not a table: the file holds binary data. Save the table as CSV, XLSX or ODS."),
    "binary_of": _("This is not a table: the file is of the type {what}. Save the table as CSV, XLSX or ODS."),
    "html": _(
        "This is a web page or XML file, even if its name says something else. Open it in a spreadsheet "
        "program and save it "
        "as XLSX or CSV."
    ),
    "xls": _(
        "This is a file of an old Excel (before 2007). Open it in a spreadsheet program and save it as XLSX or CSV."
    ),
    "xlsb": _("This is a binary Excel workbook (XLSB). Open it in a spreadsheet program and save it as XLSX or CSV."),
    "not_spreadsheet": _("This is an archive or a document, not a spreadsheet. Save the table as CSV, XLSX or ODS."),
    "encrypted": _("The spreadsheet is protected by a password. Save it without a password and try again."),
    "corrupt": _("The spreadsheet is damaged and cannot be read. Open it in a spreadsheet program and save it again."),
    "unreadable_content": _("The file could not be read. It seems to be damaged ({what})."),
    # characters
    "nul": _("The file holds NUL characters, which do not belong into text. Save it again as CSV (UTF-8)."),
    "encoding": _("The file has characters in an unknown encoding. Save it again as CSV (UTF-8)."),
    "long_line": _("A line is longer than a million characters. Is this really a table with one record per line?"),
    # the line with the column names
    "no_header": _("The first line must name the columns, but it seems to hold data."),
    "duplicated_header": _(
        "The column name “{name}” appears twice, in the columns {first} and {place}. Give each column a "
        "name of its own."
    ),
    "missing_header": _("Column {place} holds data but has no name. Name it in the first line, or empty it."),
    "long_header": _(
        "The name of column {place} is longer than {limit} characters. Is the first line really the names?"
    ),
    "broken_header": _("The quotes in the line with the column names do not match."),
    "too_many_columns": _("The file has {found} columns; at most {limit} can be read."),
    # attacks and accidents
    "far_cell": _(
        "The sheet reaches as far as column {place}, which would need too much memory. Delete the stray "
        "cells far away from "
        "the table and save it again."
    ),
    "zip_bomb": _(
        "The spreadsheet has {packed} MB but would unpack to {size} MB, which is too much. Save the table "
        "as CSV, or split it."
    ),
    "too_many_entries": _("The spreadsheet is made of {found} parts, which is too many. Save the table as CSV."),
    "memory": _(
        "Reading the file needs too much memory. Delete stray cells far away from the table, save it as "
        "CSV, or split it."
    ),
    "cpu": _("Reading the file takes too long. Save it as CSV, or split it into several files."),
    "silent": _("Reading the file took too long and was stopped. Try again."),
    "killed": _("Reading the file was interrupted. Try again; if it happens again, split the file."),
    "crashed": _("The file could not be read. It seems to be damaged; save it again, or save it as CSV."),
}

LINE_MESSAGES = {
    "too_few": _("This line has fewer cells ({found}) than there are columns ({expected})."),
    "too_many": _(
        "This line has more cells ({found}) than there are columns ({expected}). A text that holds the "
        "separator needs quotes "
        "around it."
    ),
    "quotes": _("The quotes in this line do not match."),
    "bad_encoding": _("This line has characters in another encoding than the rest of the file."),
    "nul_cell": _("This line holds NUL characters, which do not belong into text."),
    "unnamed_column": _("Column {place} holds data here but has no name in the first line."),
    "broken_card": _("This contact is not complete: its card does not end where the next one begins."),
    "long_cell": _("A cell of this line is longer than a million characters."),
}


class SheetError(Exception):
    """The file as a whole cannot be read (any further).

    `code` is a key of `FILE_MESSAGES`; `message` a lazily translated sentence; `line` and `column` count from
    1, None when it concerns no single one. `str()` gives the sentence with its line in front.
    """

    def __init__(self, code: str, *, line: int | None = None, column: int | None = None, **params: Any) -> None:
        super().__init__(code, line, column)
        self.code = code
        self.line = line
        self.column = column
        self.params = params
        self.message = _sentence(FILE_MESSAGES[code], params)

    def __str__(self) -> str:
        if self.line is None:
            return str(self.message)
        return str(format_lazy(_("Line {line}: {message}"), line=self.line, message=self.message))


@dataclass(frozen=True)
class BadLine:
    """One line of the file that is no row; all others still come. `code` is a key of `LINE_MESSAGES`.

    `cells` is what the line holds: its cells, or its text as the only cell when the quotes are broken.
    """

    line: int
    code: str
    cells: list[Any]
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> Any:
        """The reason as a lazily translated sentence."""
        return _sentence(LINE_MESSAGES[self.code], self.params)


def _sentence(template: Any, params: dict[str, Any]) -> Any:
    return format_lazy(template, **params) if params else template
