"""Delimited text into rows, in flat memory. One broken line never takes another with it."""

import csv
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from .cells import NEUTRALISED, restore
from .delimiter import guess_delimiter, sep_line
from .encoding import find_encoding
from .header import Header, is_blank
from .problems import Problem

BLOCK = 16 * 1024  # characters read at a time; rows that stay in the processor's cache are twice as fast
HEAD = 64 * 1024  # characters by which the delimiter is guessed
BATCH_ROWS = 1000  # from which on a batch is handed over
BATCH_TEXT = 512 * 1024  # or this many characters
LONGEST_RECORD = 1_000_000  # characters; a quote still open after that was never closed
REREAD = 2_000_000  # lines looked at again because of broken quotes; beyond that no record spans lines any more
SHOWN = 1000  # cells of a bad line that are told

csv.field_size_limit(1 << 26)  # lines and records have their own limits

_WRONG_BYTES = re.compile("[\udc80-\udcff]")


@dataclass
class Batch:
    """Rows with their lines; `bad` holds [place among rows and bad lines, line, code, params, cells]."""

    lines: list[int] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    bad: list[list[Any]] = field(default_factory=list)

    def refuse(self, line: int, code: str, cells: list[Any], **params: Any) -> None:
        """Adds a bad line after what is there."""
        self.bad.append([len(self.rows) + len(self.bad), line, code, params, cells[:SHOWN]])

    def __len__(self) -> int:
        return len(self.rows) + len(self.bad)


@dataclass
class Table:
    """What was found out about a file, and its rows."""

    kind: str
    header: Header
    batches: Iterator[tuple[Batch, int]]  # with how far it is, in percent
    encoding: str | None = None
    delimiter: str | None = None
    worksheet: str | None = None
    other_worksheets: list[str] = field(default_factory=list)


def open_text(file: BinaryIO, size: int, *, columns: int) -> Table:
    """Finds encoding, delimiter and header. Raises `Problem` for whatever concerns the file as a whole."""
    encoding, mixed = find_encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="surrogateescape" if mixed else "strict", newline="")
    first = text.readlines(HEAD)
    done = 0
    delimiter = sep_line(first[0]) if first else None
    if delimiter:
        done = 1
    else:
        delimiter = guess_delimiter(first)
    header, used = _find_header(first, done, delimiter, columns)
    records = _Records(text, first[used:], used, delimiter, header.width)
    return Table(
        kind="csv",
        header=header,
        batches=_checked(records, header, mixed, file, size),
        encoding=encoding,
        delimiter=delimiter,
    )


def _find_header(lines: list[str], done: int, delimiter: str, columns: int) -> tuple[Header, int]:
    """The first line that is not blank, and how many physical lines lie before the first row."""
    reader = csv.reader(lines[done:], delimiter=delimiter, strict=True)
    start = done
    try:
        for row in reader:
            if not all(map(is_blank, row)):
                if any(map(_WRONG_BYTES.search, row)):
                    raise Problem("encoding", line=start + 1)
                names = [restore(cell) for cell in row]
                return Header(names, line=start + 1, limit=columns), done + reader.line_num
            start = done + reader.line_num
    except csv.Error as error:
        raise Problem("broken_header", line=start + 1) from error
    raise Problem("empty")


class _Records:
    """Cuts physical lines into records, with the line where each begins, block by block.

    A quote that is never closed would swallow the lines after it. So when a record that spans lines turns out
    wrong, only its first line is given up and the others are looked at again on their own.
    """

    def __init__(self, text: io.TextIOWrapper, lines: list[str], done: int, delimiter: str, width: int) -> None:
        self._text = text
        self._lines = lines
        self._done = done  # physical lines before self._lines
        self._delimiter = delimiter
        self._width = width
        self._budget = REREAD

    def blocks(self) -> Iterator[tuple[str, list[tuple[int, list[str] | None, str]]]]:
        """(the text looked at, [(line, cells, "") or (line, None, the broken line)])."""
        more = True
        while more or self._lines:
            fresh = self._text.readlines(BLOCK)
            more = bool(fresh)
            self._lines += fresh
            text = "".join(self._lines)
            found: list[tuple[int, list[str] | None, str]] = []
            used = self._cut(found, more) if '"' in text else self._cut_plain(found)
            self._budget -= len(self._lines) - used
            self._done += used
            self._lines = self._lines[used:]
            yield text, found

    def _cut_plain(self, found: list[tuple[int, list[str] | None, str]]) -> int:
        """Without quotes every line is a record: the same as `_cut`, in half the time."""
        rows = csv.reader(self._lines, delimiter=self._delimiter)
        found += zip(itertools.count(self._done + 1), rows, itertools.repeat(""), strict=False)
        return len(self._lines)

    def _cut(self, found: list[tuple[int, list[str] | None, str]], more: bool) -> int:
        """Records of `self._lines` into `found`; how many lines they used up. The rest needs the next
        block.
        """
        lines, done, width, add = self._lines, self._done, self._width, found.append
        start = 0  # where the reader began
        begin = 0  # where the current record began
        reader = self._reader(lines)
        while True:
            try:
                for row in reader:
                    end = start + reader.line_num
                    if end > begin + 1 and len(row) != width and self._swallowed(begin, end):
                        break
                    add((done + begin + 1, row, ""))
                    begin = end
                else:
                    return begin
            except csv.Error:
                end = start + reader.line_num
                if end == len(lines) and more and self._may_go_on(begin):
                    return begin
            add((done + begin + 1, None, lines[begin]))
            begin += 1
            if end > begin:
                self._budget -= end - begin
                start = begin
                reader = self._reader(lines[begin:])

    def _reader(self, lines: list[str]) -> Any:
        if self._budget > 0:
            return csv.reader(lines, delimiter=self._delimiter, strict=True)
        return _OneByOne(lines, self._delimiter)

    def _may_go_on(self, begin: int) -> bool:
        return self._budget > 0 and sum(map(len, self._lines[begin:])) < LONGEST_RECORD

    def _swallowed(self, begin: int, end: int) -> bool:
        """Whether a record of the wrong width hides a line that would be right on its own."""
        if self._budget <= 0:
            return False
        self._budget -= end - begin
        rows = _OneByOne(self._lines[begin + 1 : end], self._delimiter, skip_broken=True)
        return any(len(row) == self._width and any(row) for row in rows)


class _OneByOne:
    """Like `csv.reader`, but no record spans lines."""

    def __init__(self, lines: list[str], delimiter: str, *, skip_broken: bool = False) -> None:
        self.line_num = 0
        self._lines = lines
        self._delimiter = delimiter
        self._skip_broken = skip_broken

    def __iter__(self) -> "_OneByOne":
        return self

    def __next__(self) -> list[str]:
        while self.line_num < len(self._lines):
            line = self._lines[self.line_num]
            self.line_num += 1
            try:
                return next(csv.reader([line], delimiter=self._delimiter, strict=True))
            except csv.Error:
                if not self._skip_broken:
                    raise
        raise StopIteration


def _checked(records: _Records, header: Header, mixed: bool, file: BinaryIO, size: int) -> Iterator[tuple[Batch, int]]:
    """Records held against the header, in batches."""
    width, holes = header.width, header.holes
    batch = Batch()
    length = 0
    for text, found in records.blocks():
        neutralised = NEUTRALISED.search(text) is not None
        length += len(text)
        add_line, add_row = batch.lines.append, batch.rows.append
        for line, row, broken in found:
            if row is None:
                batch.refuse(line, "quotes", [_WRONG_BYTES.sub("\ufffd", broken.rstrip("\r\n"))])
                continue
            if neutralised:
                row = [restore(cell) for cell in row]
            if len(row) != width or holes or mixed or not row[0] or row[0].isspace():
                if all(map(is_blank, row)):
                    continue
                if not _fits(batch, line, row, header, mixed):
                    continue
                del row[width:]
            add_line(line)
            add_row([cell or None for cell in row] if "" in row else row)
        if len(batch) >= BATCH_ROWS or length > BATCH_TEXT:
            yield batch, min(100, file.tell() * 100 // size)
            batch = Batch()
            length = 0
    yield batch, 100


def _fits(batch: Batch, line: int, row: list[str], header: Header, mixed: bool) -> bool:
    """Whether the row fits the header; else it is in the batch as a bad line."""
    if mixed and any(map(_WRONG_BYTES.search, row)):
        batch.refuse(line, "bad_encoding", [_WRONG_BYTES.sub("\ufffd", cell) for cell in row])
    elif len(row) < header.width:
        batch.refuse(line, "too_few", row, found=len(row), expected=header.width)
    elif (at := header.unnamed(row)) is None:
        return True
    elif at < header.written:
        batch.refuse(line, "unnamed_column", row, **header.where(at))
    else:
        batch.refuse(line, "too_many", row, found=len(row), expected=header.width)
    return False
