"""The life cycle as properties: the rule in Python = the rule in SQL = a recomputation from the raw rows, on any day.

Rows S0-10 to S0-14 and S2-03 to S2-08, S2-29, S2-30; product decisions 1 to 4.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carteira.accounts.models import Account
from carteira.billing.issue import invoice_once, issue_due
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import CannotPay, CannotReverse, record_payment, reverse_payment
from carteira.core.walls import scope
from carteira.customers import facts
from carteira.customers.activity import counts
from carteira.customers.archive import CannotArchive, CannotUnarchive, archive, unarchive
from carteira.customers.facts import FactSource
from carteira.customers.lifecycle import Facts, Rule, State, View, derived_reason, state_of, view_of
from carteira.customers.models import FOREVER, ArchivePeriod, Customer, Span
from carteira.customers.register import register
from conftest import NOW, TODAY, examples, undone

START = date(2026, 3, 1)
DAYS = 40
RULES = (Rule("payment", 2), Rule("payment", 6), Rule("subscription", 5))

# -- a source of subscriptions, until the room that has them stands: (customer number, from, until, made on)

FAKE_TABLE = "fake_subscription"


@pytest.fixture
def fake_subscriptions(db: None) -> Iterator[None]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {FAKE_TABLE} "
            "(customer_id uuid, from_on date, until_on date, created_on date) ON COMMIT DROP"
        )
    facts.sources.add(
        "fake", FactSource("subscribed", f"SELECT customer_id, from_on, until_on FROM {FAKE_TABLE} WHERE {{only}}")
    )
    facts.sources.add(
        "fake.made", FactSource("subscription", f"SELECT customer_id, created_on FROM {FAKE_TABLE} WHERE {{only}}")
    )
    yield
    facts.sources.remove("fake")
    facts.sources.remove("fake.made")


def subscribe(customer: Customer, from_on: date, until_on: date | None, created_on: date) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {FAKE_TABLE} VALUES (%s, %s, %s, %s)", [customer.pk, from_on, until_on, created_on]
        )
    facts.refresh([customer.pk])


# -- the rule once more, read naively from the raw rows


@dataclass
class Truth:
    state: dict[Any, State] = field(default_factory=dict)
    delinquent: set[Any] = field(default_factory=set)
    reason: dict[Any, str] = field(default_factory=dict)


Subscriptions = dict[Any, list[tuple[date, date | None, date]]]


class Rows:
    """Every raw row, read once."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self.customers = list(Customer.objects.all())
        self.payments = list(Payment.objects.all())
        self.invoices = list(Invoice.objects.all())
        self.periods = list(ArchivePeriod.objects.all())
        self.subscriptions = subscriptions

    def telling_days(self, today: date, rule: Rule) -> list[date]:
        """Today, and some of the past days on which an answer may change: the most recent of each sort."""
        changes = [{p.paid_on for p in self.payments}]
        changes.append({p.paid_on + timedelta(rule.days) for p in self.payments})
        changes.append({p.paid_on + timedelta(rule.days + 1) for p in self.payments})
        changes.append({i.effective_due_on + timedelta(1) for i in self.invoices})
        changes.append({day for p in self.periods for day in (p.from_on, p.until_on)})
        past = [sorted((day for day in days if day < today), reverse=True)[:2] for days in changes]
        return [today, *sorted({day for days in past for day in days})]


def truth(view: View, rows: Rows) -> Truth:
    found = Truth()
    day = view.day
    for customer in rows.customers:
        paid = [p for p in rows.payments if p.customer_id == customer.pk]
        counting = []
        for payment in paid:
            back = sum(-r.amount for r in paid if r.reverses_id == payment.pk and r.paid_on <= day)
            if payment.reverses_id is None and payment.paid_on <= day and back < payment.amount:
                counting.append(payment.paid_on)
        made = rows.subscriptions.get(customer.pk, [])
        firsts = [p.paid_on for p in paid if p.reverses_id is None and _ever_counted(p, paid)]
        if min([customer.registered_on, *firsts, *(c for _, _, c in made)]) > day:
            continue
        archived = [
            period
            for period in rows.periods
            if period.customer_id == customer.pk and period.from_on <= day < period.until_on
        ]
        known = Facts(
            last_paid_on=max(counting, default=None),
            ever_subscribed=any(created <= day for _, _, created in made),
            subscribed=any(a <= day and (b is None or day < b) for a, b, _ in made),
            archived_on=archived[0].from_on if archived else None,
        )
        assert len(archived) <= 1
        found.state[customer.pk] = state_of(known, view)
        if archived:
            in_force_once = any(a <= day and (b is None or b > a) for a, b, _ in made)
            found.reason[customer.pk] = archived[0].reason or derived_reason(
                ever_paid=bool(counting), ever_subscribed=in_force_once
            )
        elif any(_overdue(i, paid, day) for i in rows.invoices if i.customer_id == customer.pk):
            found.delinquent.add(customer.pk)
    return found


def _ever_counted(payment: Payment, paid: list[Payment]) -> bool:
    back = sum(-r.amount for r in paid if r.reverses_id == payment.pk and r.paid_on <= payment.paid_on)
    return back < payment.amount


def _overdue(invoice: Invoice, paid: list[Payment], day: date) -> bool:
    if invoice.issued_on is None or invoice.issued_on > day or invoice.effective_due_on >= day:
        return False
    if invoice.canceled_on is not None and invoice.canceled_on <= day:
        return False
    entries = [
        p.amount
        for p in paid
        if p.invoice_id == invoice.pk and p.paid_on <= day and (p.reverses_id is None or p.owed_again)
    ]
    return sum(entries) < invoice.amount


def assert_same(view: View, rows: Rows) -> None:
    expected = truth(view, rows)
    by_sql: dict[Any, State] = {}
    for state in State:
        for key in Customer.objects.in_state(state, view).values_list("pk", flat=True):
            assert key not in by_sql, "in two states on one day"
            by_sql[key] = state
    assert by_sql == expected.state
    assert set(Customer.objects.delinquent(view).values_list("pk", flat=True)) == expected.delinquent
    for customer in Customer.objects.with_facts(view):
        if customer.pk in expected.state:
            known = Facts(
                last_paid_on=customer.fact_last_paid_on,
                ever_subscribed=customer.first_subscribed_on is not None and customer.first_subscribed_on <= view.day,
                subscribed=customer.fact_subscribed,
                archived_on=customer.fact_archived_on,
            )
            assert state_of(known, view) == expected.state[customer.pk]
    for reason in ("churn", "lost"):
        gone = set(Customer.objects.gone_for(reason, view).values_list("pk", flat=True))
        assert gone == {key for key, derived in expected.reason.items() if derived == reason}
    values = list(expected.state.values())
    assert counts(view).as_dict() == {
        "all": len(values) - values.count(State.ARCHIVED),
        "lead": values.count(State.LEAD),
        "active": values.count(State.ACTIVE),
        "inactive": values.count(State.INACTIVE),
        "archived": values.count(State.ARCHIVED),
        "churn": list(expected.reason.values()).count("churn"),
        "lost": list(expected.reason.values()).count("lost"),
        "delinquent": len(expected.delinquent),
    }


def stored() -> tuple[list[Any], list[Any]]:
    spans = Span.objects.order_by("customer_id", "kind", "from_on")
    return (
        list(spans.values_list("customer_id", "kind", "from_on", "until_on", "since_on")),
        list(Customer.objects.order_by("pk").values_list("pk", *facts.CACHED_DAYS)),
    )


# -- random histories

ACTS = ("pay", "pay", "pay", "invoice", "pay_invoice", "reverse", "refund", "archive", "unarchive", "subscribe")
steps = st.lists(
    st.tuples(
        st.integers(0, 3),  # days that pass before it
        st.sampled_from(ACTS),
        st.integers(0, 3),  # which customer
        st.integers(0, 6),  # how many days back (or on, for due dates) it is dated
        st.integers(1, 3),  # amount
    ),
    max_size=14,
)


def at(day: date) -> datetime:
    return datetime.combine(day, time(15), UTC)  # noon in São Paulo


class History:
    """Plays acts through the verbs, as screens do. `late`: acts may be dated back."""

    def __init__(self, account: Account, *, late: bool) -> None:
        self.account, self.late, self.day = account, late, START
        self.customers = [register(account, by=None, now=at(START), name=f"Customer {n}") for n in range(4)]
        self.subscriptions: Subscriptions = {}

    def act(self, name: str, who: int, days: int, amount: int) -> None:
        customer = Customer.objects.get(pk=self.customers[who].pk)
        options: dict[str, Any] = {"by": None, "now": at(self.day)}
        on = self.day - timedelta(days if self.late else 0)
        try:
            if name == "pay":
                record_payment(customer, amount=amount, paid_on=max(on, START), method="pix", **options)
            elif name == "invoice":
                due = self.day + timedelta(days)
                invoice_once(customer, amount=amount, due_on=due, issue_on=self.day + timedelta(days // 3), **options)
            elif name == "pay_invoice":
                invoice = Invoice.objects.filter(customer=customer, settled_on=None).order_by("pk").first()
                if invoice is not None:
                    record_payment(
                        customer, amount=amount, paid_on=max(on, START), method="pix", invoice=invoice, **options
                    )
            elif name in ("reverse", "refund"):
                payment = Payment.objects.filter(customer=customer, reverses=None).order_by("-pk").first()
                if payment is not None:
                    partly = amount if amount < payment.amount else None
                    reverse_payment(
                        payment, amount=partly, on=max(on, payment.paid_on), owed_again=name == "reverse", **options
                    )
            elif name == "archive":
                archive(customer, on=max(on, START), reason="lost" if days == 3 else "", **options)
            elif name == "unarchive":
                unarchive(customer, on=max(on, customer.archived_on or START), **options)
            elif name == "subscribe":
                span = (self.day + timedelta(days // 2), self.day + timedelta(days // 2 + amount) if days % 2 else None)
                subscribe(customer, *span, self.day)
                self.subscriptions.setdefault(customer.pk, []).append((*span, self.day))
        except (CannotPay, CannotReverse, CannotArchive, CannotUnarchive):
            pass  # A refusal changes nothing: the comparison afterwards proves it.


SLOW_IS_FINE = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


@settings(max_examples=examples(8), deadline=None, suppress_health_check=SLOW_IS_FINE)
@given(history=steps)
def test_python_rule_is_sql_rule_is_recomputation(cast, fake_subscriptions, history):
    """Late news included: whatever happens in whatever order, each day has one answer, from caches and from scratch."""
    with scope(cast.aurora.pk), undone():
        played = History(cast.aurora, late=True)
        for days, name, who, back, amount in history:
            played.day += timedelta(days)
            issue_due(cast.aurora, at(played.day))
            played.act(name, who, back, amount)
        cached = stored()
        facts.refresh()
        assert stored() == cached, "the caches differ from a full recomputation"
        for a, b in pairwise(Span.objects.order_by("customer_id", "kind", "from_on")):
            if (a.customer_id, a.kind) == (b.customer_id, b.kind):
                assert a.until_on <= b.from_on
        rows, now = Rows(played.subscriptions), at(played.day)
        for rule in RULES:
            for day in rows.telling_days(played.day, rule):
                assert_same(view_of(cast.aurora, now=now, day=day, rule=rule), rows)


@settings(max_examples=examples(5), deadline=None, suppress_health_check=SLOW_IS_FINE)
@given(history=steps)
def test_as_of_yesterday_is_yesterdays_live_answer(cast, fake_subscriptions, history):
    """N2: without late news, looking back at a day tells what was told on that day."""
    with scope(cast.aurora.pk), undone():
        played = History(cast.aurora, late=False)
        told: dict[tuple[date, Rule], dict[str, int]] = {}

        def look() -> None:
            for rule in RULES:
                view = view_of(cast.aurora, now=at(played.day), rule=rule)
                assert view.live
                told[played.day, rule] = counts(view).as_dict()

        for days, name, who, back, amount in history:
            for _ in range(days):
                look()
                played.day += timedelta(1)
                issue_due(cast.aurora, at(played.day))
            played.act(name, who, back, amount)
        look()
        now = at(played.day + timedelta(1))
        for (day, rule), answer in told.items():
            assert counts(view_of(cast.aurora, now=now, day=day, rule=rule)).as_dict() == answer


@pytest.mark.parametrize(
    ("zone", "hour", "expected"),
    [
        ("America/Sao_Paulo", 2, "active"),  # 23:00 the evening before
        ("America/Sao_Paulo", 3, "inactive"),  # midnight
        ("America/Manaus", 3, "active"),  # 23:00 there
        ("America/Noronha", 2, "inactive"),  # midnight there
    ],
)
def test_today_is_the_accounts(cast, make_customer, zone, hour, expected):
    """Product decision 1: the sixty-first day begins at the account's own midnight."""
    Account.objects.filter(pk=cast.aurora.pk).update(time_zone=zone)
    cast.aurora.refresh_from_db()
    make_customer(cast.aurora, paid=[(TODAY - timedelta(61), 100)])
    with scope(cast.aurora.pk):
        view = view_of(cast.aurora, now=datetime(2026, 11, 21, hour, tzinfo=UTC))
        assert [s.value for s in State if Customer.objects.in_state(s, view).exists()] == [expected]


def test_a_fully_reversed_only_payment_makes_a_lead_again(cast, make_customer):
    """Product decision 2: from the day of the reversal, not before."""
    customer = make_customer(cast.aurora, paid=[(TODAY - timedelta(10), 500)])
    with scope(cast.aurora.pk):
        payment = customer.payments.get()
        reverse_payment(payment, amount=200, on=TODAY - timedelta(5), by=None, now=NOW)
        assert counts(view_of(cast.aurora, now=NOW)).active == 1
        reverse_payment(payment, on=TODAY - timedelta(2), by=None, now=NOW)
        assert counts(view_of(cast.aurora, now=NOW)).lead == 1
        before = view_of(cast.aurora, now=NOW, day=TODAY - timedelta(3))
        assert counts(before).active == 1


def test_archiving_is_refused_while_money_is_pending(cast, make_customer):
    """S2-08, product decision 4: an open or a scheduled invoice blocks, and is named."""
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        invoice = invoice_once(customer, amount=1000, due_on=TODAY + timedelta(9), by=None, now=NOW)
        with pytest.raises(CannotArchive) as refused:
            archive(customer, by=None, now=NOW)
        assert len(refused.value.pending) == 1
        record_payment(customer, amount=1000, paid_on=TODAY, method="pix", invoice=invoice, by=None, now=NOW)
        archived = archive(customer, by=None, now=NOW)
        assert archived.archived_on == TODAY
        assert counts(view_of(cast.aurora, now=NOW)).churn == 1


def test_a_payment_reopens_only_from_the_archive_day_on(cast, make_customer):
    """Product decision 4: older payments recorded later leave the customer archived."""
    customer = make_customer(cast.aurora, registered_on=TODAY - timedelta(100))
    with scope(cast.aurora.pk):
        customer = archive(customer, on=TODAY - timedelta(10), by=None, now=NOW)
        record_payment(customer, amount=5, paid_on=TODAY - timedelta(30), method="pix", by=None, now=NOW)
        customer.refresh_from_db()
        assert customer.archived_on == TODAY - timedelta(10)
        record_payment(customer, amount=5, paid_on=TODAY - timedelta(10), method="pix", by=None, now=NOW)
        customer.refresh_from_db()
        assert customer.archived_on is None
        assert ArchivePeriod.objects.filter(until_on=FOREVER).count() == 0


@pytest.mark.parametrize("day", [TODAY + timedelta(1), TODAY - timedelta(101), TODAY - timedelta(6)])
def test_archiving_refuses_days_that_make_no_sense(cast, make_customer, day):
    """The future, before the registration, before the last payment."""
    customer = make_customer(cast.aurora, registered_on=TODAY - timedelta(100), paid=[(TODAY - timedelta(5), 100)])
    with scope(cast.aurora.pk), pytest.raises(CannotArchive):
        archive(customer, on=day, by=None, now=NOW)


def test_delinquent_overlays_and_counts_once(cast, make_customer):
    """S2-07, S2-29, S2-30: two overdue invoices are one delinquent, who is also active."""
    customer = make_customer(cast.aurora, paid=[(TODAY - timedelta(3), 100)])
    with scope(cast.aurora.pk):
        now = at(TODAY - timedelta(30))
        for _ in range(2):
            invoice_once(customer, amount=700, due_on=TODAY - timedelta(20), by=None, now=now)
        bar = counts(view_of(cast.aurora, now=NOW))
        assert (bar.active, bar.delinquent, bar.all) == (1, 1, 1)
