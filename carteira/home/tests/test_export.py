"""Exports: what they hold, that nothing in them runs, that they come back unchanged; who may, and how long they are kept."""

import contextlib
import csv
import io
import json
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carteira.billing.issue import invoice_once
from carteira.billing.models import Payment
from carteira.billing.pay import record_payment, reverse_payment
from carteira.core import dates, people
from carteira.core.events.models import Event
from carteira.core.sheets import mapping as mappings
from carteira.core.sheets.exports import jobs
from carteira.core.sheets.exports.forget import KEPT, discard_all, forget_exports
from carteira.core.sheets.exports.registry import Asking, BadFilter, export_kinds
from carteira.core.sheets.exports.run import write_file
from carteira.core.sheets.exports.start import start_export
from carteira.core.sheets.models import SheetExport
from carteira.core.sheets.reader import open_sheet
from carteira.core.sheets.registry import kinds
from carteira.core.walls import scope
from carteira.customers.archive import archive
from carteira.customers.edit import edit
from carteira.customers.fields import values
from carteira.customers.fields.convert import change_kind
from carteira.customers.fields.define import add_field, change_field
from carteira.customers.fields.fill import fill
from carteira.customers.fields.models import Field, FieldValue, Kind
from carteira.customers.models import Contact, ContactPoint, Customer
from carteira.customers.parts import PARTS, CannotKeep, add
from carteira.customers.register import register
from conftest import NOW, TODAY, examples, undone

LANGUAGES = ("pt-br", "es", "en")
HOSTILE = ("=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", '=HYPERLINK("http://x")', "-2+3+cmd|' /C'!A0")


@pytest.fixture(autouse=True)
def _own_files(tmp_path, settings):
    settings.FILES_ROOT = tmp_path / "files"


def exported(account: Any, kind: str, path: Path, *, language: str = "en", **filter: Any) -> int:
    found = export_kinds.get(kind)
    assert found
    path.unlink(missing_ok=True)
    with translation.override(language):
        with scope(account.pk):
            understood = found.understand(filter, account, NOW)
        return write_file(found, Asking(account, language, NOW, understood), path.suffix[1:], path)


def read(path: Path) -> tuple[list[str], list[list[Any]]]:
    with open_sheet(path) as sheet:
        return sheet.header, [item[1] for items in sheet for item in items]


def test_customers_with_what_the_list_tells(cast, make_customer, tmp_path):
    """S3-06: names, identifiers and life cycle; in the list's order; archived ones only when asked for."""
    make_customer(cast.aurora, "Maria", code="A1", phone="+5511987654321", paid=[(TODAY, 100)])
    make_customer(cast.aurora, "Ana", document_kind="cpf", document="52998224725", registered_on=date(2020, 1, 31))
    gone = make_customer(cast.aurora, "José")
    make_customer(cast.boreal, "TENANT_B_SECRET")
    with scope(cast.aurora.pk):
        archive(gone, by=None, now=NOW)
    path = tmp_path / "c.csv"
    assert exported(cast.aurora, "customers", path) == 2
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["Ana", "Maria"]
    assert (rows[0]["document"], rows[0]["registered on"], rows[0]["life cycle"]) == (
        "529.982.247-25",
        "2020-01-31",
        "Lead",
    )
    assert (rows[1]["phone"], rows[1]["life cycle"], rows[1]["last paid on"]) == (
        "(11) 98765-4321",
        "Active",
        TODAY.isoformat(),
    )
    assert exported(cast.aurora, "customers", path, state="archived") == 1
    assert exported(cast.aurora, "customers", path, q="mar") == 1
    assert exported(cast.aurora, "customers", path, ids=[str(gone.pk)]) == 1
    assert exported(cast.aurora, "customers", path, but=[rows[0]["Carteira id"]]) == 1
    assert exported(cast.aurora, "customers", path, sort="-name") == 2
    assert [row[1] for row in read(path)[1]] == ["Maria", "Ana"]
    assert b"TENANT_B_SECRET" not in path.read_bytes()


def test_customers_of_whoever_is_in_charge(cast, make_customer, tmp_path):
    """S3-06: the list's filter and order by person hold for its export; what names nobody is refused, not ignored."""
    for name, owner in (("Ana", None), ("Bia", cast.sofia), ("Caio", cast.beto), ("Davi", cast.beto)):
        make_customer(cast.aurora, name, owner=owner)
    path = tmp_path / "c.csv"

    def names(**filter):
        exported(cast.aurora, "customers", path, **filter)
        return [row[1] for row in read(path)[1]]

    assert names(owner=str(cast.beto.pk)) == ["Caio", "Davi"]
    assert names(owner="nobody") == ["Ana"]
    assert names(owner=str(cast.dora.pk)) == []
    assert names(sort="owner") == ["Caio", "Davi", "Bia", "Ana"]
    assert names(sort="-owner") == ["Bia", "Davi", "Caio", "Ana"]
    with pytest.raises(BadFilter, match="Nobody is known by that name"):
        names(owner="beto@example.com")


def test_an_empty_account_exports_the_names_of_the_columns(cast, tmp_path):
    for kind in export_kinds:
        for format in ("csv", "xlsx"):
            path = tmp_path / f"{kind.name}.{format}"
            assert exported(cast.aurora, kind.name, path) == 0
            assert path.stat().st_size > 0


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_nothing_in_it_runs(cast, make_customer, tmp_path, format):
    """A8: a text that looks like a formula is text in the file, and comes back as it was."""
    for text in HOSTILE:
        make_customer(cast.aurora, text, code=text)
    path = tmp_path / f"c.{format}"
    exported(cast.aurora, "customers", path)
    header, rows = read(path)
    at = header.index("name")
    assert sorted(row[at] for row in rows) == sorted(HOSTILE)
    if format == "xlsx":
        book = zipfile.ZipFile(path)
        cells = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in cells
        assert "hyperlink" not in cells
    else:
        first = [row[at] for row in csv.reader(io.StringIO(path.read_text("utf-8-sig")))][1:]
        assert all(text.startswith("'") for text in first)


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_columns_are_understood(cast, tmp_path, language):
    """The header of an export maps to the fields of the import, and to no others."""
    for kind in export_kinds:
        sheet_kind = kinds.get(kind.name)
        assert sheet_kind
        with translation.override(language):
            names = {str(column.label): column.name for column in kind.columns}
            assert len(names) == len(kind.columns), "each column has a name of its own"
            guessed = mappings.guess(sheet_kind, list(names))
        same = {label: name for label, name in names.items() if name in sheet_kind.names}
        assert guessed == same


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30) | st.sampled_from(
    HOSTILE
)


def cleaned(clean: Any, text: Any, *more: Any) -> Any:
    try:
        return clean(text, *more)
    except ValidationError:
        return None


PERSON = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Ana", "-10,00", "+55 11 99999-0000", "'Bia", "1.234", "2020-01-01"]) | TEXT,
        "code": st.none() | st.sampled_from(["007", "-10,00", "+5511999990000", "1,5", "TRUE"]) | TEXT,
        "city": st.none() | TEXT,
        "state": st.none() | st.sampled_from(["SP", "RJ"]),
        "phone": st.none() | st.sampled_from(["+5511987654321", "+551133334444", "+5491123456789", "+12025550123"]),
        "email": st.none() | st.sampled_from(["ana@example.com", "bia@example.com"]),
        "document": st.none()
        | st.sampled_from([("cpf", "52998224725"), ("cnpj", "11222333000181"), ("cpf", "11144477735")]),
        "kind": st.sampled_from(["person", "company"]),
        "registered_on": st.dates(date(1901, 1, 1), TODAY),
        "birth_on": st.none() | st.dates(date(1901, 1, 1), TODAY),
        "street": st.none() | st.sampled_from(["Rua A, 10", "=1+1", "1.234"]),
        "postal_code": st.none() | st.sampled_from(["01310100", "50000000"]),
    }
)
WORD = st.sampled_from(["", "casa", "trabalho; (2)", "=1+1", "007"]) | TEXT
PHONE = st.sampled_from(["+5511987654321", "+551133334444", "+12025550123"])
EMAIL = st.sampled_from(["ana@example.com", "b@example.com", "c@example.com"])
CARD = st.fixed_dictionaries(
    {
        "points": st.lists(
            st.tuples(st.just("email"), EMAIL, WORD) | st.tuples(st.just("phone"), PHONE, WORD), max_size=4
        ),
        "contacts": st.lists(
            st.fixed_dictionaries(
                {"name": TEXT, "role": WORD, "email": st.just("") | EMAIL, "phone": st.just("") | PHONE}
            ),
            max_size=4,
        ),
        "owned": st.booleans(),
        # Nobody, the n-th customer, or the first contact.
        "payer": st.none() | st.integers(0, 5) | st.just("contact"),
    }
)


def fill_card(customer: Customer, card: dict[str, Any], everybody: list[Customer], owner: Any) -> None:
    def text(value: str, limit: int) -> str:
        return cleaned(lambda given: people.clean_text(given, limit=limit), value) or ""

    def keep(part: str, **fields: Any) -> None:
        with contextlib.suppress(CannotKeep):
            add(PARTS[part], customer, by=None, now=NOW, **fields)

    for kind, value, label in card["points"]:
        keep("points", kind=kind, value=value, label=text(label, 40))
    for nth, contact in enumerate(card["contacts"]):
        # As the card's form takes it: a name shows something.
        known = {"name": cleaned(people.clean_name, contact["name"]) or "Rita", "role": text(contact["role"], 80)}
        keep("contacts", **contact | known, is_payer=card["payer"] == "contact" and not nth)
    if card["owned"]:
        edit(customer, owner=owner, by=None, now=NOW)
    if isinstance(card["payer"], int) and card["payer"] < len(everybody):
        keep("contacts", other=everybody[card["payer"]], is_payer=True)


def whole_cards() -> list[Any]:
    return [list(model.objects.order_by("id").values()) for model in (Customer, ContactPoint, Contact)]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=examples(5), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people_=st.lists(PERSON, max_size=6), cards=st.lists(CARD, max_size=6))
def test_customers_out_and_in_again_change_nothing(cast, importer, tmp_path, format, language, people_, cards):
    """A8, M14: whatever customers and cards there are, the export imported again is unchanged, line by line."""
    with undone():
        codes: set[str] = set()
        with scope(cast.aurora.pk):
            for person in people_:
                fields = {key: value for key, value in person.items() if value is not None}
                fields["name"] = cleaned(people.clean_name, fields["name"]) or "Ana"
                code = cleaned(lambda text: people.clean_text(text, limit=80), fields.pop("code", "")) or ""
                if code and code not in codes:
                    codes.add(code)
                    fields["code"] = code
                fields["city"] = cleaned(people.clean_city, fields.get("city", "")) or ""
                if document := fields.pop("document", None):
                    fields["document_kind"], fields["document"] = document
                register(cast.aurora, by=None, now=NOW, **fields)
            everybody = list(Customer.objects.order_by("id"))
            for customer, card in zip(everybody, cards, strict=False):
                fill_card(customer, card, everybody, cast.beto)
            before = whole_cards()
        path = tmp_path / f"c.{format}"
        exported(cast.aurora, "customers", path, language=language)
        with translation.override(language):
            report = importer(cast.aurora, "customers", path, language=language)
        assert (report.refused, report.counts) == ({}, (0, 0, len(people_), 0))
        with scope(cast.aurora.pk):
            assert whole_cards() == before


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_money_out_and_in_again_changes_nothing(cast, importer, make_customer, tmp_path, format, language):
    """M4, A8: payments by hand, advances, reversed ones; nobody's payment comes twice."""
    maria = make_customer(
        cast.aurora, "Maria", paid=[(TODAY, 1000), (TODAY, 1000), (TODAY - timedelta(days=9), 123456)]
    )
    with scope(cast.aurora.pk):
        taken = record_payment(maria, amount=500, paid_on=TODAY, method="cash", by=None, now=NOW)
        reverse_payment(taken, amount=200, by=None, now=NOW)
        before = list(Payment.objects.order_by("id").values())
    path = tmp_path / f"p.{format}"
    assert exported(cast.aurora, "payments", path, language=language) == 4
    with translation.override(language):
        report = importer(cast.aurora, "payments", path, language=language)
    assert (report.refused, report.counts) == ({}, (0, 0, 4, 0))
    with scope(cast.aurora.pk):
        assert list(Payment.objects.order_by("id").values()) == before


def test_what_was_changed_in_the_file_comes_back(cast, importer, make_customer, tmp_path):
    """Export, edit, import: our own id finds the customer although name, code and e-mail are others now."""
    maria = make_customer(cast.aurora, "Maria", code="A1", email="maria@example.com")
    path = tmp_path / "c.csv"
    exported(cast.aurora, "customers", path)
    text = path.read_text("utf-8-sig").replace("Maria", "Mariana").replace("A1", "B2").replace("maria@", "mariana@")
    report = importer(cast.aurora, "customers", text)
    assert report.counts == (0, 1, 0, 0)
    with scope(cast.aurora.pk):
        now = Customer.objects.get()
        assert (now.pk, now.name, now.code, now.email) == (maria.pk, "Mariana", "B2", "mariana@example.com")


def test_an_address_abroad_is_told_and_comes_back(cast, importer, make_customer, tmp_path):
    make_customer(cast.aurora, "Maria", country="US", state="California", postal_code="90210")
    path = tmp_path / "c.csv"
    exported(cast.aurora, "customers", path)
    assert "90210, California, US" in path.read_text("utf-8-sig")
    assert importer(cast.aurora, "customers", path).counts == (0, 0, 1, 0)


def test_invoices_out_and_in_again_change_nothing(cast, importer, make_customer, tmp_path):
    """A8: own numbers, scheduled, canceled and paid ones; nobody's invoice comes twice."""
    maria = make_customer(cast.aurora, "Maria", code="A1", paid=[(TODAY, 1000)])
    with scope(cast.aurora.pk):
        for days in (-20, 40):
            invoice_once(
                maria,
                amount=5000,
                due_on=TODAY + timedelta(days=days),
                issue_on=TODAY + timedelta(days=days - 5),
                description="-10,00",
                by=None,
                now=NOW,
            )
    for format in ("csv", "xlsx"):
        path = tmp_path / f"i.{format}"
        assert exported(cast.aurora, "invoices", path) == 3
        report = importer(cast.aurora, "invoices", path)
        assert (report.refused, report.counts) == ({}, (0, 0, 3, 0))
    changed = importer(cast.aurora, "invoices", _csv(cast, tmp_path).replace("50.00", "51.00"))
    assert changed.counts == (0, 0, 1, 2)


def _csv(cast, tmp_path):
    path = tmp_path / "i.csv"
    exported(cast.aurora, "invoices", path)
    return path.read_text("utf-8-sig")


OWN_WORDS = ("Manhã", "Tarde; e noite", "A, B", "A", "B", "2026", "=1+1")


def own_fields(account: Any, by: Any) -> dict[str, Field]:
    """One of each type, some called like everybody's columns, or hard to tell apart."""
    with scope(account.pk):
        made = {kind: add_field(label=f"Own {kind}", kind=kind, options=OWN_WORDS, by=by, now=NOW) for kind in Kind}
        for label in ("E-mail", "Nome", "name", "Inadimplente", "a@b.co", "Carteira: x", "=Turma A", "Turma E"):
            made[label] = add_field(label=label, kind=Kind.TEXT, by=by, now=NOW)
        return made


OWN_SAID = st.fixed_dictionaries(
    {
        Kind.TEXT: TEXT | st.sampled_from(["007", "1.234", "2020-01-01", "TRUE"]),
        Kind.LONG: TEXT | st.just("a\n\nb, c"),
        Kind.NUMBER: st.sampled_from(["1,2345", "-7", "1000000", "0,001", "12,5", "1,2340"]),
        Kind.MONEY: st.sampled_from(["0,01", "-10,00", "1234567,89", "5"]),
        Kind.DATE: st.dates(date(1901, 1, 1), date(2099, 1, 1)).map(str),
        Kind.EMAIL: EMAIL,
        Kind.PHONE: PHONE,
        Kind.URL: st.sampled_from(["instagram.com/ana", "http://x.com.br/?a=1,2"]),
        Kind.CHOICE: st.sampled_from(OWN_WORDS),
        Kind.CHOICES: st.sets(st.sampled_from(OWN_WORDS), min_size=1).map("|".join),
        Kind.YES_NO: st.sampled_from(["sim", "não"]),
        Kind.DOCUMENT: st.sampled_from(["529.982.247-25", "11222333000181"]),
        Kind.ADDRESS: TEXT,
        "E-mail": TEXT,
        "Nome": TEXT,
        "Carteira: x": TEXT,
        "Turma E": TEXT,
    }
)


def own_said() -> list[Any]:
    return list(FieldValue.objects.order_by("id").values())


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=examples(3), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cards=st.lists(OWN_SAID, max_size=3))
def test_own_fields_out_and_in_again_change_nothing(cast, importer, tmp_path, format, language, cards):
    """S1-08, M14: every column of the export is known again, and no cell of it is new; also of what is nothing of the
    field's type any more, and of choices that were taken away."""
    with undone():
        fields = own_fields(cast.aurora, cast.ana)
        reading = values.Reading(cast.aurora, NOW, "pt-br")
        with scope(cast.aurora.pk):
            for nth, card in enumerate(cards):
                customer = register(cast.aurora, by=None, now=NOW, name=f"Ana {nth}", code=str(nth))
                for name, typed in card.items():
                    if said := cleaned(values.clean, fields[name], typed, reading):
                        fill(customer, fields[name], said, reading=reading, by=None, now=NOW)
            for kind in (Kind.CHOICE, Kind.CHOICES):
                gone = {fields[kind].options[0]["id"]: ""}
                change_field(fields[kind], renamed=gone, by=cast.ana, now=NOW)
            change_kind(fields[Kind.URL], Kind.MONEY, account=cast.aurora, by=cast.ana, now=NOW)
            before, cells = whole_cards(), own_said()
        path = tmp_path / f"c.{format}"
        exported(cast.aurora, "customers", path, language=language)
        with translation.override(language):
            report = importer(cast.aurora, "customers", path, language=language)
        mapped = {name for name in report.record.mapping.values() if name.startswith("own_")}
        assert mapped == {field.name for field in fields.values()}
        assert (report.refused, report.counts) == ({}, (0, 0, len(cards), 0))
        with scope(cast.aurora.pk):
            assert (whole_cards(), own_said()) == (before, cells)


def test_own_fields_of_one_business_come_to_another(cast, importer, make_customer, tmp_path):
    """By the labels: the other business has fields called the same."""
    for account in (cast.aurora, cast.boreal):
        with scope(account.pk):
            add_field(label="Sala", kind=Kind.TEXT, by=None, now=NOW)
            add_field(label="Dias", kind=Kind.CHOICES, options=["Seg", "Qua, só de manhã"], by=None, now=NOW)
    ana = make_customer(cast.aurora, "Ana", code="A1")
    with scope(cast.aurora.pk):
        days = Field.objects.get(label="Dias")
        reading = values.Reading(cast.aurora, NOW)
        fill(ana, days, values.clean(days, "Seg; Qua, só de manhã", reading), reading=reading, by=None, now=NOW)
    path = tmp_path / "c.csv"
    exported(cast.aurora, "customers", path)
    assert importer(cast.boreal, "customers", path).counts == (1, 0, 0, 0)
    with scope(cast.boreal.pk):
        assert sorted(FieldValue.objects.values_list("said", flat=True)) == ["Qua, só de manhã", "Seg"]


def test_another_accounts_id_says_nothing(cast, importer, make_customer, tmp_path):
    """T2: a file from the twin makes new customers here and touches nobody there."""
    make_customer(cast.boreal, "Maria", code="A1")
    path = tmp_path / "c.csv"
    exported(cast.boreal, "customers", path)
    assert importer(cast.aurora, "customers", path).counts == (1, 0, 0, 0)
    assert importer(cast.aurora, "customers", path).counts == (0, 0, 1, 0)


def test_one_customer_by_id_and_by_code(cast, importer, make_customer):
    maria = make_customer(cast.aurora, "Maria", code="A1")
    report = importer(cast.aurora, "customers", f"Carteira id,code,name\n{maria.pk},,Mariana\n,A1,Marina\n")
    assert report.counts == (0, 1, 0, 1)
    assert "line 2" in report.refused[3]


def test_payments_never_change_by_a_file(cast, importer, make_customer, tmp_path):
    make_customer(cast.aurora, "Maria", paid=[(TODAY, 1000)])
    path = tmp_path / "p.csv"
    exported(cast.aurora, "payments", path)
    report = importer(cast.aurora, "payments", path.read_text("utf-8-sig").replace("10.00", "12.00"))
    assert report.counts == (0, 0, 0, 1)
    assert "never change" in report.refused[2]


def test_invoices_tell_their_situation(cast, make_customer, tmp_path):
    """S0-05: status, what came in, what is open."""
    maria = make_customer(cast.aurora, "Maria", paid=[(TODAY, 1000)])
    with scope(cast.aurora.pk):
        invoice_once(
            maria, amount=5000, due_on=TODAY - timedelta(days=10), issue_on=TODAY - timedelta(days=20), by=None, now=NOW
        )
        invoice_once(
            maria, amount=700, due_on=TODAY + timedelta(days=40), issue_on=TODAY + timedelta(days=30), by=None, now=NOW
        )
    path = tmp_path / "i.xlsx"
    assert exported(cast.aurora, "invoices", path) == 3
    header, rows = read(path)
    told = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(row["situation"], row["amount"], row["still open"]) for row in told] == [
        ("Overdue", 50, 50),
        ("Paid", 10, 0),
        ("Scheduled", 7, 7),
    ]
    assert exported(cast.aurora, "invoices", path, status="overdue") == 1
    assert exported(cast.aurora, "invoices", path, **{"from": TODAY.isoformat(), "by": "due"}) == 2


def test_amounts_and_days_are_typed(cast, make_customer, tmp_path):
    make_customer(cast.aurora, "Maria", paid=[(TODAY, 123456)])
    path = tmp_path / "p.xlsx"
    exported(cast.aurora, "payments", path)
    header, rows = read(path)
    assert (rows[0][header.index("amount")], rows[0][header.index("paid on")]) == (Decimal("1234.56"), TODAY)


# -- on screen


def latest(account: Any) -> SheetExport:
    with scope(account.pk):
        return SheetExport.objects.select_related("file").order_by("-created_at", "-id").first()


def test_an_export_on_screen(cast, make_customer):
    """S3-06: asked for, made by a job, downloaded, told in the log, gone after a week."""
    make_customer(cast.aurora, "Maria")
    ana = cast.client(cast.ana)
    assert "Export customers" in ana.get("/aurora/exports/").content.decode()
    answer = ana.post("/aurora/exports/", {"kind": "customers", "format": "csv"})
    export = latest(cast.aurora)
    here = f"/aurora/exports/{export.pk}/"
    assert answer.headers["Location"] == here
    assert f'hx-get="{here}"' in ana.get(here).content.decode()
    assert ana.get(f"{here}file/").status_code == 404
    bar = ana.get(here, headers={"hx-request": "true"}).content.decode()
    assert bar.strip().startswith('<div class="progress-block"')
    for _twice in range(2):
        jobs.export_file(cast.aurora.pk, export_id=str(export.pk))
    assert ana.get(here, headers={"hx-request": "true"}).headers["HX-Refresh"] == "true"
    assert f"{here}file/" in ana.get(here).content.decode()
    file = ana.get(f"{here}file/")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert b"Maria" in b"".join(file.streaming_content)
    with scope(cast.aurora.pk):
        event = Event.objects.get(kind="export.made")
        assert (event.by_id, event.what["rows"], event.what["kind"]) == (cast.ana.pk, 1, "customers")
        assert forget_exports(cast.aurora, dates.now() + KEPT + timedelta(hours=1)) == 1
    assert not latest(cast.aurora).file
    assert "not kept any more" in ana.get(here).content.decode()
    assert ana.get(f"{here}file/").status_code == 404
    answer = ana.post(f"{here}again/")
    assert answer.headers["Location"] == f"/aurora/exports/{latest(cast.aurora).pk}/"


def test_erasure_takes_every_exported_file(cast):
    with scope(cast.aurora.pk):
        export = start_export(cast.aurora, "customers", {}, "xlsx", by=cast.ana, now=NOW, language="es")
    jobs.export_file(cast.aurora.pk, export_id=str(export.pk))
    path = latest(cast.aurora).file.path
    assert path.exists()
    with scope(cast.aurora.pk):
        assert discard_all() == 1
    assert not path.exists()


def test_who_may_and_what_is_refused(cast):
    for person, status in ((cast.ana, 302), (cast.beto, 302), (cast.sofia, 302), (cast.caio, 403), (cast.dora, 404)):
        answer = cast.client(person).post("/aurora/exports/", {"kind": "customers", "format": "xlsx"})
        assert answer.status_code == status, person
    ana = cast.client(cast.ana)
    for body in (
        {"kind": "secrets", "format": "csv"},
        {"kind": "customers", "format": "exe"},
        {"kind": "payments", "format": "csv", "from": "31/02/2026"},
    ):
        assert ana.post("/aurora/exports/", body).status_code == 422


def test_lists_ask_as_much_for_three_as_for_one(cast, django_assert_max_num_queries):
    ana = cast.client(cast.ana)
    with scope(cast.aurora.pk):
        start_export(cast.aurora, "customers", {}, "csv", by=cast.ana, now=NOW)
    with django_assert_max_num_queries(20) as one:
        ana.get("/aurora/exports/")
    with scope(cast.aurora.pk):
        for _more in range(2):
            start_export(cast.aurora, "customers", {}, "csv", by=cast.ana, now=NOW)
    with django_assert_max_num_queries(len(one.captured_queries)):
        ana.get("/aurora/exports/")


# -- the command


def command(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("export_sheet", *arguments, "--json", stdout=out, stderr=StringIO())
    found: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return found


def test_the_command(cast, make_customer, tmp_path):
    """carteira export_sheet customers|payments|invoices FILE --account SLUG --filter name=value."""
    make_customer(cast.aurora, "Maria", paid=[(TODAY, 1000)])
    make_customer(cast.aurora, "Ana")
    path = tmp_path / "c.xlsx"
    assert command("customers", str(path), "--account", "aurora", "--filter", "state=active")["rows"] == 1
    assert command("payments", str(tmp_path / "p.csv"), "--account", "aurora")["rows"] == 1
    for status, arguments in (
        (1, ("customers", str(path), "--account", "aurora")),
        (1, ("customers", str(tmp_path / "no" / "c.csv"), "--account", "aurora")),
        (1, ("customers", str(tmp_path / "d.csv"), "--account", "aurora", "--filter", "colour=red")),
        (1, ("invoices", str(tmp_path / "d.csv"), "--account", "aurora", "--filter", "status=blue")),
        (2, ("customers", str(tmp_path / "d.pdf"), "--account", "aurora")),
        (2, ("customers", str(tmp_path / "d.csv"), "--account", "aurora", "--filter", "state")),
    ):
        with pytest.raises(CommandError) as refused:
            command(*arguments)
        assert refused.value.returncode == status
    assert not (tmp_path / "d.csv").exists()
