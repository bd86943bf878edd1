"""One simulated day at the demo business: tuition is billed, people pay early, late or not at all.

What a visitor wrote down is left alone: only the visitor pays the visitor's invoices.
"""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.db.models import Q

from carteira.accounts.holidays import calendar_of
from carteira.billing import queries
from carteira.billing.demo import EXTRAS, ISSUED_BEFORE_DUE, TUITION, course_of, tuition_of
from carteira.billing.issue import invoice_once
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import record_payment
from carteira.core import dates
from carteira.customers.demo import INVENTED
from carteira.customers.models import Customer

# What the demo itself bills; the rest is a visitor's.
_OURS = Q(description__startswith=TUITION) | Q(description__in=[what for what, _amount in EXTRAS])
# Of a hundred: who have a lesson this month and the next, who asked last week and begin.
_STAY, _ENROL = 98, 60
# Whoever has not paid a due invoice for so long after the day they pay on has forgotten it.
_FORGOTTEN = timedelta(days=20)


def bill_and_collect(account: Any, by: Any, random: Random, now: datetime) -> None:
    """Through the verbs, as people of the business would do it."""
    today = account.today(now)
    for customer, description, amount, due_on in [*_next_month(today, random), *_enrolled(today)]:
        invoice_once(customer, amount=amount, due_on=due_on, description=description, by=by, now=now)
    calendar = calendar_of(account)
    open_ones = Invoice.objects.filter(
        _OURS, settled_on=None, issued_on__isnull=False, canceled_on=None, deleted_at=None, customer__archived_on=None
    )
    for invoice in open_ones.select_related("customer").order_by("effective_due_on", "id"):
        on = _pays_on(invoice)
        if on is None or today < on or today > on + _FORGOTTEN:
            continue
        method = queries.last_method(invoice.customer_id) or Payment.Method.PIX
        if method == Payment.Method.BOLETO and not calendar.is_business_day(today):
            continue
        record_payment(
            invoice.customer, amount=invoice.balance, paid_on=today, method=method, invoice=invoice, by=by, now=now
        )


def _next_month(today: date, random: Random) -> list[tuple[Customer, str, int, date]]:
    """What is due in ten days for whoever had a lesson a month before."""
    due_on = today + timedelta(days=ISSUED_BEFORE_DUE)
    if due_on.day > 28:
        return []  # nobody's tuition is due so late in a month
    before = Invoice.objects.filter(
        description__startswith=TUITION,
        due_on=dates.nth_month(due_on, -1),
        issued_on__isnull=False,
        canceled_on=None,
        customer__archived_on=None,
        customer__last_paid_on__gte=today - timedelta(days=60),
    )
    billed = set(
        Invoice.objects.filter(description__startswith=TUITION, due_on=due_on).values_list("customer_id", flat=True)
    )
    return [
        (last.customer, course_of(due_on), tuition_of(last.amount, last.due_on, due_on), due_on)
        for last in before.select_related("customer").order_by("number")
        if last.customer_id not in billed and random.randrange(100) < _STAY
    ]


def _enrolled(today: date) -> list[tuple[Customer, str, int, date]]:
    """Most of those who asked last week begin, and pay their first month in a week."""
    asked_on = today - timedelta(days=5)
    came = Customer.objects.filter(INVENTED, registered_on=asked_on, archived_on=None, invoices=None)
    due_on = today + timedelta(days=7)
    return [
        (customer, course_of(due_on), 32_900 if customer.kind == Customer.Kind.PERSON else 124_000, due_on)
        for customer in came.order_by("number")
        if Random(f"{customer.number} begins").randrange(100) < _ENROL
    ]


def _pays_on(invoice: Invoice) -> date | None:
    """Always the same for an invoice, whichever day asks: early or on time, late, or (None) never."""
    habit = Random(f"{invoice.customer.number} pays").randrange(100)
    random = Random(f"{invoice.customer.number} {invoice.number}")
    if random.randrange(100) < 3:
        return None
    days = random.randint(-6, 0) if habit < 78 else random.randint(1, 18)
    return max(invoice.effective_due_on + timedelta(days=days), invoice.issue_on)
