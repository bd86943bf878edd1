"""Money through time: issued, due, rolled, overdue, paid late or in parts, taken back, refunded, canceled."""

from datetime import UTC, date, datetime, timedelta

import pytest

from carteira.accounts.holidays import add_holiday
from carteira.accounts.models import Account
from carteira.accounts.settings import CannotChange, change_settings
from carteira.billing.cancel import CannotCancel, cancel_invoice, restore_invoice
from carteira.billing.issue import CannotInvoice, invoice_once, issue_due
from carteira.billing.issue_now import issue_now
from carteira.billing.jobs import roll_due_dates
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import (
    CannotPay,
    CannotReverse,
    SentBefore,
    record_payment,
    reverse_payment,
    undo_payment,
)
from carteira.billing.status import Status, status_of, with_status
from carteira.billing.tests.moments import at
from carteira.core.events.models import Event
from carteira.core.form_keys import new_key
from carteira.core.registries import verifiers
from carteira.core.walls import scope
from carteira.customers.activity import counts
from carteira.customers.archive import archive, pending
from carteira.customers.lifecycle import view_of
from carteira.customers.models import Customer
from conftest import NOW, TODAY

DAY = timedelta(days=1)


def bill(customer, *, due_on, amount=10_000, on=date(2026, 11, 3), **more):
    return invoice_once(customer, amount=amount, due_on=due_on, by=None, now=at(on), **more)


def collect(customer, invoice=None, *, amount=10_000, on, now=None, **more):
    return record_payment(
        customer, amount=amount, paid_on=on, method="pix", invoice=invoice, by=None, now=now or at(on), **more
    )


def status_on(invoice, day):
    invoice.refresh_from_db()
    status = status_of(invoice, day)
    by_sql = [s for s in Status if Invoice.objects.filter(with_status(s, day), pk=invoice.pk).exists()]
    assert by_sql == [status]
    return status


def delinquents(account, day):
    return counts(view_of(account, now=at(day))).delinquent


def assert_verified():
    assert [sentence for name in verifiers.names() for sentence in verifiers.get(name).check()] == []


def test_due_on_a_saturday_is_payable_on_monday_and_overdue_on_tuesday(cast, make_customer):
    """S0-05, decision 6, Lei 7.089/83; S2-07: delinquent from the day after the effective due date."""
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        invoice = bill(customer, due_on=date(2026, 11, 28))
        assert invoice.effective_due_on == date(2026, 11, 30)
        assert status_on(invoice, date(2026, 11, 30)) is Status.ISSUED
        assert delinquents(cast.aurora, date(2026, 11, 30)) == 0
        assert status_on(invoice, date(2026, 12, 1)) is Status.OVERDUE
        assert delinquents(cast.aurora, date(2026, 12, 1)) == 1


@pytest.mark.parametrize(
    ("due_on", "effective"),
    [
        (date(2026, 11, 20), date(2026, 11, 23)),  # national holiday since 2024, a Friday
        (date(2026, 2, 14), date(2026, 2, 18)),  # Saturday before Carnival Monday and Tuesday
        (date(2026, 6, 4), date(2026, 6, 5)),  # Corpus Christi
        (date(2026, 11, 24), date(2026, 11, 24)),
    ],
)
def test_due_dates_roll_over_bank_holidays(cast, make_customer, due_on, effective):
    """Decision 6: holidays of the account's country."""
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        assert bill(customer, due_on=due_on, on=date(2026, 2, 1)).effective_due_on == effective


def test_a_holiday_of_the_business_rolls_open_due_dates_in_a_job(cast, make_customer):
    """Decision 6: open ones move, paid ones keep their day; delinquent follows."""
    customer, other = make_customer(cast.aurora), make_customer(cast.aurora, "Outra")
    with scope(cast.aurora.pk):
        open_one = bill(customer, due_on=date(2026, 11, 25))
        paid = bill(other, due_on=date(2026, 11, 25))
        collect(other, paid, on=date(2026, 11, 10))
        assert delinquents(cast.aurora, date(2026, 11, 26)) == 1
        add_holiday(cast.aurora, on=date(2026, 11, 25), name="Padroeira", by=None, now=NOW)
        assert list(verifiers.get("billing.due_days").check()) != []
    roll_due_dates(cast.aurora.pk)
    roll_due_dates(cast.aurora.pk)
    with scope(cast.aurora.pk):
        open_one.refresh_from_db()
        paid.refresh_from_db()
        assert open_one.effective_due_on == date(2026, 11, 26)
        assert paid.effective_due_on == date(2026, 11, 25)
        assert delinquents(cast.aurora, date(2026, 11, 26)) == 0
        assert delinquents(cast.aurora, date(2026, 11, 27)) == 1
        assert_verified()


def test_paid_late_was_delinquent_until_then(cast, make_customer):
    """S2-07 as of a past day: overdue from 11 to 17 November, paid on the 18th."""
    customer = make_customer(cast.aurora, registered_on=date(2026, 11, 1))
    with scope(cast.aurora.pk):
        invoice = bill(customer, due_on=date(2026, 11, 10))
        collect(customer, invoice, on=date(2026, 11, 18), now=NOW)
        assert status_on(invoice, TODAY) is Status.PAID
        assert invoice.settled_on == date(2026, 11, 18)

        def owing(day):
            return counts(view_of(cast.aurora, now=NOW, day=day)).delinquent

        days = [date(2026, 11, day) for day in (10, 11, 17, 18)]
        assert [owing(day) for day in days] == [0, 1, 1, 0]


def test_partial_payments_settle_together(cast, make_customer):
    """The balance falls with each; the day of the last one settles; more than the balance is refused."""
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        invoice = bill(customer, due_on=date(2026, 11, 10))
        collect(customer, invoice, amount=4_000, on=date(2026, 11, 12))
        invoice.refresh_from_db()
        assert (invoice.balance, status_on(invoice, TODAY)) == (6_000, Status.OVERDUE)
        with pytest.raises(CannotPay, match="60,00"):
            collect(customer, invoice, amount=6_001, on=date(2026, 11, 13))
        # Recorded later, dated earlier: the debt ended when the last cent came.
        collect(customer, invoice, amount=6_000, on=date(2026, 11, 11), now=NOW)
        assert (status_on(invoice, TODAY), invoice.balance) == (Status.PAID, 0)
        assert invoice.settled_on == date(2026, 11, 12)
        with pytest.raises(CannotPay):
            collect(customer, invoice, amount=1, on=TODAY)
        assert_verified()


def test_a_chargeback_owes_again_and_brings_an_archived_customer_back(cast, make_customer):
    """Decisions 4 and 5: a chargeback re-opens the debt and the customer; the due date is the calendar's."""
    customer = make_customer(cast.aurora, registered_on=date(2026, 10, 1))
    with scope(cast.aurora.pk):
        payment = collect(customer, on=date(2026, 11, 7))  # a Saturday; its one-off invoice never had to roll
        archive(customer, by=None, now=at(date(2026, 11, 12)))
        reverse_payment(payment, amount=3_000, on=date(2026, 11, 19), by=None, now=NOW)
        customer.refresh_from_db()
        invoice = payment.invoice
        assert status_on(invoice, TODAY) is Status.OVERDUE
        assert (invoice.balance, invoice.settled_on) == (3_000, None)
        assert invoice.effective_due_on == date(2026, 11, 9)
        assert customer.archived_on is None
        assert customer.last_paid_on == date(2026, 11, 7)  # seventy reais of it still count
        assert_verified()


def test_a_refund_stays_paid(cast, make_customer):
    """Decisions 2 and 5: nobody owes it, but the payment stops counting from the day it went back."""
    customer = make_customer(cast.aurora, registered_on=date(2026, 10, 1))
    with scope(cast.aurora.pk):
        payment = collect(customer, on=date(2026, 11, 6))
        reverse_payment(payment, owed_again=False, on=date(2026, 11, 16), by=None, now=NOW)
        customer.refresh_from_db()
        assert status_on(payment.invoice, TODAY) is Status.PAID
        assert (payment.invoice.paid_amount, customer.last_paid_on) == (10_000, None)
        assert Event.objects.filter(kind="payment.refunded").count() == 1
        assert_verified()


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 10_001},
        {"amount": 0},
        {"on": TODAY + DAY},
        {"on": date(2026, 11, 5)},
    ],
)
def test_impossible_reversals_are_refused(cast, make_customer, wrong):
    """More than there is, nothing, tomorrow, before the payment."""
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        payment = collect(customer, on=date(2026, 11, 6))
        with pytest.raises(CannotReverse):
            reverse_payment(payment, **wrong, by=None, now=NOW)
        reversal = reverse_payment(payment, by=None, now=NOW)
        for again in (payment, reversal):
            with pytest.raises(CannotReverse):
                reverse_payment(again, by=None, now=NOW)


def test_undo_is_a_reversing_row_and_leaves_nothing_owed(cast, make_customer):
    """A slip of the hand: it never counted on any day, its own invoice is canceled, the number stays used."""
    customer = make_customer(cast.aurora, registered_on=date(2026, 10, 1))
    with scope(cast.aurora.pk):
        payment = collect(customer, on=date(2026, 11, 6), now=NOW)
        undo_payment(payment, by=None, now=NOW + timedelta(minutes=1))
        assert [p.amount for p in Payment.objects.order_by("-amount")] == [10_000, -10_000]
        assert status_on(payment.invoice, TODAY) is Status.CANCELED
        customer.refresh_from_db()
        assert (customer.last_paid_on, customer.oldest_due_on) == (None, None)
        for day in (date(2026, 11, 6), date(2026, 11, 10), TODAY):
            view = view_of(cast.aurora, now=NOW + timedelta(hours=1), day=day)
            assert (counts(view).lead, counts(view).delinquent) == (1, 0)
        with pytest.raises(CannotReverse):
            undo_payment(payment, by=None, now=NOW)
        assert_verified()


def test_undo_on_an_open_invoice_leaves_it_as_it_was(cast, make_customer):
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        invoice = bill(customer, due_on=date(2026, 11, 25))
        undo_payment(collect(customer, invoice, on=TODAY), by=None, now=NOW)
        assert status_on(invoice, TODAY) is Status.ISSUED
        assert invoice.balance == 10_000


@pytest.mark.parametrize(
    ("zone", "hour", "issued"),
    [
        ("America/Sao_Paulo", 2, 0),  # 23:00 of the day before
        ("America/Sao_Paulo", 3, 1),
        ("America/Manaus", 3, 0),
        ("America/Noronha", 2, 1),
    ],
)
def test_the_clock_issues_on_the_accounts_own_day(cast, make_customer, zone, hour, issued):
    """Decision 5: scheduled until the issue day has come in the account's zone, and numbered then."""
    Account.objects.filter(pk=cast.aurora.pk).update(time_zone=zone)
    cast.aurora.refresh_from_db()
    customer = make_customer(cast.aurora)
    tick = datetime(2026, 11, 28, hour, tzinfo=UTC)
    with scope(cast.aurora.pk):
        invoice = bill(customer, issue_on=date(2026, 11, 28), due_on=date(2026, 12, 5))
        assert status_on(invoice, TODAY) is Status.SCHEDULED
        assert invoice.number == ""
        assert issue_due(cast.aurora, tick) == issued
        assert issue_due(cast.aurora, tick) == 0
        assert status_on(invoice, date(2026, 11, 28)) is (Status.ISSUED if issued else Status.SCHEDULED)
        assert invoice.number == ("1" if issued else "")
        assert_verified()


def test_paying_a_scheduled_invoice_issues_it(cast, make_customer):
    """Decision 5: what is paid has a number; like a click, the payment issues it today, and so it is of this month."""
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        paid, clicked = (bill(customer, issue_on=date(2026, 12, 28), due_on=date(2027, 1, 5)) for _twice in range(2))
        collect(customer, paid, on=TODAY)
        issue_now(clicked, by=None, now=NOW)
        assert status_on(paid, TODAY) is Status.PAID
        days = ("issue_on", "issued_on", "issued_at", "due_on")
        assert {tuple(getattr(invoice, name) for name in days) for invoice in Invoice.objects.all()} == {
            (TODAY, TODAY, NOW, date(2027, 1, 5))
        }
        assert sorted(Invoice.objects.values_list("number", flat=True)) == ["1", "2"]
        assert_verified()


def test_only_unpaid_invoices_can_be_canceled_and_brought_back(cast, make_customer):
    """Decision 5: with a reason, keeping the number; nothing owed any more, not even in between."""
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        invoice = bill(customer, due_on=date(2026, 11, 10))
        payment = collect(customer, invoice, amount=100, on=date(2026, 11, 12))
        with pytest.raises(CannotCancel):
            cancel_invoice(invoice, reason="Desistiu", by=None, now=NOW)
        reverse_payment(payment, by=None, now=NOW)
        with pytest.raises(CannotCancel):
            cancel_invoice(invoice, reason="", by=None, now=NOW)
        with pytest.raises(CannotCancel):
            cancel_invoice(invoice, reason="Desistiu", on=date(2026, 11, 2), by=None, now=NOW)
        cancel_invoice(invoice, reason="Desistiu", by=None, now=NOW)
        assert status_on(invoice, TODAY) is Status.CANCELED
        assert (invoice.number, delinquents(cast.aurora, TODAY + DAY)) == ("1", 0)
        with pytest.raises(CannotCancel):
            cancel_invoice(invoice, reason="Desistiu", by=None, now=NOW)
        with pytest.raises(CannotPay):
            collect(customer, invoice, on=TODAY)
        restore_invoice(invoice, by=None, now=NOW)
        assert status_on(invoice, TODAY) is Status.OVERDUE
        assert delinquents(cast.aurora, TODAY) == 1
        assert_verified()


def test_a_scheduled_invoice_is_deleted_without_a_reason(cast, make_customer):
    """Decision 5: deleted never had a number; the clock leaves it alone."""
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        invoice = bill(customer, issue_on=date(2026, 11, 28), due_on=date(2026, 12, 5))
        cancel_invoice(invoice, reason="", by=None, now=NOW)
        assert status_on(invoice, TODAY) is Status.DELETED
        assert issue_due(cast.aurora, at(date(2026, 12, 1))) == 0
        restore_invoice(invoice, by=None, now=NOW)
        assert status_on(invoice, TODAY) is Status.SCHEDULED


def test_pending_invoices_lead_to_where_they_are_resolved(cast, make_customer):
    """Decision 4: archiving lists what is open, with the way to pay or cancel it."""
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        invoice = bill(customer, due_on=date(2026, 11, 25))
        assert [item.url for item in pending(customer)] == [f"/aurora/billing/invoices/{invoice.pk}/"]


def test_the_same_key_books_once(cast, make_customer):
    """A form sent twice: the second time the payment made before; other content is another payment, and refused."""
    customer = make_customer(cast.aurora)
    key = new_key(NOW)
    with scope(cast.aurora.pk):
        invoice = bill(customer, due_on=date(2026, 11, 25))
        first = collect(customer, invoice, on=TODAY, key=key)
        assert first.pk == key
        again = collect(customer, invoice, on=TODAY, now=NOW + timedelta(minutes=1), key=key)
        assert (again.pk, again.recorded_at) == (key, first.recorded_at)
        with pytest.raises(SentBefore):
            collect(customer, amount=500, on=TODAY, key=key)
        back_key = new_key(NOW)
        part = [
            reverse_payment(first, amount=2_500, key=back_key, by=None, now=NOW + timedelta(minutes=n)).pk
            for n in (0, 1)
        ]
        assert part == [back_key, back_key]
        made = [
            invoice_once(customer, amount=700, due_on=TODAY, key=key, by=None, now=NOW + timedelta(minutes=n)).pk
            for n in (0, 1)
        ]
        assert made == [key, key]
        with pytest.raises(CannotInvoice):
            invoice_once(customer, amount=701, due_on=TODAY, key=key, by=None, now=NOW)
        assert (Payment.objects.count(), Invoice.objects.count()) == (2, 2)
        assert_verified()


def test_the_same_key_in_two_accounts_is_two_payments(cast, make_customer):
    """A key is the account's own: Dora's row neither stops Ana's nor is told to her."""
    key = new_key(NOW)
    for account in (cast.aurora, cast.boreal):
        customer = make_customer(account)
        with scope(account.pk):
            assert collect(customer, on=TODAY, key=key).recorded_at == at(TODAY)


def test_the_currency_stays_once_there_are_invoices(cast, make_customer):
    """Decision 17: amounts are minor units of it."""
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        change_settings(cast.aurora, changes={"currency": "MXN"}, by=cast.ana, now=NOW)
        change_settings(cast.aurora, changes={"currency": "BRL"}, by=cast.ana, now=NOW)
        bill(customer, due_on=date(2026, 11, 25))
        with pytest.raises(CannotChange) as refused:
            change_settings(cast.aurora, changes={"currency": "MXN"}, by=cast.ana, now=NOW)
        assert refused.value.field == "currency"


@pytest.mark.parametrize(("amount", "due"), [(0, 25), (-1, 25), (100, 2)])
def test_impossible_invoices_are_refused(cast, make_customer, amount, due):
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        with pytest.raises(CannotInvoice):
            bill(customer, amount=amount, due_on=date(2026, 11, due))
        assert Customer.objects.filter(oldest_due_on__isnull=False).count() == 0
