"""XLSX and ODS into rows. The zip directory and the cells' places are looked at before anything is unpacked
as a whole.
"""

import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any, BinaryIO
from xml.parsers import expat

from .csv_rows import Batch, Table
from .header import Header, column_number, is_blank
from .problems import Problem, megabytes
from .wire import tag

BATCH_CELLS = 50_000
BATCH_ROWS = 1000
BATCH_TEXT = 4_000_000  # characters
ENTRIES = 10_000
SMALL = 50_000_000  # bytes unpacked that are harmless at any ratio
LONGEST_CELL = 1_000_000  # characters
CELL_MEMORY = 32  # bytes that the parser takes for every cell of the rectangle, blank or not

_CHUNK = 1 << 20
# A cell with something in it; a cell that only carries a format ends in "/>" and counts for nothing.
_FILLED = re.compile(rb' r="([A-Z]{1,3})([0-9]{1,7})"(?:\s[^<>]{0,200}[^<>/]|)>')
_ERROR = re.compile(
    rb' r="([A-Z]{1,3})([0-9]{1,7})"[^<>]{0,200}\st="e"[^<>]{0,200}>'
    rb"(?:<f[^<>]{0,200}/>|<f[^<>]{0,200}>[^<]{0,9000}</f>)?<v>([^<]{1,20})</v>"
)
_NUL = re.compile(rb"&#(?:0+|x0+);")


def open_workbook(file: BinaryIO, size: int, *, columns: int, unpacked: int, ratio: int, memory: int) -> Table:
    """Checks the zip, then reads the first visible worksheet that holds something. Raises `Problem`."""
    try:
        with zipfile.ZipFile(file) as archive:
            kind = _check_archive(archive, size, unpacked, ratio)
            places = _worksheet_paths(archive) if kind == "xlsx" else {}
            return _open_first(file, archive, kind, places, columns, memory)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError, KeyError) as error:
        raise Problem("corrupt") from error


def _check_archive(archive: zipfile.ZipFile, size: int, unpacked: int, ratio: int) -> str:
    entries = archive.infolist()
    names = {entry.filename.lower() for entry in entries}
    if len(entries) > ENTRIES:
        raise Problem("too_many_entries", found=len(entries))
    if len(names) < len(entries):
        raise Problem("corrupt")
    total = sum(entry.file_size for entry in entries)
    if total > unpacked or (total > SMALL and total > ratio * size):
        raise Problem("zip_bomb", size=megabytes(total), packed=megabytes(size))
    if any(entry.flag_bits & 1 for entry in entries):
        raise Problem("encrypted")
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise Problem("xlsb")
    if "mimetype" in names and b"opendocument.spreadsheet" in _read(archive, "mimetype", 200):
        if b"encryption-data" in _read(archive, "META-INF/manifest.xml", 1 << 20):
            raise Problem("encrypted")
        return "ods"
    raise Problem("not_spreadsheet")


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    for entry in archive.infolist():
        if entry.filename.lower() == name.lower():
            with archive.open(entry) as part:
                return part.read(most)
    return b""


def _worksheet_paths(archive: zipfile.ZipFile) -> dict[str, str]:
    """Worksheet name → its entry in the zip, as the workbook's own two small files say. Empty where they say
    nonsense.
    """
    targets = {
        item.get("Id", ""): item.get("Target", "")
        for item in _elements(_read(archive, "xl/_rels/workbook.xml.rels", 4 << 20), "Relationship")
    }
    entries = {entry.filename.lower(): entry.filename for entry in archive.infolist()}
    paths: dict[str, str] = {}
    for item in _elements(_read(archive, "xl/workbook.xml", 16 << 20), "sheet"):
        key = next((value for name, value in item.items() if name.endswith(":id")), "")
        target = targets.get(key, "")
        path = target[1:] if target.startswith("/") else "xl/" + target
        if entry := entries.get(path.lower()):
            paths[item.get("name", "")] = entry
    return paths


def _elements(xml: bytes, wanted: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == wanted:
            found.append(attributes)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        return []
    return found


def _open_first(
    file: BinaryIO, archive: zipfile.ZipFile, kind: str, places: dict[str, str], columns: int, memory: int
) -> Table:
    import python_calamine as calamine

    try:
        file.seek(0)
        book = calamine.CalamineWorkbook.from_filelike(file)
        visible = [
            meta.name
            for meta in book.sheets_metadata
            if meta.visible == calamine.SheetVisibleEnum.Visible and meta.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        for name in visible:
            errors: dict[int, list[tuple[int, str]]] = {}
            if name in places:
                errors = _look_over(archive, places[name], columns, memory)
            sheet = book.get_sheet_by_name(name)
            if sheet.start is None:
                continue
            rows = _rows(sheet, errors)
            head = next(((line, cells) for line, cells in rows if not all(map(is_blank, cells))), None)
            if head is None:
                continue
            header = Header(head[1], line=head[0], limit=columns, offset=sheet.start[1], letters=True)
            return Table(
                kind=kind,
                header=header,
                batches=_checked(rows, header, sheet),
                worksheet=name,
                other_worksheets=[other for other in visible if other != name],
            )
    except calamine.PasswordError as error:
        raise Problem("encrypted") from error
    except calamine.CalamineError as error:
        raise Problem("corrupt") from error
    raise Problem("empty")


def _look_over(archive: zipfile.ZipFile, path: str, columns: int, memory: int) -> dict[int, list[tuple[int, str]]]:
    """Refuses a worksheet whose filled cells span more than memory holds; gives the cells that show an error.

    The parser makes one rectangle from the first filled cell to the last, so one cell in the far corner costs
    550 GB. It also turns `#N/A` into nothing, where a person sees `#N/A`: {row: [(column, text)]}.
    """
    errors: dict[int, list[tuple[int, str]]] = {}
    letters: set[bytes] = set()
    last_row = 0
    rest = b""
    with archive.open(path) as part:
        while chunk := part.read(_CHUNK):
            chunk = rest + chunk
            if _NUL.search(chunk):
                raise Problem("nul")
            # The last cell may be cut in two: it is looked at again with the next chunk.
            cut = chunk.rfind(b"<c ")
            rest = chunk[cut:] if cut > 0 and len(chunk) - cut < _CHUNK else chunk[-1000:]
            if filled := _FILLED.findall(chunk):
                letters.update(letter for letter, _ in filled)
                last_row = max(last_row, max(int(row) for _, row in filled))
            if b't="e"' in chunk:
                for letter, row, text in _ERROR.findall(chunk):
                    place = (column_number(letter.decode()), text.decode("utf-8", "replace"))
                    if place not in errors.setdefault(int(row), []):
                        errors[int(row)].append(place)
    if letters:
        last = max(letters, key=lambda letter: (len(letter), letter)).decode()
        if column_number(last) * last_row * CELL_MEMORY > memory:
            raise Problem("far_cell", place=last, line=last_row)
        if column_number(last) > columns:
            raise Problem("too_many_columns", found=column_number(last), limit=columns)
    return errors


def _rows(sheet: Any, errors: dict[int, list[tuple[int, str]]]) -> Iterator[tuple[int, list[Any]]]:
    offset = sheet.start[1] + 1
    for line, row in enumerate(sheet.iter_rows(), 1):
        for column, text in errors.get(line, ()):
            if 0 <= column - offset < len(row):
                row[column - offset] = text
        yield line, [_plain(cell) for cell in row]


def _plain(cell: Any) -> Any:
    """As the parent shall see it: None, text, bool, whole number, number with a fraction, date, moment, time
    or span.
    """
    kind = type(cell)
    if kind is str:
        return cell or None
    if kind is float:
        if not math.isfinite(cell):
            return str(cell)
        if cell.is_integer() and abs(cell) < 1e15:
            return int(cell)
        return float(f"{cell:.15g}")  # the digits a spreadsheet program shows: 0.1 + 0.2 is 0.3 there
    if isinstance(cell, date | time | timedelta):
        return tag(cell)
    return cell


def _checked(rows: Iterator[tuple[int, list[Any]]], header: Header, sheet: Any) -> Iterator[tuple[Batch, int]]:
    most = max(1, min(BATCH_ROWS, BATCH_CELLS // max(1, sheet.width)))
    width = header.width
    height = max(1, sheet.total_height)
    batch = Batch()
    size = 0
    for line, cells in rows:
        if all(map(is_blank, cells)):
            continue
        texts = [cell for cell in cells if type(cell) is str]
        size += sum(map(len, texts))
        if (at := header.unnamed(cells)) is not None:
            batch.refuse(line, "unnamed_column", [_shown(cell) for cell in cells], **header.where(at))
        elif any(len(text) > LONGEST_CELL for text in texts):
            batch.refuse(line, "long_cell", [_shown(cell) for cell in cells])
        elif any("\0" in text for text in texts):
            batch.refuse(line, "nul_cell", [_shown(cell) for cell in cells])
        else:
            batch.lines.append(line)
            batch.rows.append(cells[:width])
        if len(batch) >= most or size > BATCH_TEXT:
            yield batch, min(100, line * 100 // height)
            batch = Batch()
            size = 0
    yield batch, 100


def _shown(cell: Any) -> Any:
    """A cell of a bad line: no NUL, and not longer than any cell may be."""
    return cell[:LONGEST_CELL].replace("\0", "\ufffd") if isinstance(cell, str) else cell
