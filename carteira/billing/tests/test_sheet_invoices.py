"""Invoices from a sheet: open, overdue, scheduled, paid; what a later file says anew; the bulk twin of settle."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carteira.accounts.models import Holiday
from carteira.billing.issue import invoice_once, issue_due
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import record_payment, reverse_payment, settle
from carteira.billing.settle_many import settle_many
from carteira.billing.status import Status, status_of
from carteira.core.events.models import Event
from carteira.core.sheets.engine import CannotImport
from carteira.core.walls import scope
from carteira.customers.activity import counts
from carteira.customers.archive import archive
from carteira.customers.lifecycle import view_of
from carteira.customers.models import Customer
from conftest import NOW, TODAY, examples, undone

HEAD = "code,invoice number,amount,issue date,due date,paid on,amount paid,description\n"


def invoices(account):
    with scope(account.pk):
        return {invoice.number: invoice for invoice in Invoice.objects.all()}


def test_open_overdue_scheduled_and_paid(cast, importer, make_customer):
    """S0-05, S2-07: imported invoices show their status, and open overdue ones make their customer delinquent."""
    ana = make_customer(cast.aurora, "Ana", code="1", registered_on=date(2026, 1, 1))
    make_customer(cast.aurora, "Bia", code="2", registered_on=date(2026, 1, 1))
    report = importer(
        cast.aurora,
        "invoices",
        HEAD
        + "1,A1,100.00,2026-10-01,2026-10-10,,,overdue\n"
        + "1,A2,100.00,2026-11-01,2026-11-30,,,issued\n"
        + "1,A3,100.00,2026-12-01,2026-12-10,,,scheduled\n"
        + "2,A4,100.00,2026-09-01,2026-09-10,2026-09-12,105.00,paid late\n"
        + "2,A5,100.00,,2026-09-10,2026-09-10,,paid\n"
        + "2,A6,100.00,2026-09-01,2026-12-10,2026-09-10,40.00,in part\n",
        by=cast.ana,
    )
    assert report.counts == (6, 0, 0, 0)
    found = invoices(cast.aurora)
    assert [status_of(found[f"A{n}"], TODAY) for n in range(1, 7)] == [
        Status.OVERDUE,
        Status.ISSUED,
        Status.SCHEDULED,
        Status.PAID,
        Status.PAID,
        Status.ISSUED,
    ]
    assert {invoice.series for invoice in found.values()} == {"imported"}
    assert (found["A4"].paid_amount, found["A4"].settled_on) == (10500, date(2026, 9, 12))
    assert (found["A6"].paid_amount, found["A6"].settled_on, found["A6"].balance) == (4000, None, 6000)
    assert found["A5"].issue_on == date(2026, 9, 10), "without an issue day it was there when it became due"
    assert found["A3"].issued_at is None
    assert found["A1"].effective_due_on == date(2026, 10, 13), "10 October 2026 is a Saturday, the 12th a holiday"
    with scope(cast.aurora.pk):
        ana.refresh_from_db()
        assert (ana.oldest_due_on, ana.last_paid_on) == (date(2026, 10, 13), None)
        bar = counts(view_of(cast.aurora, now=NOW))
        assert (bar.delinquent, bar.lead) == (1, 1)
        event = Event.objects.get(kind="invoice.imported", customer_id=ana.pk)
        assert event.what == {"count": 3, "amount": 30000, "import": str(report.record.pk)}


def test_the_accounts_own_holidays_move_due_dates(cast, importer, make_customer):
    make_customer(cast.aurora, "Ana", code="1")
    with scope(cast.aurora.pk):
        Holiday.objects.create(on=date(2026, 12, 9), name="City day")
    importer(cast.aurora, "invoices", HEAD + "1,A1,5,,2026-12-09,,,\n")
    assert invoices(cast.aurora)["A1"].effective_due_on == date(2026, 12, 10)


def test_the_clock_issues_scheduled_ones_under_their_number(cast, importer, make_customer):
    make_customer(cast.aurora, "Ana", code="1")
    importer(cast.aurora, "invoices", HEAD + "1,A1,5,2026-12-01,2026-12-09,,,\n")
    importer(cast.aurora, "invoices", "code,external id,amount,issue date,due date\n1,X,5,2026-12-01,2026-12-09\n")
    with scope(cast.aurora.pk):
        issue_due(cast.aurora, NOW.replace(month=12, day=2))
        assert sorted(Invoice.objects.exclude(issued_on=None).values_list("number", flat=True)) == ["A1", "IMP0000001"]


def test_a_scheduled_one_is_not_paid_by_a_file(cast, importer, make_customer):
    """Decision 5: what is paid is issued; a file issues nothing before its day."""
    make_customer(cast.aurora, "Ana", code="1")
    importer(cast.aurora, "invoices", HEAD + "1,A1,5,2026-12-01,2026-12-09,,,\n")
    paid = f"code,number,amount,due date,paid on\n1,A1,5,2026-12-09,{TODAY}\n"
    report = importer(cast.aurora, "invoices", paid)
    assert "A1” is not issued yet" in report.refused[2]
    issued = NOW.replace(month=12, day=2)
    with scope(cast.aurora.pk):
        assert Payment.objects.count() == 0
        issue_due(cast.aurora, issued)
    assert importer(cast.aurora, "invoices", paid, now=issued).counts == (0, 1, 0, 0)


def test_the_same_file_again_changes_nothing(cast, importer, make_customer):
    make_customer(cast.aurora, "Ana", code="1")
    text = (
        HEAD
        + "1,A1,100.00,,2026-12-10,,,\n1,A2,100.00,,2026-09-10,2026-09-12,,paid\n1,A2,100.00,,2026-09-10,2026-09-12,,paid\n"
    )
    assert importer(cast.aurora, "invoices", text).counts == (2, 0, 1, 0)
    later = NOW.replace(day=25)
    assert importer(cast.aurora, "invoices", text, now=later).counts == (0, 0, 3, 0)
    with scope(cast.aurora.pk):
        assert (Invoice.objects.count(), Payment.objects.count()) == (2, 1)


def test_what_a_later_file_says_anew(cast, importer, make_customer):
    """Paid meanwhile, moved due date, other description: updated. What cannot change is refused."""
    ana = make_customer(cast.aurora, "Ana", code="1", registered_on=date(2026, 1, 1))
    make_customer(cast.aurora, "Bia", code="2")
    importer(
        cast.aurora,
        "invoices",
        HEAD + "".join(f"1,A{n},100.00,2026-10-01,2026-10-09,,,\n" for n in range(1, 8)),
    )
    report = importer(
        cast.aurora,
        "invoices",
        HEAD
        + "1,A1,100.00,2026-10-01,2026-10-09,2026-11-02,,\n"
        + "1,A2,100.00,2026-10-01,2026-12-09,,,moved\n"
        + "1,A3,100.00,,2026-10-09,2026-11-02,30.00,\n"
        + "2,A4,100.00,2026-10-01,2026-10-09,,,\n"
        + "1,A5,99.00,2026-10-01,2026-10-09,,,\n"
        + "1,A6,100.00,2026-10-02,2026-10-09,,,\n"
        + "1,A7,100.00,,2026-09-09,,,\n",
    )
    assert report.counts == (0, 3, 0, 4)
    assert report.refused == {
        5: "The invoice “A4” is here already, for another customer.",
        6: "The invoice “A5” is here already, with another amount.",
        7: "The invoice “A6” is here already, with another issue date.",
        8: "The invoice “A7” is here already, issued later than this due date.",
    }
    found = invoices(cast.aurora)
    assert found["A1"].settled_on == date(2026, 11, 2)
    assert (found["A2"].due_on, found["A2"].effective_due_on, found["A2"].description) == (
        date(2026, 12, 9),
        date(2026, 12, 9),
        "moved",
    )
    assert (found["A3"].paid_amount, found["A3"].settled_on) == (3000, None)
    with scope(cast.aurora.pk):
        ana.refresh_from_db()
        assert ana.last_paid_on == date(2026, 11, 2)
        assert Event.objects.get(kind="invoice.updated_by_import").what["count"] == 3
    # The rest of A3 arrived by hand: the file, which knows of less, changes nothing and contradicts nothing.
    with scope(cast.aurora.pk):
        record_payment(ana, amount=7000, paid_on=TODAY, method="pix", invoice=found["A3"], by=None, now=NOW)
    text = HEAD + "1,A3,100.00,,2026-10-09,2026-11-02,30.00,\n1,A1,100.00,2026-10-01,2026-10-09,2026-11-03,,\n"
    report = importer(cast.aurora, "invoices", text)
    assert report.counts == (0, 0, 1, 1)
    assert report.refused == {3: "The payment of the invoice “A1” is here already, with another day or amount."}


def test_refused_lines_tell_why(cast, importer, make_customer):
    make_customer(cast.aurora, "Ana", code="1")
    report = importer(
        cast.aurora,
        "invoices",
        HEAD
        + "1,,5,,2026-12-01,,,\n"
        + "1,A2,5,2026-12-02,2026-12-01,,,\n"
        + "1,A3,5,,2026-12-01,,5,\n"
        + "1,A4,5,2026-12-01,2026-12-02,2026-11-01,,\n"
        + "1,A5,5,,2026-11-01,2026-11-22,,\n"
        + "9,A6,5,,2026-12-01,,,\n"
        + "1,A7,0,,2026-12-01,,,\n"
        + "1,A8,5,,2026-12-01,,,\n"
        + "1,A8,6,,2026-12-01,,,\n",
    )
    assert report.refused == {
        2: "This line has neither an invoice number nor an external id.",
        3: "The due date cannot be before the issue date.",
        4: "An amount paid needs the day on which it was paid.",
        5: "An invoice that will be issued in the future cannot be paid already.",
        6: "paid on: This day is in the future.",
        7: "There is no customer with the code “9”.",
        8: "amount: The amount must be above zero.",
        10: "This is the same invoice as on line 9, with other data.",
    }


def test_a_number_or_an_external_id_is_needed(cast, importer):
    with pytest.raises(CannotImport, match="Say which column is the invoice number or the external id"):
        importer(cast.aurora, "invoices", "code,amount,due date\n1,5,2026-12-01\n")


def test_external_ids_and_numbers_together(cast, importer, make_customer):
    """The external id names an invoice; a number still belongs to one invoice only."""
    make_customer(cast.aurora, "Ana", code="1")
    head = "code,external id,invoice number,amount,due date\n"
    text = head + "1,X1,7,5,2026-12-01\n1,X2,7,5,2026-12-01\n1,X3,,5,2026-12-01\n1,,8,5,2026-12-01\n"
    for expected in ((3, 0, 0, 1), (0, 0, 3, 1)):
        report = importer(cast.aurora, "invoices", text)
        assert report.counts == expected
        assert report.refused == {3: "Another invoice has the number “7” already."}
    report = importer(cast.aurora, "invoices", head + "1,X1,9,5,2026-12-01\n")
    assert report.refused == {2: "The invoice “9” is here already, with another number."}


def test_a_canceled_invoice_stays_canceled(cast, importer, make_customer):
    make_customer(cast.aurora, "Ana", code="1")
    importer(cast.aurora, "invoices", HEAD + "1,A1,5,,2026-12-01,,,\n")
    with scope(cast.aurora.pk):
        Invoice.objects.update(canceled_on=TODAY)
    report = importer(cast.aurora, "invoices", HEAD + "1,A1,5,,2026-12-09,,,new\n")
    assert report.counts == (0, 0, 1, 0)
    report = importer(cast.aurora, "invoices", HEAD + "1,A1,5,,2026-12-01,2026-11-01,,\n")
    assert report.refused == {2: "The invoice “A1” was canceled, so it cannot be paid."}


def test_a_new_invoice_brings_an_archived_customer_back(cast, importer, make_customer):
    """Product decision 4: dated on or after the archive day; an older one leaves the customer archived."""
    for code in ("1", "2"):
        customer = make_customer(cast.aurora, code, code=code, registered_on=date(2026, 1, 1))
        with scope(cast.aurora.pk):
            archive(customer, by=None, now=NOW, on=date(2026, 6, 10))
    importer(cast.aurora, "invoices", HEAD + "1,A1,5,2026-06-09,2026-12-01,,,\n2,A2,5,2026-06-11,2026-12-01,,,\n")
    with scope(cast.aurora.pk):
        assert list(Customer.objects.order_by("code").values_list("archived_on", flat=True)) == [
            date(2026, 6, 10),
            None,
        ]


def test_twins_in_another_account_stay_as_they_are(cast, importer, make_customer):
    for account in (cast.aurora, cast.boreal):
        make_customer(account, "Ana", code="1")
        importer(account, "invoices", HEAD + "1,A1,5,,2026-12-01,,,\n")
    importer(cast.aurora, "invoices", HEAD + "1,A1,5,,2026-12-01,2026-11-01,,\n")
    assert invoices(cast.boreal)["A1"].paid_amount == 0


steps = st.lists(
    st.tuples(
        st.integers(1, 120), st.integers(0, 20), st.one_of(st.none(), st.tuples(st.integers(0, 20), st.booleans()))
    ),
    max_size=5,
)


@given(histories=st.lists(steps, min_size=1, max_size=3))
@settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_settle_many_is_settle(cast, make_customer, histories):
    """The bulk twin writes what the verb for one invoice writes, whatever was paid and taken back when."""
    with scope(cast.aurora.pk), undone():
        customer = Customer.objects.first() or make_customer(cast.aurora, "Ana")
        made = []
        for history in histories:
            invoice = invoice_once(customer, amount=200, due_on=TODAY, by=None, now=NOW)
            for amount, ago, reversal in history:
                invoice.refresh_from_db()
                if not 0 < amount <= invoice.balance:
                    continue
                paid_on = TODAY.replace(day=21 - ago)
                payment = record_payment(
                    customer, amount=amount, paid_on=paid_on, method="pix", invoice=invoice, by=None, now=NOW
                )
                if reversal and paid_on.day + reversal[0] <= 21:
                    reverse_payment(
                        payment,
                        on=paid_on.replace(day=paid_on.day + reversal[0]),
                        owed_again=reversal[1],
                        by=None,
                        now=NOW,
                    )
            made.append(invoice)
        ids = [invoice.pk for invoice in made]
        for invoice in Invoice.objects.filter(pk__in=ids):
            settle(invoice)
        one_by_one = list(Invoice.objects.filter(pk__in=ids).order_by("pk").values_list("paid_amount", "settled_on"))
        paid = Payment.objects.filter(invoice_id__in=ids).values_list("invoice_id", flat=True)
        Invoice.objects.filter(pk__in=set(paid)).update(paid_amount=0, settled_on=None)
        settle_many("SELECT unnest(%(ids)s::uuid[]) AS invoice_id", {"ids": ids})
        together = list(Invoice.objects.filter(pk__in=ids).order_by("pk").values_list("paid_amount", "settled_on"))
        assert together == one_by_one
