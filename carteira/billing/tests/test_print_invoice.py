"""Invoices as PDF (S2-23) with the business's letterhead and logo: whose language, what is on them, hostile text."""

from datetime import date, timedelta
from io import BytesIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image

from carteira.billing.cancel import cancel_invoice
from carteira.billing.issue import invoice_once
from carteira.billing.letterhead import change_letterhead, letterhead_of
from carteira.billing.models import Letterhead
from carteira.billing.pay import record_payment
from carteira.billing.print_invoice import content, print_invoice
from carteira.core.events.models import Event
from carteira.core.files.models import StoredFile
from carteira.core.walls import scope
from carteira.customers.edit import edit
from conftest import NOW, TODAY

OPTIONS = {"by": None, "now": NOW}
SETTINGS = "/aurora/billing/settings/"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def picture_of(kind="PNG", size=(900, 300)):
    out = BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", size, "navy").save(out, kind)
    return out.getvalue()


def bill(customer, amount=123_456, due_on=date(2026, 11, 28), **more):
    return invoice_once(customer, amount=amount, due_on=due_on, issue_on=TODAY - timedelta(days=7), **OPTIONS, **more)


def upload(client, data, name="logo.png"):
    return client.post(f"{SETTINGS}logo/upload/", {"logo": SimpleUploadedFile(name, data)})


def test_the_pdf_of_an_invoice(cast, make_customer):
    """Print on the invoice's page gives a PDF, named after its number, to everybody who may see money."""
    customer = make_customer(cast.aurora, "Maria Silva")
    with scope(cast.aurora.pk):
        invoice = bill(customer, description="Mensalidade")
    client = cast.client(cast.caio)
    page = client.get(f"/aurora/billing/invoices/{invoice.pk}/")
    url = f"/aurora/billing/invoices/{invoice.pk}/pdf/"
    assert url in page.text
    answer = client.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == 'inline; filename="invoice-1.pdf"'
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.content.startswith(b"%PDF-")
    assert cast.client(cast.dora).get(f"/boreal/billing/invoices/{invoice.pk}/pdf/").status_code == 404


def test_what_is_on_it(cast, make_customer):
    """The business, the customer, both due days, what was paid and is left; money and days as the account has them."""
    customer = make_customer(cast.aurora, "Maria Silva")
    with scope(cast.aurora.pk):
        edit(customer, document_kind="cpf", document="52998224725", email="maria@example.com", **OPTIONS)
        changes = {"legal_name": "Aurora Ensino Ltda.", "document_kind": "cnpj", "document": "11222333000181"}
        change_letterhead(
            cast.aurora, changes={**changes, "address": "Rua A, 1\nSão Paulo", "note": "Pix: x"}, **OPTIONS
        )
        invoice = bill(customer, description="Mensalidade")
        record_payment(customer, amount=23_456, paid_on=TODAY, method="pix", invoice=invoice, **OPTIONS)
        invoice.refresh_from_db()
        invoice.account = cast.aurora
        data = content(invoice, letterhead_of(), now=NOW)
    assert data["business"]["name"] == "Aurora Ensino Ltda."
    assert data["business"]["lines"][1:] == ["CNPJ 11.222.333/0001-81", "Rua A, 1", "São Paulo"]
    assert data["to"]["name"] == "Maria Silva"
    assert "CPF 529.982.247-25" in data["to"]["lines"]
    days = [value for _label, value in data["facts"]]
    assert len(days) == 3  # the 28th is a Saturday: payable until Monday
    assert [row[1].replace("\xa0", " ") for row in data["totals"]] == ["R$ 1.234,56", "R$ 234,56", "R$ 1.000,00"]
    assert len(data["payments"]) == 1
    assert data["note"] == ["Pix: x"]


def test_it_speaks_the_business_s_language_not_the_reader_s(cast, make_customer):
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        invoice = bill(customer)
        invoice.account = cast.aurora
        said = {}
        for reader in ("en", "es"):
            with translation.override(reader):
                said[reader] = print_invoice(invoice, now=NOW)
                assert translation.get_language() == reader
    assert said["en"] == said["es"]


@pytest.mark.parametrize(
    "name",
    [
        '#panic("x")',
        "*a* $b$ <c> @d `e`",
        "مرحبا שלום \u202eabc",
        "😀👨‍👩‍👧 日本語",
        "W" * 200,
        "]] }} #[",
        "José Ção Ñandú",
    ],
)
def test_hostile_names_and_texts_come_out_as_text(cast, make_customer, name):
    customer = make_customer(cast.aurora, "Maria")
    with scope(cast.aurora.pk):
        customer = edit(customer, name=name[:200], **OPTIONS)
        change_letterhead(cast.aurora, changes={"legal_name": name[:200], "note": name[:500]}, **OPTIONS)
        invoice = bill(customer, description=name[:300])
        invoice.account, invoice.customer = cast.aurora, customer
        assert print_invoice(invoice, now=NOW)[0].startswith(b"%PDF-")


def test_scheduled_canceled_and_paid_ones_say_so(cast, make_customer):
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        later = invoice_once(
            customer, amount=100, due_on=TODAY + timedelta(days=9), issue_on=TODAY + timedelta(days=3), **OPTIONS
        )
        paid = bill(customer)
        record_payment(customer, amount=123_456, paid_on=TODAY, method="pix", invoice=paid, **OPTIONS)
        gone = cancel_invoice(bill(customer), reason="Erro", **OPTIONS)
        told = []
        for invoice in (later, paid, gone):
            invoice.refresh_from_db()
            invoice.account = cast.aurora
            data = content(invoice, Letterhead(note="Pix: x"), now=NOW)
            told.append((data["status"].split()[0], data["totals"][-1][1].replace("\xa0", " "), data["note"]))
            assert print_invoice(invoice, now=NOW)[0].startswith(b"%PDF-")
    assert told == [
        ("Scheduled", "R$ 1,00", ["Pix: x"]),
        ("Paid", "R$ 0,00", ["Pix: x"]),
        ("Canceled", "R$ 0,00", []),
    ]


def test_the_letterhead_is_written_in_the_settings(cast):
    """Cleaned as everywhere; refused fields keep what was typed; the history says which changed."""
    client = cast.client(cast.ana)
    sent = {
        "legal_name": " Aurora  Ltda. ",
        "document": "11.222.333/0001-81",
        "address": "Rua A, 1\r\n\r\nSão Paulo",
        "note": "",
    }
    assert client.post(SETTINGS, {**sent, "email": "A@B.com", "phone": "(11) 98765-4321"}).status_code == 302
    with scope(cast.aurora.pk):
        head = letterhead_of()
        assert (head.legal_name, head.document, head.address) == (
            "Aurora Ltda.",
            "11222333000181",
            "Rua A, 1\nSão Paulo",
        )
        assert (head.email, head.phone) == ("a@b.com", "+5511987654321")
        assert Event.objects.filter(kind="letterhead.changed").count() == 1
    refused = client.post(SETTINGS, {**sent, "document": "11.222.333/0001-82", "address": "\n".join("abcdefg")})
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"document", "address"}
    assert "0001-82" in refused.text
    with scope(cast.boreal.pk):
        assert not Letterhead.objects.exists()


def test_the_logo_is_uploaded_replaced_shown_printed_and_removed(cast, make_customer):
    """A9: by content and size; the one before goes; printed; gone bytes do not break the invoice."""
    client = cast.client(cast.ana)
    assert upload(client, picture_of()).status_code == 302
    assert upload(client, picture_of("JPEG", (200, 800)), "../x.php").status_code == 302
    with scope(cast.aurora.pk):
        (file,) = StoredFile.objects.all()
        invoice = bill(make_customer(cast.aurora))
    assert file.name == "x.jpg"
    shown = cast.client(cast.caio).get(f"{SETTINGS}logo/")
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    url = f"/aurora/billing/invoices/{invoice.pk}/pdf/"
    with_logo = len(client.get(url).content)
    for bad in (b"", b"<svg onload=alert(1)>", b"<html>", picture_of()[:60]):
        assert upload(client, bad).status_code == 422
    assert cast.client(cast.dora).get("/boreal/billing/settings/logo/").status_code == 404
    file.path.unlink()
    assert len(client.get(url).content) < with_logo
    assert client.post(f"{SETTINGS}logo/remove/").status_code == 302
    with scope(cast.aurora.pk):
        assert not StoredFile.objects.exists()
    assert client.get(f"{SETTINGS}logo/").status_code == 404
