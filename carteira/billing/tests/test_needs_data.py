"""S2-16 to S2-18: who lacks data that an open invoice's method asks for, on the card and as a filter of the list."""

import pytest
import time_machine

from carteira.billing import needs_data
from carteira.billing.cancel import cancel_invoice
from carteira.billing.issue import invoice_once
from carteira.billing.pay import record_payment
from carteira.billing.required_data import payer_of
from carteira.billing.tests.test_required_data import FULL, MATRIX
from carteira.core.walls import scope
from carteira.customers.edit import edit
from carteira.customers.lifecycle import view_of
from carteira.customers.models import Customer
from carteira.customers.parts import PARTS, add
from carteira.customers.queries import Wanted, matching
from conftest import NOW, TODAY

OPTIONS = {"by": None, "now": NOW}
LIST = "/aurora/customers/"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def sold(customer, method, **fields):
    return invoice_once(customer, amount=1000, due_on=TODAY, method=method, **OPTIONS, **fields)


def asked_for(account):
    with scope(account.pk):
        view = view_of(account, now=NOW)
        wanted = Wanted(view=view, more=(needs_data.FILTER.read("1", account, view).condition,))
        return sorted(matching(wanted).values_list("name", flat=True))


@pytest.mark.parametrize("country", ["BR", "MX"])
@pytest.mark.parametrize("pays", ["customer", "other", "contact"])
@pytest.mark.parametrize("method", ["boleto", "card", "pix"])
def test_the_filter_is_the_rule_column_by_column(cast, make_customer, method, pays, country):
    """N5: whoever pays, for each column the method may ask for: the list finds exactly whom the card speaks of."""
    cast.aurora.country = country
    cast.aurora.save()
    expected, known = [], {**FULL, "document_kind": "cpf"}
    for blank in (None, *FULL):
        name = f"without {blank}"
        fields = {**known, "name": name} | ({blank: ""} if blank and blank != "name" else {})
        if pays == "customer":
            customer = make_customer(cast.aurora, **fields)
        else:
            customer = make_customer(cast.aurora, **{**fields, "name": f"pupil {name}"})
        with scope(cast.aurora.pk):
            if pays == "other":
                payer = make_customer(cast.aurora, **fields)
                Customer.objects.filter(pk=customer.pk).update(email="", document="", street="", city="")
                add(PARTS["contacts"], customer, other=payer, is_payer=True, **OPTIONS)
            elif pays == "contact":
                own = {column: fields[column] for column in ("name", "email", "document_kind", "document")}
                add(PARTS["contacts"], customer, **own, is_payer=True, **OPTIONS)
                Customer.objects.filter(pk=customer.pk).update(email="", document="")
            customer = Customer.objects.select_related("account").get(pk=customer.pk)
            sold(customer, method)
            found = needs_data.lacking(customer, country)
            missing = payer_of(customer).missing(method, country)
            assert [one.missing for one in found] == ([missing] if missing and method != "pix" else [])
            if missing:
                expected.append(customer.name)
    assert asked_for(cast.aurora) == sorted(expected)
    assert bool(expected) == (method != "pix")
    assert "email" not in MATRIX["boleto"]


def test_only_open_invoices_wait_for_data(cast, make_customer):
    """Decision 8: a paid, canceled or deleted one asks for nothing any more; other businesses' are not seen."""
    with scope(cast.boreal.pk):
        sold(make_customer(cast.boreal, "TENANT_B_SECRET"), "boleto")
    for name in ("Open", "Paid", "Canceled", "Later"):
        customer = make_customer(cast.aurora, name)
        with scope(cast.aurora.pk):
            invoice = sold(customer, "card")
            if name == "Paid":
                record_payment(customer, amount=1000, paid_on=TODAY, method="cash", invoice=invoice, **OPTIONS)
            if name == "Canceled":
                cancel_invoice(invoice, reason="Desistiu", **OPTIONS)
    assert asked_for(cast.aurora) == ["Later", "Open"]
    with scope(cast.aurora.pk):
        edit(Customer.objects.get(name="Later"), email="later@example.com", **OPTIONS)
    assert asked_for(cast.aurora) == ["Open"]


def test_on_the_card_with_the_page_that_asks_and_as_a_filter(cast, make_customer, django_assert_max_num_queries):
    """S2-16, S2-17: the attention item leads to the form; the filter has a chip, and no more queries for three."""
    ana = cast.client(cast.ana)

    def shop(name):
        customer = make_customer(cast.aurora, name)
        with scope(cast.aurora.pk):
            return customer, sold(customer, "boleto")

    maria, invoice = shop("Maria")
    make_customer(cast.aurora, "Bia")
    card = ana.get(f"{LIST}{maria.pk}/").content.decode()
    assert f"/aurora/billing/invoices/{invoice.pk}/data/" in card
    assert "Boleto needs more about Maria" in card
    assert ana.get(f"/aurora/billing/invoices/{invoice.pk}/data/").status_code == 200
    with django_assert_max_num_queries(40) as one:
        page = ana.get(LIST, {"needs_data": "1"})
    assert "Needs data to be charged" in page.content.decode()
    assert f"{LIST}{maria.pk}/" in page.content.decode()
    assert "Bia" not in page.content.decode()
    for name in ("Clara", "Dani"):
        shop(name)
    with django_assert_max_num_queries(len(one.captured_queries)):
        page = ana.get(LIST, {"needs_data": "1"}).content.decode()
    assert "Clara" in page
    assert "Bia" in ana.get(LIST, {"needs_data": "no such"}).content.decode()
    past = ana.get(LIST, {"needs_data": "1", "as_of": "2026-11-20"})
    assert past.context["asked"].wanted.more == ()


def test_who_may_not_see_money_is_not_offered_it(cast, make_customer):
    """A15: neither on the card nor in the list."""
    maria = make_customer(cast.aurora, "Maria")
    make_customer(cast.aurora, "Bia")
    with scope(cast.aurora.pk):
        sold(maria, "boleto")
        member = cast.caio.memberships.get(account=cast.aurora)
        member.denied = [*member.denied, "billing.see"]
        member.save()
    caio = cast.client(cast.caio)
    page = caio.get(LIST, {"needs_data": "1"}).content.decode()
    assert "Bia" in page
    assert "Needs data to be charged" not in page
    assert "Boleto needs" not in caio.get(f"{LIST}{maria.pk}/").content.decode()
