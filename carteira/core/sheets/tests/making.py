"""Workbooks made by hand, byte by byte, as programs and attackers make them."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from carteira.core.sheets.header import column_letters

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_STYLES = "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 22))  # general, a date, a moment
_DATE_STYLE = f'<styleSheet xmlns="{_MAIN}"><cellXfs>{_STYLES}</cellXfs></styleSheet>'


def zipped(parts: dict[str, bytes | str]) -> bytes:
    """A deflated zip with these entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def xlsx_parts(sheets: dict[str, str], *, hidden: Iterable[str] = ()) -> dict[str, bytes | str]:
    """The entries of an XLSX; each sheet is given as the XML of its rows."""
    names = list(sheets)
    states = ["hidden" if name in hidden else "visible" for name in names]
    entries = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}" state="{states[at - 1]}"/>'
        for at, name in enumerate(names, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{at}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, len(names) + 1)
    )
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{entries}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
        f'<Relationship Id="rIdS" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _DATE_STYLE,
    }
    for at, rows in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{at}.xml"] = f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    return parts


def xlsx(rows: str, **others: str) -> bytes:
    """An XLSX whose first sheet has these rows."""
    return zipped(xlsx_parts({"Clientes": rows, **others}))


def row(number: int, *cells: object, first_column: int = 1) -> str:
    """A row of texts, numbers and blanks (None), or of ready XML attributes and content as a pair."""
    xml = ""
    for column, cell in enumerate(cells, first_column):
        place = f"{column_letters(column)}{number}"
        match cell:
            case None:
                continue
            case str():
                xml += f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
            case (attributes, content):
                xml += f'<c r="{place}" {attributes}>{content}</c>'
            case _:
                xml += f'<c r="{place}"><v>{cell}</v></c>'
    return f'<row r="{number}">{xml}</row>'


def far_corner(quote: str = '"') -> bytes:
    """One cell in the last place a sheet has; with the other kind of quote, a look at the XML does not find
    it.
    """
    return xlsx(row(1, "nome") + f"<row r={quote}1048576{quote}><c r={quote}XFD1048576{quote}><v>1</v></c></row>")


def ods(rows: str, **parts: bytes | str) -> bytes:
    """An ODS whose first sheet has these rows, as XML."""
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{office}manifest:1.0"/>',
            "content.xml": f'<office:document-content xmlns:office="{office}office:1.0" '
            f'xmlns:table="{office}table:1.0" xmlns:text="{office}text:1.0"><office:body><office:spreadsheet>'
            f'<table:table table:name="Clientes">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
            **parts,
        }
    )


def bomb(parts: dict[str, bytes | str], name: str, size: int, *, said: int | None = None) -> bytes:
    """The zip with one more entry that unpacks to `size` zero bytes, and that may say it is smaller.

    One compressed megabyte is repeated, so that making a gigabyte takes no time.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    megabyte = b"0" * (1 << 20)
    block = packer.compress(megabyte) + packer.flush(zlib.Z_FULL_FLUSH)
    data = block * (size >> 20) + packer.flush()
    checksum = 0
    for _ in range(size >> 20):
        checksum = zlib.crc32(megabyte, checksum)
    numbers = struct.pack("<IIIHH", checksum, len(data), size if said is None else said, len(name), 0)
    local = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0" + numbers + name.encode()
    rest = zipped(parts)
    directory_at = struct.unpack("<I", rest[-6:-2])[0]
    entries = struct.unpack("<H", rest[-12:-10])[0]
    central = b"PK\x01\x02\x14\0\x14\0\0\0\x08\0\0\0\0\0" + numbers + bytes(10)
    central += struct.pack("<I", directory_at) + name.encode()
    directory = rest[directory_at:-22] + central
    moved = directory_at + len(local) + len(data)
    end = b"PK\x05\x06\0\0\0\0" + struct.pack("<HHIIH", entries + 1, entries + 1, len(directory), moved, 0)
    return rest[:directory_at] + local + data + directory + end
