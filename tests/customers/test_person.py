"""A person's data on screen and by command: the copy, the end, and coming back (LGPD, P1, P2)."""

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils.translation import override

from carteira.billing.issue import invoice_once
from carteira.billing.models import Invoice
from carteira.core.files.models import StoredFile
from carteira.core.files.store import keep
from carteira.core.management.base import Error
from carteira.core.privacy.models import PersonRequest
from carteira.core.sheets.models import SheetImport
from carteira.core.sheets.receive import RIGHT
from carteira.core.walls import scope
from carteira.customers.anonymise import anonymise
from carteira.customers.fields import values
from carteira.customers.fields.define import add_field, remove_field
from carteira.customers.fields.fill import fill
from carteira.customers.models import Customer
from carteira.customers.person_export import export_person, forget_exports
from carteira.customers.person_jobs import answer
from conftest import NOW, TODAY


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def maria(cast, make_customer):
    return make_customer(
        cast.aurora,
        "Maria Silva",
        email="maria@example.com",
        document_kind="cpf",
        document="52998224725",
        phone="+5511987654321",
        code="M-1",
        paid=[(TODAY - timedelta(3), 12_345)],
    )


def page(customer, rest=""):
    return f"/aurora/customers/{customer.pk}/person/{rest}"


def answered(account):
    """The waiting requests, done as the worker does them."""
    with scope(account.pk):
        waiting = list(PersonRequest.objects.filter(finished_at=None, failed_at=None).values_list("pk", flat=True))
    for pk in waiting:
        answer(account.pk, request_id=str(pk))
    return len(waiting)


def test_the_copy_is_asked_made_and_fetched(cast, maria):
    """P1: asked on the card's page, made by a job, downloaded as one ZIP, told with its protocol number."""
    client = cast.client(cast.ana)
    assert "Personal data" in client.get(f"/aurora/customers/{maria.pk}/").content.decode()
    assert client.post(page(maria, "export/")).headers["Location"] == page(maria)
    waiting = client.get(page(maria)).content.decode()
    assert "being done" in waiting
    assert "2026-000001" in waiting
    client.post(page(maria, "export/"))
    assert answered(cast.aurora) == 1, "asked twice while it runs, it is made once"
    assert client.get(page(maria), headers={"hx-request": "true"}).headers["HX-Refresh"] == "true"
    text = client.get(page(maria)).content.decode()
    link = re.search(r'href="([^"]+/file/)"', text)[1]
    download = client.get(link)
    assert "attachment" in download.headers["Content-Disposition"]
    assert "Maria" not in download.headers["Content-Disposition"]
    archive = zipfile.ZipFile(io.BytesIO(b"".join(download.streaming_content)))
    data = json.loads(archive.read("data.json"))
    assert data["protocol"] == "2026-000001"
    (row,) = data["data"]["customers.Customer"]
    assert (row["name"], row["document"], row["phone"]) == ("Maria Silva", "52998224725", "+5511987654321")
    assert [one["amount"] for one in data["data"]["billing.Payment"]] == [12_345]
    sheets = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist() if name.endswith(".csv")}
    assert any("Maria Silva" in text for text in sheets.values())
    assert any("123,45" in text for text in sheets.values())
    assert "search" not in row
    assert "name_sort" not in row


def test_own_fields_are_told_by_their_labels(cast, maria):
    """P1: as people read them, in the order of the card, also of a field that was removed; documents whole."""
    with scope(cast.aurora.pk):
        fields = {
            label: add_field(label=label, kind=kind, section=section, options=options, by=None, now=NOW)
            for label, kind, section, options in (
                ("Sala", "text", "Escola", ()),
                ("Dias", "choices", "Escola", ("Seg", "Ter")),
                ("Bolsa", "number", "", ()),
                ("CPF do pai", "document", "", ()),
                ("=Foto", "yes_no", "", ()),
            )
        }
        reading = values.Reading(cast.aurora, NOW, "pt-br")
        typed = {"Sala": "10", "Dias": "Ter, Seg", "Bolsa": "1234,5", "CPF do pai": "111.444.777-35", "=Foto": "sim"}
        for label, text in typed.items():
            said = values.clean(fields[label], text, reading)
            fill(maria, fields[label], said, reading=reading, by=None, now=NOW)
        remove_field(fields["Sala"], by=None, now=NOW)
        with override("pt-br"):
            request = export_person(maria, by=None, now=NOW)
        archive = zipfile.ZipFile(request.file.path)
        told = json.loads(archive.read("data.json"))["data"]["customers.FieldValue"]
        name = next(name for name in archive.namelist() if name.endswith("Own fields.csv"))
        lines = archive.read(name).decode("utf-8-sig").splitlines()
    assert [(one["label"], one["value"], one["removed"]) for one in told] == [
        ("Dias", "Seg, Ter", False),
        ("Bolsa", "1.234,5", False),
        ("CPF do pai", "111.444.777-35", False),
        ("=Foto", "Sim", False),
        ("Sala", "10", True),
    ]
    assert lines == [
        "Section;Field;What it says",
        "Escola;Dias;Seg, Ter",
        ";Bolsa;1.234,5",
        ";CPF do pai;111.444.777-35",
        ";'=Foto;Sim",
        "Escola;Sala;10",
    ]


def test_no_cell_of_a_copy_becomes_a_formula(cast, make_customer):
    """A8."""
    customer = make_customer(cast.aurora, "=HYPERLINK(1)", phone="+5511987654321")
    with scope(cast.aurora.pk):
        request = export_person(customer, by=None, now=NOW)
        archive = zipfile.ZipFile(request.file.path)
        cells = archive.read("01 Customer.csv").decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in cells
    assert ";+5511987654321;" in cells


def test_copies_hold_the_persons_files_and_go_after_a_week(cast, maria):
    with scope(cast.aurora.pk):
        request = export_person(maria, by=None, now=NOW)
        path = request.file.path
        assert path.exists()
        assert forget_exports(cast.aurora, NOW + timedelta(days=6)) == 0
        assert forget_exports(cast.aurora, NOW + timedelta(days=8)) == 1
        assert not path.exists()
        assert PersonRequest.objects.get().file is None
    text = cast.client(cast.ana).get(page(maria)).content.decode()
    assert "2026-000001" in text, "the request stays"
    assert "/file/" not in text


def test_anonymising_wants_the_name_and_tells_what_was_searched(cast, maria):
    """P2: typed confirmation, a job, the proof on the page, the placeholder on the card."""
    client = cast.client(cast.ana)
    refused = client.post(page(maria, "anonymise/"), {"name": "Mario Silva"})
    assert refused.status_code == 422
    assert "This is not the name" in refused.content.decode()
    assert client.post(page(maria, "anonymise/"), {"name": "maria  SILVA"}).headers["Location"] == page(maria)
    assert answered(cast.aurora) == 1
    text = client.get(page(maria)).content.decode()
    assert "Nothing of this person is left." in text
    assert "2026-000001" in text
    assert "Maria" not in text
    assert "Anonymised customer 1" in client.get(f"/aurora/customers/{maria.pk}/").content.decode()
    again = client.post(page(maria, "anonymise/"), {"name": "Anonymised customer 1"})
    assert again.status_code == 302
    assert answered(cast.aurora) == 0


def test_open_money_is_a_checklist_here_too(cast, maria):
    with scope(cast.aurora.pk):
        invoice = invoice_once(maria, amount=500, due_on=TODAY, by=None, now=NOW)
    client = cast.client(cast.ana)
    assert "First settle what is open" in client.get(page(maria, "anonymise/")).content.decode()
    assert client.post(page(maria, "anonymise/"), {"name": "Maria Silva"}).status_code == 422
    resolved = client.post(
        f"/aurora/customers/{maria.pk}/archive/resolve/",
        {"item": str(invoice.pk), "act": "cancel", "words": "goes", "back": "person"},
    )
    assert resolved.headers["Location"] == page(maria, "anonymise/")
    assert client.post(page(maria, "anonymise/"), {"name": "Maria Silva"}).status_code == 302


def test_an_invoice_between_asking_and_doing_stops_it(cast, maria):
    """A17: the job looks again; the request says why, without a name."""
    cast.client(cast.ana).post(page(maria, "anonymise/"), {"name": "Maria Silva"})
    with scope(cast.aurora.pk):
        invoice_once(maria, amount=500, due_on=TODAY, by=None, now=NOW)
    answered(cast.aurora)
    with scope(cast.aurora.pk):
        request = PersonRequest.objects.get()
        assert (request.state, "Maria" in request.error) == ("failed", False)
        assert Customer.objects.get(pk=maria.pk).name == "Maria Silva"
    assert "Money is still open" in cast.client(cast.ana).get(page(maria)).content.decode()


def test_only_owner_and_administrator_may(cast, maria):
    for user in (cast.beto, cast.caio, cast.sofia):
        client = cast.client(user)
        assert client.get(page(maria)).status_code == 403
        assert client.post(page(maria, "anonymise/"), {"name": "Maria Silva"}).status_code == 403
        assert "/person/" not in client.get(f"/aurora/customers/{maria.pk}/").content.decode()


def test_another_customers_copy_is_not_to_be_had_by_its_address(cast, maria, make_customer):
    """A1: the file belongs to the customer in the address."""
    other = make_customer(cast.aurora, "Bia")
    with scope(cast.aurora.pk):
        request = export_person(maria, by=None, now=NOW)
    client = cast.client(cast.ana)
    assert client.get(page(maria, f"{request.pk}/file/")).status_code == 200
    assert client.get(page(other, f"{request.pk}/file/")).status_code == 404


def test_the_command_exports_and_anonymises(cast, maria, tmp_path, capsys):
    """Issue 3: carteira person export|anonymise --account SLUG --code CODE."""
    out = tmp_path / "maria.zip"
    call_command("person", "export", account="aurora", code="M-1", out=str(out))
    assert "2026-000001" in capsys.readouterr().out
    assert json.loads(zipfile.ZipFile(out).read("data.json"))["data"]["customers.Customer"][0]["name"] == "Maria Silva"
    with pytest.raises(Error):
        call_command("person", "export", account="aurora", code="M-1", out=str(out))
    with scope(cast.aurora.pk):
        assert StoredFile.objects.count() == 0, "what goes to a file of the caller's is not kept"
        before = list(Invoice.objects.values())
    capsys.readouterr()
    call_command("person", "anonymise", account="aurora", code="M-1", json=True)
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["protocol"] == "2026-000002"
    assert said["searched"]["left"] == {}
    with scope(cast.aurora.pk):
        assert list(Invoice.objects.values()) == before
    with pytest.raises(Error):
        call_command("person", "anonymise", account="aurora", code="M-1")


def test_a_sheet_that_is_being_imported_goes_too(cast, maria):
    """An upload that waits for its columns holds the person as well as a done one."""
    with scope(cast.aurora.pk):
        file = keep([b"name\nMARIA SILVA\n"], name="c.csv", right=RIGHT, limit=999, by=None, now=NOW)
        record = SheetImport.objects.create(
            kind="customers", file=file, file_name="c.csv", language="en", created_at=NOW
        )
        anonymise(maria, by=None, now=NOW)
        record.refresh_from_db()
        assert record.file is None
        assert not file.path.exists()
