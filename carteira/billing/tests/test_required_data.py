"""S2-16 to S2-18: a payment method asks for data at the sale, the registration only for a name (decision 8)."""

from datetime import timedelta

import pytest
import time_machine

from carteira.billing.issue import CannotInvoice, invoice_once
from carteira.billing.models import Invoice, Letterhead, Payment
from carteira.billing.pay import record_payment
from carteira.billing.print_invoice import content, print_invoice
from carteira.billing.required_data import needs, payer_of
from carteira.billing.sell import choose_method
from carteira.core.form_keys import new_key
from carteira.core.walls import scope
from carteira.customers.edit import edit
from carteira.customers.models import Contact, Customer
from conftest import NOW, TODAY

OPTIONS = {"by": None, "now": NOW}
FULL = {
    "name": "Maria Silva",
    "email": "maria@example.com",
    "document": "52998224725",
    "postal_code": "01001000",
    "street": "Praça da Sé",
    "street_number": "S/N",
    "district": "Sé",
    "city": "São Paulo",
    "state": "SP",
}
MATRIX = {
    "card": ("name", "email"),
    "boleto": ("name", "document", "postal_code", "street", "street_number", "district", "city", "state"),
    **dict.fromkeys(("pix", "cash", "transfer", "other"), ("name",)),
}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def fill(customer, **fields):
    if fields.get("document"):
        fields["document_kind"] = "cpf"
    return edit(customer, **fields, **OPTIONS)


def missing(customer, method):
    return payer_of(customer).missing(method, customer.account.country)


@pytest.mark.parametrize("method", Payment.Method.values)
def test_the_minimum_is_enough_and_each_field_less_is_named(cast, make_customer, method):
    """N5: method × fields: the minimal set is accepted, each of them taken away is named, nothing else is asked."""
    with scope(cast.aurora.pk):
        customer = make_customer(cast.aurora, "Maria Silva")
        customer = fill(customer, **{column: FULL[column] for column in MATRIX[method]})
        assert missing(customer, method) == []
        for column in set(MATRIX[method]) - {"name"}:
            without = fill(customer, **{column: ""})
            assert missing(without, method) == [column]
            customer = fill(without, **{column: FULL[column]})


def test_card_asks_for_name_and_email():
    """S2-16."""
    assert needs("card", "BR") == ("name", "email")


def test_boleto_asks_for_document_and_full_address():
    """S2-17; elsewhere than in Brazil street and city are an address."""
    assert needs("boleto", "BR") == MATRIX["boleto"]
    assert needs("boleto", "MX") == ("name", "document", "street", "city")


def test_the_registration_asks_for_a_name_only():
    """S2-18: no e-mail, no document, until a method asks."""
    assert needs("", "BR") == needs("pix", "BR") == ("name",)


def test_the_payer_s_data_count(cast, make_customer):
    """Decision 3: a contact who pays, with the customer's address; or another customer with everything."""
    with scope(cast.aurora.pk):
        pupil = fill(make_customer(cast.aurora, "Aluno"), **{**FULL, "name": "Aluno", "document": "", "email": ""})
        mother = Contact.objects.create(customer=pupil, name="Mãe", is_payer=True)
        assert missing(pupil, "boleto") == ["document"]
        assert missing(pupil, "card") == ["email"]
        Contact.objects.filter(pk=mother.pk).update(document="52998224725", document_kind="cpf", email="m@b.com")
        assert missing(pupil, "boleto") == missing(pupil, "card") == []
        mother.delete()
        guardian = make_customer(cast.aurora, "Responsável")
        Contact.objects.create(customer=pupil, other=guardian, is_payer=True)
        assert missing(pupil, "boleto") == list(MATRIX["boleto"][1:])
        invoice = invoice_once(pupil, amount=100, due_on=TODAY, method="boleto", **OPTIONS)
        invoice.account = cast.aurora
        to = content(invoice, Letterhead(), now=NOW)["to"]
        assert (to["name"], to["lines"][-1]) == ("Responsável", "For: Aluno")
        assert print_invoice(invoice, now=NOW)[0].startswith(b"%PDF-")


def sale(**more):
    return {"key": str(new_key(NOW)), "amount": "150,00", "due_on": "2026-11-30", "issue_on": "2026-11-21", **more}


def test_choosing_a_method_asks_for_what_is_missing(cast, make_customer):
    """S2-16, S2-17 on screen: fields appear with what was typed kept; sent along they are saved with the invoice."""
    customer = make_customer(cast.aurora, "Maria")
    client = cast.client(cast.beto)
    url = f"/aurora/billing/customers/{customer.pk}/invoice/"
    assert "data_email" not in client.get(url).text
    asked = client.get(url, {"method": "card", "amount": "9,99"}, headers={"HX-Request": "true"})
    assert [line.name for line in asked.context["form"].data_fields] == ["data_email"]
    assert 'value="9,99"' in asked.text
    wrong = client.post(url, sale(method="card", data_email="nonsense"))
    assert wrong.status_code == 422
    assert "data_email" in wrong.context["form"].errors
    assert client.post(url, sale(method="card", data_email="Maria@B.com")).status_code == 302
    with scope(cast.aurora.pk):
        assert Customer.objects.get().email == "maria@b.com"
        assert Invoice.objects.get().method == "card"


def test_missing_data_do_not_lose_the_sale(cast, make_customer):
    """Decision 8: the invoice is made and waits; its page says for what, asks for just that, then is content."""
    customer = make_customer(cast.aurora, "Maria")
    client = cast.client(cast.beto)
    url = f"/aurora/billing/customers/{customer.pk}/invoice/"
    assert client.post(url, sale(method="boleto", data_city="São Paulo", data_state="SP")).status_code == 302
    with scope(cast.aurora.pk):
        invoice = Invoice.objects.get()
    page = client.get(f"/aurora/billing/invoices/{invoice.pk}/")
    data = f"/aurora/billing/invoices/{invoice.pk}/data/"
    assert data in page.text
    assert "CEP" in page.context["needs"]
    asked = client.get(data).context["form"]
    assert list(asked.fields) == [
        f"data_{c}" for c in ("document", "postal_code", "street", "street_number", "district")
    ]
    assert client.post(data, {}).status_code == 422
    assert client.post(data, {"data_document": "111"}).status_code == 422
    rest = {f"data_{c}": FULL[c] for c in ("document", "postal_code", "street", "street_number", "district")}
    assert client.post(data, rest).status_code == 302
    page = client.get(f"/aurora/billing/invoices/{invoice.pk}/")
    assert page.context["needs"] == ""
    assert client.get(data).context["missing"] == []


def test_data_and_invoice_are_saved_together_or_not_at_all(cast, make_customer, monkeypatch):
    customer = make_customer(cast.aurora, "Maria")
    client = cast.client(cast.beto)
    url = f"/aurora/billing/customers/{customer.pk}/invoice/"
    with scope(cast.aurora.pk):
        taken = invoice_once(customer, amount=1, due_on=TODAY, **OPTIONS)
    refused = client.post(url, sale(key=str(taken.pk), method="card", data_email="maria@b.com"))
    assert refused.status_code == 422
    with scope(cast.aurora.pk):
        assert Customer.objects.get().email == ""
        assert Invoice.objects.count() == 1


def test_the_method_of_an_invoice_can_be_chosen_later(cast, make_customer):
    """Only while something is left to pay; whoever may only look sees no choice."""
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        invoice = invoice_once(customer, amount=100, due_on=TODAY + timedelta(days=3), **OPTIONS)
    client = cast.client(cast.beto)
    url = f"/aurora/billing/invoices/{invoice.pk}/"
    assert client.post(f"{url}method/", {"method": "boleto"}).status_code == 302
    assert client.get(url).context["needs"]
    assert not cast.client(cast.caio).get(url).context["methods"]
    client.post(f"{url}method/", {"method": "gold"})
    with scope(cast.aurora.pk):
        invoice.refresh_from_db()
        assert invoice.method == "boleto"
        record_payment(customer, amount=100, paid_on=TODAY, method="pix", invoice=invoice, **OPTIONS)
        with pytest.raises(CannotInvoice):
            choose_method(invoice, method="pix", **OPTIONS)
    assert client.get(url).context["needs"] == ""


def test_recording_a_payment_says_what_its_method_misses(cast, make_customer):
    """S2-16, S2-17: where a method is chosen; the money is booked in any case."""
    customer = make_customer(cast.aurora, "Maria")
    client = cast.client(cast.beto)
    url = f"/aurora/billing/customers/{customer.pk}/pay/"
    assert client.get(url, {"method": "pix"}).context["needs"] == ""
    asked = client.get(url, {"method": "card", "amount": "7,00"}, headers={"HX-Request": "true"})
    assert "Maria" in asked.context["needs"]
    assert f"/aurora/customers/{customer.pk}/tab/info/" in asked.text
    assert 'value="7,00"' in asked.text
    focus = client.get(url, {"method": "card", "chosen": "method"}).context["form"].fields
    assert "autofocus" in focus["method"].widget.attrs
    assert "autofocus" not in focus["invoice"].widget.attrs
    sent = {"key": str(new_key(NOW)), "invoice": "new", "amount": "7,00", "paid_on": "2026-11-21", "method": "boleto"}
    assert client.post(url, sent).status_code == 302
