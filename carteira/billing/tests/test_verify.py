"""`carteira verify` bites: each planted difference is told, by id."""

from datetime import timedelta

import pytest
from django.db.models import F

from carteira.billing import verify
from carteira.billing.issue import invoice_once
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import reverse_payment
from carteira.core.counters import Counter
from carteira.core.walls import scope
from conftest import NOW, TODAY

CHECKS = (verify.invoice_caches, verify.numbers, verify.effective_due_days, verify.payment_rows)


def spoil_paid():
    Invoice.objects.filter(number="1").update(paid_amount=F("paid_amount") - 1, settled_on=None)
    return verify.invoice_caches, Invoice.objects.get(number="1").pk


def spoil_settled():
    Invoice.objects.filter(number="1").update(settled_on=TODAY - timedelta(1))
    return verify.invoice_caches, Invoice.objects.get(number="1").pk


def spoil_number():
    Invoice.objects.filter(number="2").update(number="9")
    return verify.numbers, "9"


def spoil_counter():
    Counter.objects.filter(name="invoice").update(value=1)
    return verify.numbers, "1"


def spoil_issue():
    Invoice.objects.filter(number="2").update(number="")
    return verify.numbers, Invoice.objects.get(number="").pk


def spoil_due():
    Invoice.objects.filter(number="2").update(effective_due_on=F("due_on") + timedelta(1))
    return verify.effective_due_days, Invoice.objects.get(number="2").pk


def spoil_future():
    past = Payment.objects.create(
        customer=Payment.objects.first().customer, amount=5, paid_on=TODAY + timedelta(4000), recorded_at=NOW
    )
    return verify.payment_rows, past.pk


def spoil_reversal():
    payment = Payment.objects.get(reverses=None)
    Payment.objects.create(
        customer=payment.customer,
        invoice=payment.invoice,
        reverses=payment,
        owed_again=False,
        amount=-payment.amount,
        paid_on=TODAY,
        recorded_at=NOW,
    )
    return verify.payment_rows, payment.pk


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_paid,
        spoil_settled,
        spoil_number,
        spoil_counter,
        spoil_issue,
        spoil_due,
        spoil_future,
        spoil_reversal,
    ],
)
def test_a_planted_difference_is_told(cast, make_customer, spoil):
    """M4, M5, M7: nothing before, the row's id after."""
    customer = make_customer(cast.aurora, paid=[(TODAY - timedelta(3), 1_000)])
    with scope(cast.aurora.pk):
        invoice_once(customer, amount=500, due_on=TODAY + timedelta(3), by=None, now=NOW)
        reverse_payment(Payment.objects.get(), amount=100, owed_again=False, by=None, now=NOW)
        assert [sentence for check in CHECKS for sentence in check()] == []
        check, named = spoil()
        assert str(named) in " ".join(check())
