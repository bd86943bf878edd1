"""The same import from spreadsheets and odd text files, and hostile ones through the engine."""

import csv
import io
from datetime import date, datetime

import pytest
import xlsxwriter

from carteira.billing.models import Invoice, Payment
from carteira.core.sheets.errors import SheetError
from carteira.core.walls import scope
from carteira.customers.models import Customer


def workbook(path, rows):
    with xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet("Dados")
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(at, column, datetime.combine(cell, datetime.min.time()))
                elif cell is not None:
                    sheet.write(at, column, cell)
    return path


def test_a_spreadsheet_says_what_its_cells_are(cast, importer, tmp_path):
    """Numbers, dates and texts come typed: nothing is ambiguous, lost zeros of a CPF come back, lines are the sheet's."""
    file = workbook(
        tmp_path / "clientes.xlsx",
        [
            ["Código", "Nome", "CPF", "Cliente desde"],
            [1, "Ana", 52998224725, date(2024, 5, 31)],
            ["002", "Bia", 1234567890, None],  # 012.345.678-90
            [3, "Carla", "not one", None],
        ],
    )
    report = importer(cast.aurora, "customers", file, language="pt-br")
    assert report.counts == (2, 0, 0, 1)
    assert list(report.refused) == [4]
    with scope(cast.aurora.pk):
        ana, bia = Customer.objects.order_by("number")
        assert (ana.code, ana.document, ana.registered_on) == ("1", "52998224725", date(2024, 5, 31))
        assert (bia.code, bia.document) == ("002", "01234567890")
    file = workbook(
        tmp_path / "pagamentos.xlsx",
        [
            ["Código", "Pago em", "Valor", "Identificador externo"],
            [1, date(2026, 10, 5), 1234.5, 7700123],
            [1, date(2026, 10, 6), 1234, None],
            [1, date(2026, 10, 6), "1.234", None],
            [1, 45000, 10, None],
        ],
    )
    for counts in ((2, 0, 0, 2), (0, 0, 2, 2)):
        report = importer(cast.aurora, "payments", file, language="pt-br")
        assert report.counts == counts
        assert sorted(report.refused) == [4, 5]
    with scope(cast.aurora.pk):
        assert sorted(Payment.objects.values_list("amount", "external_id")) == [(123400, ""), (123450, "7700123")]


def test_old_encodings_quoted_semicolons_and_lines_in_cells(cast, importer):
    report = importer(
        cast.aurora,
        "customers",
        'código;nome;cidade\r\n1;"Conceição; a ""boa""\r\nde Sá";São Paulo\r\n2;José;"Jundiaí"\r\n'.encode("cp1252"),
        language="pt-br",
    )
    assert report.counts == (2, 0, 0, 0)
    with scope(cast.aurora.pk):
        assert list(Customer.objects.order_by("code").values_list("name", "city")) == [
            ('Conceição; a "boa" de Sá', "São Paulo"),
            ("José", "Jundiaí"),
        ]


def test_one_bad_line_takes_no_other_with_it(cast, importer):
    report = importer(
        cast.aurora, "customers", b"code,name\n1,Ana\n2,Bia,too,many\n3\n4,\xff\xfe\n5,Eva\n6,A\x0bB\n", language="en"
    )
    with scope(cast.aurora.pk):
        imported = set(Customer.objects.values_list("code", flat=True))
    assert {"1", "5"} <= imported
    assert {3, 4} <= set(report.refused)
    assert report.record.rows == 6


def test_refused_lines_can_be_corrected_and_imported(cast, importer):
    """The file of refused lines is a sheet itself: its two first columns are known and left out."""
    report = importer(cast.aurora, "customers", "code,name,email\n1,=1+1,a@x.br\n2,Bia,nope\n", language="en")
    assert report.counts == (1, 0, 0, 1)
    rows = report.refused_rows
    rows[1][rows[0].index("email")] = "bia@x.br"
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    again = importer(cast.aurora, "customers", text.getvalue(), language="en")
    assert again.counts == (1, 0, 0, 0)
    assert set(again.record.mapping) == {"code", "name", "email"}
    with scope(cast.aurora.pk):
        assert sorted(Customer.objects.values_list("name", flat=True)) == ["=1+1", "Bia"]


def test_long_numbers_and_texts_are_refused_not_cut(cast, importer, make_customer):
    make_customer(cast.aurora, "Ana", code="1")
    report = importer(
        cast.aurora,
        "invoices",
        "code,invoice number,amount,due date,description\n"
        f"1,{'9' * 41},5,2026-12-01,\n1,1,{'9' * 13},2026-12-01,\n1,2,5,2026-12-01,{'x' * 301}\n"
        f"{'1' * 81},3,5,2026-12-01,\n1,4,5,99999-12-01,\n1,5,999999999999.99,2026-12-01,{'x' * 300}\n",
    )
    assert report.counts == (1, 0, 0, 5)
    with scope(cast.aurora.pk):
        assert Invoice.objects.get().amount == 99999999999999


@pytest.mark.parametrize("content", [b"code\n" + b"1\n" * 3 + b'"never closed', b"code,name\n\n\n1,Ana\n"])
def test_strange_ends_and_gaps(cast, importer, content):
    report = importer(cast.aurora, "customers", content)
    assert report.record.rows == sum(report.counts)


def test_hostile_spreadsheets_are_refused_whole(cast, importer):
    """The far corner and the zip bomb end in a sentence, before anything is written."""
    from carteira.core.sheets.tests.making import bomb, far_corner, row, xlsx_parts

    hostile = [
        far_corner(),
        bomb(xlsx_parts({"a": row(1, "code") + row(2, "1")}), "xl/worksheets/sheet2.xml", 900_000_000),
    ]
    for content in hostile:
        with pytest.raises(SheetError) as refused:
            importer(cast.aurora, "customers", content)
        assert str(refused.value)
    with scope(cast.aurora.pk):
        assert not Customer.objects.exists()
