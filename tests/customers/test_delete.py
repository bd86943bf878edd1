"""Deleting (S0-01, S2-14): only what has no history; else a clear reason and what to do instead."""

from datetime import timedelta

import pytest
import time_machine

from carteira.billing.cancel import cancel_invoice
from carteira.billing.issue import invoice_once
from carteira.core.events.models import Event
from carteira.core.verify import verify_account
from carteira.core.walls import scope
from carteira.customers.archive import archive
from carteira.customers.delete import CannotDelete, delete, guards
from carteira.customers.edit import edit
from carteira.customers.models import ArchivePeriod, Customer
from carteira.customers.register import register
from conftest import NOW, TODAY


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def address(customer):
    return f"/aurora/customers/{customer.pk}/delete/"


def test_registering_archiving_and_deleting_are_three_acts(cast):
    """S0-01: a mistake is registered, archived and deleted; the parts of its card and its old values go with it."""
    with scope(cast.aurora.pk):
        customer = register(cast.aurora, name="Mistake", email="wrong@example.com", by=None, now=NOW)
        edit(customer, name="Mistaken", by=None, now=NOW)
        archive(customer, note="twice", by=None, now=NOW)
    client = cast.client(cast.ana)
    assert "Delete customer" in client.get(f"/aurora/customers/{customer.pk}/").content.decode()
    assert "cannot be brought back" in client.get(address(customer)).content.decode()
    answer = client.post(address(customer))
    assert answer.headers["Location"] == "/aurora/customers/"
    assert "Mistaken is deleted." in client.get("/aurora/customers/").content.decode()
    with scope(cast.aurora.pk):
        assert (Customer.objects.count(), ArchivePeriod.objects.count()) == (0, 0)
        events = list(Event.objects.order_by("id").values_list("kind", "personal", "what__number"))
        assert [kind for kind, _personal, _number in events] == [
            "customer.registered",
            "customer.edited",
            "customer.archived",
            "customer.deleted",
        ]
        assert [personal for _kind, personal, _number in events] == [{}] * 4
        assert events[-1][2] == customer.number
        assert Event.objects.get(kind="customer.deleted").by == cast.ana
        again = register(cast.aurora, name="Next", by=None, now=NOW)
        assert again.number == customer.number + 1, "numbers are not given twice"
    assert list(verify_account(cast.aurora)) == []


def test_a_history_refuses_and_says_what_to_do_instead(cast, make_customer):
    """S2-14: archive exists so that nobody has to be deleted."""
    customer = make_customer(cast.aurora, "Maria", paid=[(TODAY - timedelta(3), 100), (TODAY - timedelta(2), 100)])
    client = cast.client(cast.ana)
    text = client.get(address(customer)).content.decode()
    assert "2 invoices" in text
    assert "2 payments" in text
    assert f"/aurora/customers/{customer.pk}/archive/" in text
    assert f"/aurora/customers/{customer.pk}/person/anonymise/" in text
    assert client.post(address(customer)).status_code == 422
    with scope(cast.aurora.pk):
        assert Customer.objects.filter(pk=customer.pk).exists()


def test_a_canceled_or_deleted_invoice_is_history_too(cast, make_customer):
    customer = make_customer(cast.aurora, "Maria")
    with scope(cast.aurora.pk):
        invoice = invoice_once(
            customer, amount=5, due_on=TODAY + timedelta(9), issue_on=TODAY + timedelta(3), by=None, now=NOW
        )
        cancel_invoice(invoice, reason="", by=None, now=NOW)
        with pytest.raises(CannotDelete) as refused:
            delete(customer, by=None, now=NOW)
    assert refused.value.history == ["1 invoice"]


def test_rooms_can_guard_what_no_foreign_key_tells(cast, make_customer):
    customer = make_customer(cast.aurora, "Maria")
    guards.add("test.messages", lambda customer: ["2 messages"])
    try:
        with scope(cast.aurora.pk), pytest.raises(CannotDelete) as refused:
            delete(customer, by=None, now=NOW)
        assert refused.value.history == ["2 messages"]
    finally:
        guards.remove("test.messages")


def test_next_door_nobody_goes(cast, make_customer):
    customer, theirs = make_customer(cast.aurora, "Maria"), make_customer(cast.boreal, "Maria")
    assert cast.client(cast.ana).post(address(theirs)).status_code == 404
    assert cast.client(cast.caio).post(address(customer)).status_code == 403
    assert cast.client(cast.ana).post(address(customer)).status_code == 302
    with scope(cast.boreal.pk):
        assert Customer.objects.count() == 1
