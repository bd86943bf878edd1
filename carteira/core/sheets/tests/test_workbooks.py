"""Issue "Import": XLSX and ODS, and what their cells are."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
import xlsxwriter

from carteira.core.sheets.reader import BadLine, SheetError, open_sheet

from .making import ods, row, xlsx, xlsx_parts, zipped


def read(path):
    with open_sheet(path) as sheet:
        return [item for batch in sheet for item in batch]


def test_a_number_is_told_from_a_text_that_looks_like_one(tmp_path):
    """Issue "Bad input": amounts `1,234` typed as text stay text; the cell 1234 is a number."""
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Pagamentos")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    clock = book.add_format({"num_format": "hh:mm"})
    span = book.add_format({"num_format": "[h]:mm"})
    sheet.write_row(0, 0, ["texto", "inteiro", "valor", "dia", "quando", "hora", "duração", "sim", "nada", "cpf"])
    sheet.write_string(1, 0, "1,234")
    sheet.write_number(1, 1, 1234)
    sheet.write_number(1, 2, 1234.56)
    sheet.write_datetime(1, 3, datetime(2024, 1, 31, tzinfo=None), day)  # noqa: DTZ001
    sheet.write_datetime(1, 4, datetime(2024, 1, 31, 10, 30), moment)  # noqa: DTZ001
    sheet.write_datetime(1, 5, time(10, 30), clock)
    sheet.write_number(1, 6, 1.5, span)
    sheet.write_boolean(1, 7, True)
    sheet.write_blank(1, 8, None, day)
    sheet.write_number(1, 9, 52998224725)
    book.close()
    [(line, cells)] = read(path)
    assert line == 2
    assert cells == [
        "1,234",
        1234,
        Decimal("1234.56"),
        date(2024, 1, 31),
        datetime(2024, 1, 31, 10, 30),  # noqa: DTZ001
        time(10, 30),
        timedelta(hours=36),
        True,
        None,
        52998224725,
    ]
    assert [type(cell) for cell in cells[:4]] == [str, int, Decimal, date]
    assert not any(isinstance(cell, float) for cell in cells)


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("0.30000000000000004", Decimal("0.3")),
        ("100.10000000000001", Decimal("100.1")),
        ("-10.5", Decimal("-10.5")),
        ("1E3", 1000),
        ("0", 0),
        ("-0", 0),
        ("123456789012345", 123456789012345),
        ("12345678901234567890", Decimal("1.23456789012346E+19")),
        ("1E300", Decimal("1E+300")),
        ("1E-7", Decimal("1E-7")),
    ],
)
def test_numbers_are_what_the_spreadsheet_shows(write, written, seen):
    [(_, [_, number])] = read(write("a.xlsx", xlsx(row(1, "nome", "n") + row(2, "Ana", ("", f"<v>{written}</v>")))))
    assert number == seen
    assert str(number) == str(seen)


def test_dates_of_a_1904_workbook(write):
    parts = xlsx_parts({"A": row(1, "dia") + row(2, ('s="1"', "<v>366</v>"))})
    parts["xl/workbook.xml"] = str(parts["xl/workbook.xml"]).replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    assert read(write("a.xlsx", zipped(parts))) == [(2, [date(1905, 1, 1)])]


def test_errors_are_the_text_a_person_sees(write):
    """A failed formula in a column that is not imported must not cost the line; in an amount it is refused as
    text.
    """
    rows = row(1, "nome", "valor", "x") + row(
        3, "Ana", ('t="e"', "<v>#N/A</v>"), ('s="1" t="e"', "<f>1/0</f><v>#DIV/0!</v>")
    )
    assert read(write("a.xlsx", xlsx(rows))) == [(3, ["Ana", "#N/A", "#DIV/0!"])]


def test_errors_when_the_table_does_not_begin_at_a1(write):
    rows = row(5, "nome", "valor", first_column=3) + row(7, "Ana", ('t="e"', "<v>#REF!</v>"), first_column=3)
    assert read(write("a.xlsx", xlsx(rows))) == [(7, ["Ana", "#REF!"])]


def test_formulas_give_their_value(write):
    rows = row(1, "nome", "n") + row(2, ('t="str"', "<f>A1</f><v>Ana</v>"), ("", "<f>1+1</f><v>2</v>"))
    assert read(write("a.xlsx", xlsx(rows))) == [(2, ["Ana", 2])]


def test_lines_are_those_of_the_sheet(write):
    rows = row(3, "nome", "x", first_column=2) + row(5, "Ana", 1, first_column=2) + row(9, "Beto", 0, first_column=2)
    with open_sheet(write("a.xlsx", xlsx(rows))) as sheet:
        assert sheet.header == ["nome", "x"]
        assert list(sheet) == [[(5, ["Ana", 1]), (9, ["Beto", 0])]]


def test_blank_rows_and_blank_ends(write):
    rows = row(1, "nome", "x") + row(2, "  ") + row(3, "Ana") + row(4, None, None, "  ")
    assert read(write("a.xlsx", xlsx(rows))) == [(3, ["Ana", None])]


def test_the_first_visible_sheet_that_holds_something(write):
    parts = xlsx_parts(
        {
            "Segredo": row(1, "x"),
            "Vazia": "",
            "Só formato": '<row r="1"><c r="A1" s="1"/></row>',
            'R&D "x"': row(1, "nome") + row(2, "Ana"),
            "Outra": row(1, "y"),
        },
        hidden=["Segredo"],
    )
    with open_sheet(write("a.xlsx", zipped(parts))) as sheet:
        assert (sheet.kind, sheet.encoding, sheet.delimiter) == ("xlsx", None, None)
        assert sheet.worksheet == 'R&D "x"'
        assert sheet.other_worksheets == ["Vazia", "Só formato", "Outra"]
        assert list(sheet) == [[(2, ["Ana"])]]


def refused(path):
    with pytest.raises(SheetError) as caught:
        read(path)
    return caught.value


def test_empty_workbook(write):
    assert refused(write("a.xlsx", xlsx(""))).code == "empty"
    assert refused(write("b.xlsx", xlsx(row(1, " ", "")))).code == "empty"
    assert refused(write("c.ods", ods(""))).code == "empty"


def test_headers_of_a_sheet(write):
    error = refused(write("a.xlsx", xlsx(row(2, "Nome", "x", "nome", first_column=2))))
    assert (error.code, error.line, error.column, error.params["place"]) == ("duplicated_header", 2, 4, "D")
    error = refused(write("b.xlsx", xlsx(row(1, "nome", None, "x") + row(2, "Ana", 5, 1))))
    assert (error.code, error.line, error.params["place"]) == ("missing_header", 2, "B")
    error = refused(write("c.xlsx", xlsx(row(1, "nome") + row(2, "Ana", "solto"))))
    assert (error.code, error.params["place"]) == ("missing_header", "B")
    assert refused(write("d.xlsx", xlsx(row(1, 1, 2) + row(2, "Ana", 1)))).code == "no_header"


def test_a_stray_cell_far_down_is_a_bad_line(write):
    rows = row(1, "nome") + "".join(row(i, "Ana") for i in range(2, 1500)) + row(1500, "Beto", "solto")
    assert read(write("a.xlsx", xlsx(rows)))[-1] == BadLine(
        1500, "unnamed_column", ["Beto", "solto"], {"column": 2, "place": "B"}
    )


def test_numbers_as_column_names(write):
    with open_sheet(write("a.xlsx", xlsx(row(1, "nome", 2024) + row(2, "Ana", 1)))) as sheet:
        assert sheet.header == ["nome", "2024"]


def test_nul_in_a_sheet(write):
    rows = row(1, "nome") + '<row r="2"><c r="A2" t="inlineStr"><is><t>A&#0;na</t></is></c></row>'
    assert refused(write("a.xlsx", xlsx(rows))).code == "nul"


def test_long_texts_come_in_small_batches(write):
    """However long the texts are, no batch is larger than the parent takes."""
    long = "á" * 900_000
    rows = row(1, "nome", "x") + "".join(row(i, long, i) for i in range(2, 22)) + row(22, long * 2, 22)
    with open_sheet(write("a.xlsx", xlsx(rows))) as sheet:
        batches = list(sheet)
    assert max(map(len, batches)) <= 5
    items = [item for batch in batches for item in batch]
    assert [cells for _, cells in items[:-1]] == [[long, i] for i in range(2, 22)]
    assert (items[-1].line, items[-1].code, len(items[-1].cells[0])) == (22, "long_cell", 1_000_000)


def test_sheet_larger_than_one_look(write):
    """Cells are found wherever the pieces of the file are cut."""
    rows = row(1, "nome", "x") + "".join(
        row(i, f"Ana {'x' * (i % 97)}", ('t="e"', "<v>#N/A</v>") if i % 1000 == 0 else i) for i in range(2, 40_001)
    )
    items = read(write("a.xlsx", xlsx(rows)))
    assert len(items) == 39_999
    assert [line for line, cells in items if cells[1] == "#N/A"] == list(range(1000, 40_001, 1000))


def test_ods(write):
    def cell(kind, text, **values):
        said = "".join(f' office:{key.replace("_", "-")}="{value}"' for key, value in values.items())
        return f'<table:table-cell office:value-type="{kind}"{said}><text:p>{text}</text:p></table:table-cell>'

    names = "".join(cell("string", name) for name in ("nome", "n", "valor", "dia", "quando", "sim"))
    values = (
        cell("string", "1,234")
        + cell("float", "1.234", value="1234")
        + cell("currency", "R$ 1.234,56", value="1234.56")
        + cell("date", "31/01/2024", date_value="2024-01-31")
        + cell("date", "31/01/2024 10:30", date_value="2024-01-31T10:30:00")
        + cell("boolean", "VERDADEIRO", boolean_value="true")
    )
    blank = '<table:table-cell table:number-columns-repeated="16384"/>'
    rows = (
        f"<table:table-row>{blank}</table:table-row><table:table-row>{names}</table:table-row>"
        f'<table:table-row table:number-rows-repeated="3">{blank}</table:table-row>'
        f"<table:table-row>{values}</table:table-row>"
        f'<table:table-row table:number-rows-repeated="1048570">{blank}</table:table-row>'
    )
    with open_sheet(write("a.ods", ods(rows))) as sheet:
        assert (sheet.kind, sheet.worksheet) == ("ods", "Clientes")
        assert list(sheet) == [
            [
                (
                    6,
                    [
                        "1,234",
                        1234,
                        Decimal("1234.56"),
                        date(2024, 1, 31),
                        datetime(2024, 1, 31, 10, 30),  # noqa: DTZ001
                        True,
                    ],
                )
            ]
        ]
