"""Many at once: numbers without gaps (M7), one invoice paid once, one form booked once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from carteira.billing.issue import invoice_once
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import CannotPay, record_payment
from carteira.billing.verify import invoice_caches, numbers
from carteira.core.form_keys import new_key
from carteira.core.walls import scope
from conftest import NOW, TODAY, make_cast

THREADS = 20


def at_once(account, acts):
    """Run each act in a thread and a transaction of its own, all let go together; their results or refusals."""
    ready = Barrier(len(acts))

    def run(act):
        try:
            ready.wait(20)
            with scope(account.pk):
                return act()
        except CannotPay as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gaps_under_twenty_threads(make_customer):
    """M7: twenty at once, invoices of their own customers and paid one-offs of a shared one; two roll back."""
    cast = make_cast()
    customers = [make_customer(cast.aurora, f"Cliente {n}") for n in range(THREADS)]
    options = {"by": None, "now": NOW}

    def act(nth):
        if nth % 2:
            record_payment(customers[0], amount=100, paid_on=TODAY, method="pix", **options)
        else:
            invoice_once(customers[nth], amount=100, due_on=TODAY, **options)
        if nth in (6, 7):
            raise CannotPay("Changed my mind")

    refused = [r for r in at_once(cast.aurora, [lambda n=n: act(n) for n in range(THREADS)]) if r is not None]
    assert len(refused) == 2
    with scope(cast.aurora.pk):
        given = sorted(int(number) for number in Invoice.objects.values_list("number", flat=True))
        assert given == list(range(1, THREADS - 1))
        assert [*numbers(), *invoice_caches()] == []


@pytest.mark.django_db(transaction=True)
def test_two_clerks_pay_one_invoice(make_customer):
    """M2: one wins, the other is told that it is paid already; the same form sent twice is booked once."""
    cast = make_cast()
    customer = make_customer(cast.aurora)
    options = {"amount": 500, "paid_on": TODAY, "method": "pix", "by": None, "now": NOW}
    with scope(cast.aurora.pk):
        invoice = invoice_once(customer, amount=500, due_on=TODAY, by=None, now=NOW)
    answers = at_once(cast.aurora, [lambda: record_payment(customer, invoice=invoice, **options)] * 2)
    assert sorted(type(answer).__name__ for answer in answers) == ["CannotPay", "Payment"]
    key = new_key(NOW)
    answers = at_once(cast.aurora, [lambda: record_payment(customer, key=key, **options)] * 4)
    assert {answer.pk for answer in answers} == {key}
    with scope(cast.aurora.pk):
        assert Payment.objects.count() == 2
        assert [*numbers(), *invoice_caches()] == []
