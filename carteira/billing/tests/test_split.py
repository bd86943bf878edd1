"""One payment for several invoices, one invoice in parts, issuing early: all or nothing, booked once."""

from datetime import timedelta

import pytest
import time_machine

from carteira.billing.cancel import CannotCancel, cancel_invoice
from carteira.billing.issue import CannotInvoice, invoice_once
from carteira.billing.issue_now import issue_now
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import CannotPay, CannotReverse, SentBefore, record_payment, reverse_payment
from carteira.billing.split import distribute, record_split, undo_split
from carteira.billing.status import Status, status_of
from carteira.billing.tests.test_threads import at_once
from carteira.billing.verify import invoice_caches, numbers, payment_rows
from carteira.core.events.models import Event
from carteira.core.form_keys import new_key
from carteira.core.walls import scope
from conftest import NOW, TODAY, make_cast

OPTIONS = {"by": None, "now": NOW}
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def bill(customer, amount, due_on=TODAY):
    return invoice_once(customer, amount=amount, due_on=due_on, issue_on=min(due_on, TODAY), by=None, now=NOW - WEEK)


def split(customer, parts, key=None, **more):
    options = {"paid_on": TODAY, "method": "pix", "key": key or new_key(NOW), **OPTIONS, **more}
    return record_split(customer, parts, **options)


def balances(*invoices):
    return [Invoice.objects.get(pk=invoice.pk).balance for invoice in invoices]


def test_one_payment_pays_several_invoices_and_a_new_one(cast, make_customer):
    """Each invoice gets its part as a payment of its own; what is left over makes a one-off invoice paid by it."""
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        first, second = bill(customer, 6_000), bill(customer, 3_000)
        made = split(customer, [(first.pk, 6_000), (second.pk, 1_000), (None, 500)])
        assert [payment.amount for payment in made] == [6_000, 1_000, 500]
        assert balances(first, second) == [0, 2_000]
        assert made[2].invoice.amount == 500
        assert Event.objects.filter(kind="payment.received").count() == 3
        assert [*invoice_caches(), *numbers(), *payment_rows()] == []


def test_one_invoice_is_paid_in_parts(cast, make_customer):
    """Settled on the day of the last part; until then overdue or issued."""
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        invoice = bill(customer, 9_000, TODAY - WEEK)
        for part in (2_000, 3_000):
            record_payment(customer, amount=part, paid_on=TODAY, method="cash", invoice=invoice, **OPTIONS)
        invoice.refresh_from_db()
        assert (invoice.balance, status_of(invoice, TODAY)) == (4_000, Status.OVERDUE)
        record_payment(customer, amount=4_000, paid_on=TODAY, method="pix", invoice=invoice, **OPTIONS)
        invoice.refresh_from_db()
        assert (invoice.settled_on, status_of(invoice, TODAY)) == (TODAY, Status.PAID)


def test_a_split_that_cannot_be_writes_nothing(cast, make_customer):
    customer, other = make_customer(cast.aurora), make_customer(cast.aurora, "Outra")
    with scope(cast.aurora.pk):
        mine, theirs = bill(customer, 1_000), bill(other, 1_000)
        for parts in (
            [],
            [(mine.pk, 1_000), (theirs.pk, 10)],
            [(mine.pk, 1_000), (mine.pk, 1)],
            [(mine.pk, 500), (None, 0)],
            [(None, 300), (mine.pk, 1_001)],
        ):
            with pytest.raises(CannotPay):
                split(customer, parts)
        with pytest.raises(CannotPay):
            split(customer, [(mine.pk, 10)], paid_on=TODAY + WEEK)
        assert not Payment.objects.exists()
        assert not Event.objects.filter(kind="payment.received").exists()
        assert balances(mine) == [1_000]


def test_sent_twice_is_booked_once(cast, make_customer):
    customer = make_customer(cast.aurora)
    key = new_key(NOW)
    with scope(cast.aurora.pk):
        first, second = bill(customer, 600), bill(customer, 300)
        parts = [(first.pk, 600), (second.pk, 300)]
        assert split(customer, parts, key) == split(customer, parts, key)
        assert split(customer, parts[::-1], key) == split(customer, parts, key)
        for other in ([(first.pk, 600)], [(second.pk, 600), (first.pk, 300)], [*parts, (None, 5)]):
            with pytest.raises(SentBefore):
                split(customer, other, key)
        assert Payment.objects.count() == 2


def test_the_whole_split_is_undone_or_nothing_of_it(cast, make_customer):
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        first, second = bill(customer, 600), bill(customer, 300)
        made = split(customer, [(first.pk, 600), (second.pk, 300), (None, 50)])
        undo_split(made[0], **OPTIONS)
        assert balances(first, second) == [600, 300]
        assert made[2].invoice.__class__.objects.get(pk=made[2].invoice_id).canceled_on == TODAY
        again = split(customer, [(first.pk, 600), (second.pk, 300)])
        reverse_payment(again[1], amount=10, **OPTIONS)
        with pytest.raises(CannotReverse):
            undo_split(again[0], **OPTIONS)
        assert balances(first, second) == [0, 10]
        assert [*invoice_caches(), *payment_rows()] == []


@pytest.mark.django_db(transaction=True)
def test_two_clerks_split_over_the_same_invoices(make_customer):
    """M2: in whichever order they name them, one wins whole and the other is told; no deadlock, nothing half."""
    cast = make_cast()
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        first, second = bill(customer, 600), bill(customer, 300)
    parts = [(first.pk, 600), (second.pk, 300)]
    answers = at_once(cast.aurora, [lambda: split(customer, parts), lambda: split(customer, parts[::-1])] * 2)
    assert sorted(type(answer).__name__ for answer in answers) == ["CannotPay"] * 3 + ["list"]
    with scope(cast.aurora.pk):
        assert Payment.objects.count() == 2
        assert balances(first, second) == [0, 0]
        assert [*invoice_caches(), *numbers()] == []


@pytest.mark.django_db(transaction=True)
def test_one_cancels_while_the_other_pays(make_customer):
    """Whoever comes first wins; the other is told; an invoice is never paid and canceled at once."""
    cast = make_cast()
    customer = make_customer(cast.aurora)

    def told(act):
        try:
            return act()
        except (CannotCancel, CannotInvoice) as refused:
            raise CannotPay(str(refused)) from refused

    for _ in range(4):
        with scope(cast.aurora.pk):
            invoice = bill(customer, 500)
        pay = {"amount": 500, "paid_on": TODAY, "method": "pix", "invoice": invoice}
        answers = at_once(
            cast.aurora,
            [
                lambda pay=pay: record_payment(customer, **pay, **OPTIONS),
                lambda invoice=invoice: told(lambda: cancel_invoice(invoice, reason="Erro", **OPTIONS)),
            ],
        )
        assert [type(answer).__name__ for answer in answers].count("CannotPay") == 1
        with scope(cast.aurora.pk):
            invoice.refresh_from_db()
            assert (invoice.paid_amount == 500) != (invoice.deleted_at is not None)
    with scope(cast.aurora.pk):
        later = invoice_once(customer, amount=100, due_on=TODAY + WEEK, issue_on=TODAY + WEEK, **OPTIONS)
    answers = at_once(cast.aurora, [lambda: told(lambda: issue_now(later, **OPTIONS))] * 3)
    assert [type(answer).__name__ for answer in answers].count("CannotPay") == 2
    with scope(cast.aurora.pk):
        assert [*invoice_caches(), *numbers(), *payment_rows()] == []


def test_the_oldest_invoice_is_paid_first():
    invoices = [Invoice(amount=600), Invoice(amount=300, paid_amount=100), Invoice(amount=50)]
    assert distribute(700, invoices) == ([600, 100, 0], 0)
    assert distribute(1_000, invoices) == ([600, 200, 50], 150)


def test_splitting_on_screen(cast, make_customer):
    """The sum is spread, the oldest first; parts that do not come to it are told; then recorded and undone."""
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        later, older = bill(customer, 30_000, TODAY), bill(customer, 60_000, TODAY - WEEK)
    client = cast.client(cast.beto)
    url = f"/aurora/billing/customers/{customer.pk}/split/"
    assert url in client.get(f"/aurora/billing/customers/{customer.pk}/pay/").text
    form = client.get(url, {"amount": "700", "note": "fica"}).context["form"]
    lines = {line.name: line.value() for line in form.lines}
    assert lines == {f"part_{older.pk.hex}": "600,00", f"part_{later.pk.hex}": "100,00", "rest": ""}
    sent = {"key": str(new_key(NOW)), "amount": "700", "paid_on": "2026-11-21", "method": "pix", **lines}
    wrong = client.post(url, {**sent, "rest": "0,01"})
    assert wrong.status_code == 422
    assert "0,01" in wrong.text
    assert client.post(url, {**sent, f"part_{older.pk.hex}": "1,234"}).status_code == 422
    assert client.post(url, {**sent, f"part_{older.pk.hex}": "-600"}).status_code == 422
    done = client.post(url, sent, follow=True)
    with scope(cast.aurora.pk):
        assert balances(older, later) == [0, 20_000]
    again = client.post(url, sent, follow=True)
    assert [message.level_tag for message in again.context["messages"]][-1] in ("info", "success")
    with scope(cast.aurora.pk):
        assert Payment.objects.count() == 2
    client.post(next(iter(done.context["messages"])).extra_tags)
    with scope(cast.aurora.pk):
        assert balances(older, later) == [60_000, 30_000]


def test_issued_early_by_a_click(cast, make_customer):
    """Decision 5: it gets its number today; twice is refused; a deleted one is not issued."""
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        invoice = invoice_once(customer, amount=100, due_on=TODAY + WEEK, issue_on=TODAY + WEEK, **OPTIONS)
    client = cast.client(cast.beto)
    page = client.get(f"/aurora/billing/invoices/{invoice.pk}/")
    assert f"/aurora/billing/invoices/{invoice.pk}/issue/" in page.text
    client.post(f"/aurora/billing/invoices/{invoice.pk}/issue/")
    with scope(cast.aurora.pk):
        invoice.refresh_from_db()
        assert (invoice.number, invoice.issue_on, invoice.issued_on) == ("1", TODAY, TODAY)
        with pytest.raises(CannotInvoice):
            issue_now(invoice, **OPTIONS)
        assert [*numbers()] == []


def test_an_invoice_begun_from_the_list(cast, make_customer):
    """S2-23: whom it is for, found by any fragment; then the same form as on the card."""
    maria = make_customer(cast.aurora, "Maria Prado")
    make_customer(cast.aurora, "Outra")
    make_customer(cast.boreal, "Prado de Boreal")
    client = cast.client(cast.beto)
    page = client.get("/aurora/customers/choose/", {"act": "billing.invoice", "q": "prado"})
    assert [row["customer"].name for row in page.context["rows"]] == ["Maria Prado"]
    assert client.get(page.context["rows"][0]["url"]).status_code == 200
    assert f"/aurora/billing/customers/{maria.pk}/invoice/" in page.text
