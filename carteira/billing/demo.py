"""Invoices and payments of the demo business: tuition month by month, as people really pay it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.db.models import Count

from carteira.accounts.holidays import calendar_of
from carteira.billing.issue import ISSUED, SCHEDULED
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import RECEIVED, record_payment, reverse_payment
from carteira.core import dates
from carteira.core.counters import take_numbers
from carteira.core.events.record_past import record_past
from carteira.customers import facts
from carteira.customers.demo import moment
from carteira.customers.models import Customer

# Share of customers that asked and never bought, and of the others that left again.
_LEADS, _LEAVE = 0.11, 0.34
_DUE_DAYS = (5, 5, 10, 10, 10, 15, 20, 25)
_TUITION_FEES = (18_900, 24_900, 24_900, 32_900, 38_900, 45_900, 52_000)
_COURSES_OF_COMPANIES = (89_000, 124_000, 168_000, 240_000, 345_000)
# What the invoices are for; simulated days (demo_day.py) know the demo's own by these words.
TUITION = "Mensalidade"
EXTRAS = (("Material didático", 14_900), ("Taxa de matrícula", 12_000), ("Prova de proficiência", 42_000))
_MONTHS = (
    *("janeiro", "fevereiro", "março", "abril", "maio", "junho"),
    *("julho", "agosto", "setembro", "outubro", "novembro", "dezembro"),
)
ISSUED_BEFORE_DUE = 10


@dataclass
class Habit:
    """How somebody pays: on which day of the month it is due, by what, and how many days before or after."""

    due_day: int
    amount: int
    method: str
    late: tuple[int, int]
    # Share of invoices left unpaid for good.
    forgets: float
    until: date | None
    # How many of the last invoices were never paid by somebody who left.
    owes_at_the_end: int


@dataclass
class Book:
    """What is to be written, with the moments it happened at."""

    invoices: list[Invoice] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)


def add_history(account: Any, by: Any, random: Random, now: datetime) -> None:
    """Bill and collect 18 months, then write it all at once and read the facts off it."""
    today, calendar, book = account.today(now), calendar_of(account), Book()
    staying = []
    for customer in Customer.objects.order_by("number"):
        if customer.registered_on > today - timedelta(days=6) or random.random() < _LEADS:
            if random.random() < 0.12:  # promised to come, never paid the enrolment
                due = customer.registered_on + timedelta(days=7)
                _bill(book, account, customer, EXTRAS[1], customer.registered_on, due, calendar, random, now)
            continue
        habit = _habit(customer, random, today)
        if habit.until is None and habit.forgets == 0:
            staying.append(customer)
        for nth, due in enumerate(_due_days(customer, habit, today)):
            if nth == 0 and random.random() < 0.5:
                extra = _bill(book, account, customer, EXTRAS[nth], customer.registered_on, due, calendar, random, now)
                _pay(book, account, extra, habit.method, due, calendar, random, now)
            issue = max(due - timedelta(days=ISSUED_BEFORE_DUE), customer.registered_on)
            what = (course_of(due), _with_increase(habit.amount, due))
            invoice = _bill(book, account, customer, what, issue, due, calendar, random, now)
            leaving = habit.until is not None and _months_between(due, habit.until) < habit.owes_at_the_end
            if leaving or random.random() < habit.forgets:
                continue
            paid_on = invoice.effective_due_on + timedelta(days=random.randint(*habit.late))
            _pay(book, account, invoice, habit.method, max(paid_on, issue), calendar, random, now)
    _add_one_offs(book, account, staying, calendar, random, now)
    _write(account, by, book)
    facts.refresh()
    _take_back(account, by, random, now)


def _habit(customer: Customer, random: Random, today: date) -> Habit:
    company = customer.kind == Customer.Kind.COMPANY
    punctual = random.random()
    late, forgets = ((-6, 0), 0.0) if punctual < 0.78 else ((1, 18), 0.001) if punctual < 0.96 else ((4, 50), 0.01)
    until = None
    if random.random() < _LEAVE:
        stayed = random.choice((1, 2, 3, 4, 5, 6, 6, 8, 10, 12))
        until = dates.nth_month(customer.registered_on, stayed)
    methods = {"boleto": 70, "transfer": 25, "pix": 5} if company else {"pix": 55, "boleto": 33, "card": 8, "cash": 4}
    return Habit(
        due_day=random.choice(_DUE_DAYS),
        amount=random.choice(_COURSES_OF_COMPANIES if company else _TUITION_FEES),
        method=random.choices(list(methods), list(methods.values()))[0],
        late=late,
        forgets=forgets,
        until=until if until is not None and until < today else None,
        owes_at_the_end=random.choice((0, 0, 0, 0, 0, 1, 2)),
    )


def _due_days(customer: Customer, habit: Habit, today: date) -> list[date]:
    """The due day of every month from registration on that was billed by today."""
    first = customer.registered_on.replace(day=habit.due_day)
    days = (dates.nth_month(first, nth) for nth in range(25))
    last = min(habit.until or date.max, today + timedelta(days=ISSUED_BEFORE_DUE))
    return [day for day in days if customer.registered_on + timedelta(days=2) < day <= last]


def course_of(due: date) -> str:
    return f"{TUITION} de {_MONTHS[due.month - 1]} de {due.year}"


def tuition_of(amount: int, before: date, due: date) -> int:
    """What follows upon an amount due before: six per cent more in a new year."""
    return amount if due.year == before.year else amount * 106 // 100 // 100 * 100


def _with_increase(amount: int, due: date) -> int:
    """Six per cent more every January, in whole reais; amounts are those of 2025."""
    years = max(due.year - 2025, 0)
    return amount * 106**years // 100**years // 100 * 100


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _add_one_offs(
    book: Book, account: Any, customers: list[Customer], calendar: Any, random: Random, now: datetime
) -> None:
    """Overdue ones (some paid in part), open ones and scheduled ones, each for somebody else."""
    today = account.today(now)
    kinds = [(-45, -12)] * 9 + [(-8, 0)] * 14 + [(4, 40)] * 12
    for nth, (customer, kind) in enumerate(zip(random.sample(customers, len(kinds)), kinds, strict=True)):
        issue = max(today + timedelta(days=random.randint(*kind)), customer.registered_on)
        due = issue + timedelta(days=7 if kind[1] < -8 else 15)
        invoice = _bill(book, account, customer, random.choice(EXTRAS), issue, due, calendar, random, now)
        if nth < 3 and invoice.effective_due_on <= today:
            _pay(book, account, invoice, "pix", invoice.effective_due_on, calendar, random, now, part=2)


def _bill(
    book: Book,
    account: Any,
    customer: Customer,
    what: tuple[str, int],
    issue_on: date,
    due_on: date,
    calendar: Any,
    random: Random,
    now: datetime,
) -> Invoice:
    """An invoice, only scheduled when its issue day has not come."""
    today = account.today(now)
    at = moment(account, min(issue_on, today), random, now)
    issued = issue_on <= today
    book.invoices.append(
        Invoice(
            account=account,
            customer=customer,
            description=what[0],
            amount=what[1],
            issue_on=issue_on,
            issued_at=at if issued else None,
            issued_on=issue_on if issued else None,
            due_on=due_on,
            effective_due_on=dates.effective_due(due_on, calendar),
            created_at=at,
        )
    )
    return book.invoices[-1]


def _pay(
    book: Book,
    account: Any,
    invoice: Invoice,
    method: str,
    on: date,
    calendar: Any,
    random: Random,
    now: datetime,
    *,
    part: int = 1,
) -> None:
    """Paid on that day, a boleto on the next on which banks work; not at all when that has not come yet. `part` 2:
    half of it.
    """
    on = calendar.next_business_day(on) if method == Payment.Method.BOLETO else on
    if on > account.today(now):
        return
    book.payments.append(
        Payment(
            account=account,
            customer_id=invoice.customer_id,
            invoice=invoice,
            amount=invoice.amount // part,
            paid_on=on,
            method=method,
            recorded_at=max(moment(account, on, random, now), invoice.created_at),
        )
    )
    invoice.paid_amount = book.payments[-1].amount
    invoice.settled_on = on if part == 1 else None


def _take_back(account: Any, by: Any, random: Random, now: datetime) -> None:
    """Through the verbs. Reversals: of somebody who changed their mind in the first week (a lead again), refunds, and mistakes that are
    put right.
    """
    today = account.today(now)

    def later(payment: Payment) -> dict[str, Any]:
        on = min(payment.paid_on + timedelta(days=random.randint(1, 6)), today)
        return {"on": on, "by": by, "now": moment(account, on, random, now)}

    beginners = Customer.objects.annotate(times=Count("payments")).filter(times=1).order_by("number")
    for customer in _some(random, beginners, 3):
        payment = customer.payments.get()
        reverse_payment(payment, owed_again=False, note="Desistiu dentro de sete dias.", **later(payment))
    recent = Payment.objects.filter(
        reverses=None,
        paid_on__range=(today - timedelta(days=90), today - timedelta(days=7)),
        invoice__settled_on__isnull=False,
        invoice__description__startswith=TUITION,
    )
    for nth, payment in enumerate(_some(random, recent.order_by("recorded_at", "invoice__number"), 7)):
        if nth < 4:
            half = payment.amount // 2
            reverse_payment(payment, amount=half, owed_again=False, note="Aulas canceladas.", **later(payment))
            continue
        reversal = reverse_payment(payment, note="Pix devolvido pelo banco.", **later(payment))
        if nth < 6:
            record_payment(
                payment.customer,
                amount=payment.amount,
                paid_on=reversal.paid_on,
                method="pix",
                invoice=payment.invoice,
                by=by,
                now=reversal.recorded_at,
            )


def _some[Item](random: Random, found: Iterable[Item], count: int) -> list[Item]:
    items = list(found)
    return random.sample(items, min(count, len(items)))


def _write(account: Any, by: Any, book: Book) -> None:
    """Invoices numbered in the order of their issue, payments, and an event for each, in the order of time."""
    book.invoices.sort(key=lambda invoice: invoice.created_at)
    issued = [invoice for invoice in book.invoices if invoice.issued_on is not None]
    first = take_numbers("invoice", len(issued))
    for nth, invoice in enumerate(issued):
        invoice.number = str(first + nth)
    Invoice.objects.bulk_create(book.invoices)
    book.payments.sort(key=lambda payment: payment.recorded_at)
    for payment in book.payments:
        payment.invoice = payment.invoice  # now that it has its id
    Payment.objects.bulk_create(book.payments)
    record_past(
        [ISSUED, SCHEDULED, RECEIVED],
        """SELECT %(issued)s AS kind, created_at AS at, customer_id, id AS subject_id,
            jsonb_build_object('number', number, 'amount', amount, 'due_on', due_on) AS what
        FROM billing_invoice WHERE account_id = %(account)s AND issued_on IS NOT NULL
        UNION ALL
        SELECT %(scheduled)s, created_at, customer_id, id,
            jsonb_build_object('amount', amount, 'issue_on', issue_on, 'due_on', due_on)
        FROM billing_invoice WHERE account_id = %(account)s AND issued_on IS NULL
        UNION ALL
        SELECT %(received)s, p.recorded_at, p.customer_id, p.id, jsonb_build_object(
            'amount', p.amount, 'paid_on', p.paid_on, 'method', p.method, 'invoice', i.number)
        FROM billing_payment p JOIN billing_invoice i ON i.account_id = p.account_id AND i.id = p.invoice_id
        WHERE p.account_id = %(account)s""",
        {"account": account.pk, "issued": ISSUED, "scheduled": SCHEDULED, "received": RECEIVED},
        by=by,
    )
