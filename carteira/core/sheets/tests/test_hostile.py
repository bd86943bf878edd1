"""Issue "Bad input and faults": files that are not what they say, and files made to hurt. reliability 2.5."""

import io
import os
import random
import string
import time
import zipfile
import zlib

import pytest
from django.utils import translation

from carteira.core.sheets.errors import FILE_MESSAGES
from carteira.core.sheets.reader import Limits, SheetError, open_sheet

from .making import bomb, far_corner, ods, row, xlsx, xlsx_parts, zipped

GIGABYTE = 1 << 30


def refused(path, **limits):
    with pytest.raises(SheetError) as caught, open_sheet(path, limits=Limits(**limits)) as sheet:
        for _ in sheet:
            pass
    with translation.override("en"):
        assert "{" not in str(caught.value)
    return caught.value


def outcome(path) -> str:
    try:
        with open_sheet(path) as sheet:
            for _ in sheet:
                pass
    except SheetError as error:
        return error.code
    return "rows"


# --- not what they say


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7\n...", "binary_of"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "binary_of"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "binary_of"),
        (b"{\\rtf1 x;y}", "binary_of"),
        (zlib.compress(random.Random(1).randbytes(50_000)), "binary"),
        (b"\x01\x02\x03\x04\x05" * 3, "binary"),
        (random.Random(2).randbytes(50_000).replace(b"\0", b"\1"), "binary"),
        (b"<!DOCTYPE html><html><table><tr><td>nome</td></tr></table></html>", "html"),
        (b"\xef\xbb\xbf \r\n<html>", "html"),
        ("<table>".encode("utf-16"), "html"),
        (b'<?xml version="1.0"?><Workbook>', "html"),
        (b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n", "html"),
        (b"\x09\x08\x10\x00\x00\x06\x05\x00", "xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000) + "Workbook".encode("utf-16-le"), "xls"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000) + "EncryptedPackage".encode("utf-16-le"),
            "encrypted",
        ),
        (b"PK\x03\x04 not a zip at all", "corrupt"),
        (zipped({"word/document.xml": "<x/>"}), "not_spreadsheet"),
        (
            zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}),
            "not_spreadsheet",
        ),
        (zipped({}), "not_spreadsheet"),
        (zipped({"xl/workbook.bin": "x"}), "xlsb"),
    ],
    # Packed files hold the time: named by it, tests would be called otherwise in each process.
    ids=lambda value: value if isinstance(value, str) else "file",
)
@pytest.mark.parametrize("name", ["a.csv", "a.xls", "a.xlsx"])
def test_other_kinds_of_files_are_told_whatever_their_name(write, content, code, name):
    assert refused(write(name, content)).code == code


def test_an_xlsx_named_csv_is_read(write):
    with open_sheet(write("a.csv", xlsx(row(1, "nome") + row(2, "Ana")))) as sheet:
        assert sheet.kind == "xlsx"
        assert list(sheet) == [[(2, ["Ana"])]]


def test_truncated_at_every_kind_of_place(write):
    whole = xlsx(row(1, "nome", "x") + "".join(row(i, f"Ana {i}", i) for i in range(2, 200)))
    for cut in (5, 100, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        assert refused(write("a.xlsx", whole[:cut])).code == "corrupt"


def test_single_bytes_turned_over_crash_nothing(write):
    """Whatever comes out, it is rows or a sentence."""
    whole = xlsx(row(1, "nome", "x") + "".join(row(i, f"Ana {i}", i) for i in range(2, 50)))
    chance = random.Random(3)
    for _ in range(15):
        broken = bytearray(whole)
        for _ in range(3):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        assert outcome(write("a.xlsx", bytes(broken))) in {"rows", *FILE_MESSAGES}


def test_broken_xml(write):
    parts = xlsx_parts({"A": row(1, "nome")})
    parts["xl/worksheets/sheet1.xml"] = "<worksheet><sheetData><row r='1'><c r='A1'><v>1</row>"
    assert refused(write("a.xlsx", zipped(parts))).code == "corrupt"
    parts["xl/workbook.xml"] = "<workbook"
    assert refused(write("a.xlsx", zipped(parts))).code in {"corrupt", "empty"}


def test_entities_do_not_grow(write):
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    parts = xlsx_parts({"A": ""})
    parts["xl/worksheets/sheet1.xml"] = (
        f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><worksheet><sheetData><row r="1">'
        '<c r="A1" t="inlineStr"><is><t>&l11;</t></is></c></row></sheetData></worksheet>'
    )
    started = time.monotonic()
    assert refused(write("a.xlsx", zipped(parts))).code in {"corrupt", "empty"}
    parts["xl/workbook.xml"] = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><workbook>&l11;</workbook>'
    assert refused(write("a.xlsx", zipped(parts))).code in {"corrupt", "empty"}
    assert time.monotonic() - started < 10


def test_entries_twice_and_entries_with_a_password(write):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in xlsx_parts({"A": row(1, "nome")}).items():
            archive.writestr(name, content)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("xl/workbook.xml", "<x/>")
    assert refused(write("a.xlsx", out.getvalue())).code == "corrupt"
    locked = bytearray(xlsx(row(1, "nome")))
    at = locked.find(b"PK\x01\x02")
    locked[at + 8] |= 1
    assert refused(write("a.xlsx", bytes(locked))).code == "encrypted"


def test_encrypted_ods(write):
    manifest = "<manifest:manifest><manifest:encryption-data/></manifest:manifest>"
    assert refused(write("a.ods", ods("", **{"META-INF/manifest.xml": manifest}))).code == "encrypted"


# --- made to hurt


def test_far_corner(write):
    """reliability 2.5: 1.7 kB that make the parser ask for 550 GB."""
    content = far_corner()
    assert len(content) < 3000
    error = refused(write("a.xlsx", content))
    assert (error.code, error.line, error.params["place"]) == ("far_cell", 1_048_576, "XFD")


def test_far_corner_hidden_from_a_look_at_the_xml(write):
    """The parser aborts its process; the parent tells it as a sentence."""
    assert refused(write("a.xlsx", far_corner("'"))).code == "memory"


def test_a_far_cell_with_nothing_but_a_format_is_fine(write):
    rows = row(1, "nome") + row(2, "Ana") + '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    with open_sheet(write("a.xlsx", xlsx(rows))) as sheet:
        assert list(sheet) == [[(2, ["Ana"])]]


def test_a_far_cell_in_another_sheet_is_fine(write):
    other = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    with open_sheet(write("a.xlsx", xlsx(row(1, "nome") + row(2, "Ana"), Rascunho=other))) as sheet:
        assert list(sheet) == [[(2, ["Ana"])]]


@pytest.mark.parametrize(
    ("rows", "columns", "code"),
    [(40_000, 1638, "memory"), (1_048_575, 16_383, "corrupt")],  # the parser itself refuses the real corner
)
def test_far_corner_of_an_ods(write, rows, columns, code):
    cell = '<table:table-cell office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>'
    far = (
        f'<table:table-row table:number-rows-repeated="{rows}">'
        f'<table:table-cell table:number-columns-repeated="{columns}"/>'
        f"{cell}</table:table-row>"
    )
    content = ods(f"<table:table-row>{cell}</table:table-row>{far}")
    assert refused(write("a.ods", content), memory_bytes=200_000_000).code == code


@pytest.mark.parametrize("repeat", ["4294967295", "18446744073709551615"])
def test_ods_that_repeats_a_cell_for_ever(write, repeat):
    cell = f'<table:table-cell table:number-columns-repeated="{repeat}" office:value-type="float" office:value="1"/>'
    assert refused(write("a.ods", ods(f"<table:table-row>{cell}</table:table-row>"))).code in {
        "memory",
        "corrupt",
        "crashed",
        "too_many_columns",
        "no_header",
    }


def test_a_gigabyte_of_nothing(write):
    content = bomb(xlsx_parts({"A": row(1, "nome")}), "xl/sharedStrings.xml", GIGABYTE)
    assert len(content) < 2_000_000
    started = time.monotonic()
    error = refused(write("a.xlsx", content))
    assert error.code == "zip_bomb"
    assert error.params["size"] > 1000
    assert time.monotonic() - started < 5


def test_bomb_below_the_size_but_beyond_the_ratio(write):
    content = bomb(xlsx_parts({"A": row(1, "nome")}), "xl/media/x.bin", 100 << 20)
    assert refused(write("a.xlsx", content)).code == "zip_bomb"


@pytest.mark.parametrize("name", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
def test_a_bomb_that_lies_about_its_size(write, name):
    parts = xlsx_parts({"A": row(1, "nome")})
    parts.pop(name, None)
    content = bomb(parts, name, GIGABYTE, said=1000)
    assert refused(write("a.xlsx", content)).code in {"memory", "corrupt", "cpu", "crashed"}


def test_too_many_parts(write):
    parts = xlsx_parts({"A": row(1, "nome")}) | {f"x/{i}": "" for i in range(10_001)}
    assert refused(write("a.xlsx", zipped(parts))).code == "too_many_entries"


def test_ten_thousand_columns_in_a_sheet(write):
    header = row(1, *(f"c{i}" for i in range(10_000)))
    error = refused(write("a.xlsx", xlsx(header)))
    assert (error.code, error.params["found"]) == ("too_many_columns", 10_000)


def test_memory_limit(write):
    content = xlsx(
        row(1, *(f"c{i}" for i in range(20))) + "".join(row(i, *(f"Ana Maria {i}",) * 20) for i in range(2, 20_000))
    )
    assert refused(write("a.xlsx", content), memory_bytes=50_000_000).code == "memory"


def test_processor_time_limit(write):
    path = write("a.csv", b"a,b\n" + b'"1",2\n' * 10_000_000)
    assert refused(path, cpu_seconds=1).code == "cpu"


def test_text_that_unpacks_to_much_more(write):
    """A million references to one long shared text."""
    text = "x" * 1_000_000
    parts = xlsx_parts({"A": row(1, "nome") + "".join(row(i, ('t="s"', "<v>0</v>")) for i in range(2, 5000))})
    parts["xl/sharedStrings.xml"] = (
        f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{text}</t></si></sst>'
    )
    parts["xl/_rels/workbook.xml.rels"] = str(parts["xl/_rels/workbook.xml.rels"]).replace(
        '<Relationship Id="rIdS"',
        '<Relationship Id="rIdT" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" '
        'Target="sharedStrings.xml"/><Relationship Id="rIdS"',
    )
    assert refused(write("a.xlsx", zipped(parts)), memory_bytes=200_000_000).code == "memory"


def test_random_bytes_and_random_text(write):
    chance = random.Random(4)
    for size in (1, 2, 3, 10, 1000, 100_000):
        for content in (
            chance.randbytes(size),
            "".join(chance.choices(string.printable, k=size)).encode(),
            ("".join(chance.choices('",;\n\r\t x', k=size))).encode(),
        ):
            assert outcome(write("a.csv", content)) in {"rows", *FILE_MESSAGES}


def test_every_file_message_can_be_said():
    params = dict.fromkeys(("size", "limit", "what", "name", "first", "place", "found", "packed"), "x")
    for code in FILE_MESSAGES:
        error = SheetError(code, line=3, **params)
        assert "{" not in str(error)
        assert "3" in str(error)


def test_unreadable(write):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path = write("a.csv", "nome\n")
    path.chmod(0)
    assert refused(path).code == "unreadable"
