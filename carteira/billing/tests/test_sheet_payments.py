"""Payments from a sheet: identity, refusals, what follows for the customer; and the real file."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import record_payment
from carteira.core.events.models import Event
from carteira.core.sheets.engine import CannotImport
from carteira.core.walls import scope
from carteira.customers.activity import counts
from carteira.customers.archive import archive
from carteira.customers.lifecycle import Rule, view_of
from carteira.customers.models import Customer
from conftest import NOW, TODAY, examples, undone

DATA = Path(__file__).resolve().parents[3] / "tests" / "data"


def payments(account, *fields):
    with scope(account.pk):
        return list(Payment.objects.order_by("paid_on", "id").values_list(*fields))


def test_each_line_is_a_paid_one_off_invoice(cast, importer, make_customer):
    """S2-23, product decision 5: its invoice is paid, in the imported series; the customer has paid."""
    customer = make_customer(cast.aurora, "Ana", code="A1", registered_on=date(2026, 1, 1))
    report = importer(
        cast.aurora,
        "payments",
        "código;data de pagamento;valor;forma de pagamento;txid;descrição\n"
        'A1;05/10/2026;"R$ 1.234,56";Cartão de crédito;E1;Mensalidade\nA1;06/10/2026;10;;;\n',
        language="pt-br",
        by=cast.beto,
    )
    assert report.counts == (2, 0, 0, 0)
    with scope(cast.aurora.pk):
        first, second = Payment.objects.order_by("paid_on")
        assert (first.amount, first.paid_on, first.method, first.external_id) == (
            123456,
            date(2026, 10, 5),
            "card",
            "E1",
        )
        assert (second.method, second.source, second.recorded_at) == ("other", "sheet", NOW)
        invoice = first.invoice
        assert (invoice.series, invoice.number, invoice.description) == ("imported", "IMP0000001", "Mensalidade")
        assert (invoice.amount, invoice.paid_amount, invoice.settled_on) == (123456, 123456, date(2026, 10, 5))
        assert invoice.issue_on == invoice.issued_on == invoice.due_on == invoice.effective_due_on == date(2026, 10, 5)
        customer.refresh_from_db()
        assert (customer.first_paid_on, customer.last_paid_on) == (date(2026, 10, 5), date(2026, 10, 6))
        event = Event.objects.get(kind="payment.imported")
        assert (event.customer_id, event.by_id) == (customer.pk, cast.beto.pk)
        assert event.what == {"count": 2, "amount": 124456, "import": str(report.record.pk)}
        # The own series has no gap.
        record_payment(customer, amount=1, paid_on=TODAY, method="pix", by=None, now=NOW)
        assert Invoice.objects.get(series="own").number == "1"


def test_the_nth_line_of_a_day_and_amount(cast, importer, make_customer):
    """A payment's identity: customer, day, amount, n-th such line. Doubled lines are two payments; again: unchanged."""
    make_customer(cast.aurora, "Ana", code="1")
    make_customer(cast.aurora, "Bia", code="2")
    text = "code,paid on,amount\n1,2026-01-05,10.00\n1,2026-01-05,10.00\n2,2026-01-05,10.00\n1,2026-01-05,11.00\n"
    assert importer(cast.aurora, "payments", text).counts == (4, 0, 0, 0)
    assert importer(cast.aurora, "payments", text).counts == (0, 0, 4, 0)
    assert importer(cast.aurora, "payments", text + "1,2026-01-05,10.00\n").counts == (1, 0, 4, 0)
    assert len(payments(cast.aurora, "id")) == 5


def test_external_ids_name_a_payment(cast, importer, make_customer):
    """M3: an external id is counted once; what contradicts it is refused, for payments never change."""
    make_customer(cast.aurora, "Ana", code="1")
    make_customer(cast.aurora, "Bia", code="2")
    importer(cast.aurora, "payments", "code,paid on,amount,external id\n1,2026-01-05,10.00,E1\n")
    report = importer(
        cast.aurora,
        "payments",
        "code,paid on,amount,external id\n"
        "1,2026-01-05,10.00,E1\n1,2026-01-06,10.00,E1\n2,2026-01-05,10.00,E1\n"
        "1,2026-01-05,10.00,E2\n1,2026-01-05,10.00,E2\n1,2026-01-05,12.00,E2\n1,2026-01-05,10.00,\n",
    )
    assert report.counts == (2, 0, 2, 3)
    assert {line: reason.split(",")[0] for line, reason in report.refused.items()} == {
        3: "The external id “E1” is on line 2 too",
        4: "The external id “E1” is on line 2 too",
        7: "The external id “E2” is on line 5 too",
    }
    report = importer(cast.aurora, "payments", "code,paid on,amount,external id\n2,2026-01-05,10.00,E1\n")
    assert report.refused == {2: "The payment “E1” is here already, with another customer, day or amount."}


def test_refused_lines_tell_why(cast, importer, make_customer):
    """0.00 or less, a future day, an unknown customer, amounts that can be read in two ways: refused on their lines."""
    make_customer(cast.aurora, "Ana", code="1")
    twin = make_customer(cast.boreal, "Bia", code="2")
    report = importer(
        cast.aurora,
        "payments",
        "code,paid on,amount,method\n"
        '1,2026-01-05,0.00,\n1,2026-01-05,-5,\n1,2026-11-22,5,\n2,2026-01-05,5,\n1,2026-01-05,"1,234",\n'
        "1,31/01/2026,5,\n1,2026-01-05,,\n,2026-01-05,5,\n1,2026-01-05,5,shells\n1,2026-01-05,US$ 5,\n1,2026-11-21,5,\n",
    )
    assert report.counts == (1, 0, 0, 10)
    starts = {
        2: "amount: The amount must be above zero.",
        3: "amount: The amount must be above zero.",
        4: "paid on: This day is in the future.",
        5: "There is no customer with the code “2”.",
        6: "amount: “1,234” can be read in two ways",
        7: "paid on: There is no month 31.",
        8: "amount: this cell must not be blank.",
        9: "This line names no customer.",
        10: "payment method: Unknown payment method.",
        11: "amount: “US$ 5” names another currency",
    }
    assert report.refused.keys() == starts.keys()
    for line, start in starts.items():
        assert report.refused[line].startswith(start), (line, report.refused[line])
    with scope(cast.boreal.pk):
        assert not Payment.objects.exists(), "the twin's account"
        twin.refresh_from_db()
        assert twin.last_paid_on is None


def test_amount_and_day_columns_are_needed(cast, importer):
    with pytest.raises(CannotImport, match="Say which column is “paid on”"):
        importer(cast.aurora, "payments", "code,amount\n1,2\n")
    with pytest.raises(CannotImport, match="Say which column names the customer"):
        importer(cast.aurora, "payments", "paid on,amount\n2026-01-01,2\n")


def test_an_archived_customer_comes_back(cast, importer, make_customer):
    """Product decision 4: a payment on or after the archive day re-opens, an older one does not."""
    for code in ("1", "2"):
        customer = make_customer(cast.aurora, f"C{code}", code=code, registered_on=date(2025, 1, 1))
        with scope(cast.aurora.pk):
            archive(customer, by=None, now=NOW, on=date(2026, 6, 10))
    importer(
        cast.aurora,
        "payments",
        "code,paid on,amount\n1,2026-06-09,1\n2,2026-06-09,1\n2,2026-06-10,1\n2,2026-08-01,1\n",
    )
    with scope(cast.aurora.pk):
        older, newer = Customer.objects.order_by("code")
        assert (older.archived_on, newer.archived_on) == (date(2026, 6, 10), None)
        assert newer.archive_periods.get().until_on == date(2026, 6, 10)
        event = Event.objects.get(kind="customer.unarchived")
        assert (event.customer_id, event.what["on"]) == (newer.pk, "2026-06-10")


def test_numbers_avoid_those_a_file_brought(cast, importer, make_customer):
    make_customer(cast.aurora, "Ana", code="1")
    importer(cast.aurora, "invoices", "code,invoice number,amount,due\n1,IMP0000002,5,2026-12-01\n")
    assert importer(cast.aurora, "payments", "code,paid on,amount\n1,2026-01-05,1\n1,2026-01-06,1\n").counts == (
        2,
        0,
        0,
        0,
    )
    with scope(cast.aurora.pk):
        numbers = Invoice.objects.exclude(paid_amount=0).order_by("number").values_list("number", flat=True)
        assert list(numbers) == ["IMP0000003", "IMP0000004"]


def test_the_cdnow_files(cast, importer):
    """Real input: 2,357 customers, 6,911 payments, 8 lines of 0.00 refused, 21 doubled lines kept; again: unchanged."""
    cast.aurora.currency = "USD"
    cast.aurora.save()
    said = {"customer_id": "code", "registered": "registered_on"}
    customers, paid = DATA / "cdnow_sample_customers.csv", DATA / "cdnow_sample_payments.csv"
    for counts_c, counts_p in (((2357, 0, 0, 0), (6911, 0, 0, 8)), ((0, 0, 2357, 0), (0, 0, 6911, 8))):
        assert importer(cast.aurora, "customers", customers, said=said, language="pt-br").counts == counts_c
        report = importer(cast.aurora, "payments", paid, said={"customer_id": "code"}, language="pt-br")
        assert report.counts == counts_p
    assert sorted(report.refused) == [227, 450, 719, 874, 3090, 3467, 3833, 6157]
    assert sum(n - 1 for n in Counter(payments(cast.aurora, "customer_id", "paid_on", "amount")).values()) == 21
    with scope(cast.aurora.pk):
        for day, expected in ((date(1997, 3, 31), (8, 1799, 550)), (date(1997, 6, 30), (8, 388, 1961))):
            bar = counts(view_of(cast.aurora, now=NOW, day=day, rule=Rule("payment", 60)))
            assert (bar.lead, bar.active, bar.inactive) == expected


@st.composite
def files(draw):
    line = st.tuples(
        st.sampled_from(["1", "2", "9", ""]),
        st.sampled_from(["2026-01-05", "2026-01-06", "2030-01-01", "x", ""]),
        st.sampled_from(["10.00", "11", "0", "1,234"]),
        st.sampled_from(["", "", "E1", "E2"]),
    )
    lines = draw(st.lists(line, max_size=8))
    with_ids = draw(st.booleans())
    columns = ["code", "paid on", "amount", "external id"][: 4 if with_ids else 3]
    cells = [",".join(f'"{cell}"' for cell in line[: len(columns)]) for line in lines]
    return "\n".join([",".join(columns), *cells]) + "\n"


@given(first=files(), second=files())
@settings(
    max_examples=examples(6),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_twice_is_once(cast, importer, make_customer, first, second):
    """M14: importing any file again creates nothing, and the customers' caches stay what the payments say."""
    with undone():
        for code in ("1", "2"):
            make_customer(cast.aurora, code, code=code)
        twice_is_once(cast, importer, (first, second))


def twice_is_once(cast, importer, files):
    for text in files:
        done = importer(cast.aurora, "payments", text)
        before = payments(cast.aurora, "id")
        again = importer(cast.aurora, "payments", text, now=NOW + timedelta(hours=1))
        assert again.counts == (0, 0, sum(done.counts[:3]), done.counts[3])
        assert (again.refused, payments(cast.aurora, "id")) == (done.refused, before)
        with scope(cast.aurora.pk):
            for customer in Customer.objects.all():
                days = customer.payments.values_list("paid_on", flat=True)
                assert customer.last_paid_on == max(days, default=None)


def test_customers_named_by_name_alone(cast, importer, make_customer):
    """Decision 12: the one customer of that name, whatever the capitals and accents; several, or nobody, is refused on
    its line; a code beats the name."""
    for code, name in (("1", "José da Conceição"), ("2", "Ana"), ("3", "ANA"), ("4", "Bia")):
        make_customer(cast.aurora, name, code=code)
    make_customer(cast.boreal, "Caio")
    text = (
        "Código;Nome;Data de pagamento;Valor\n;JOSE DA CONCEICAO;20/11/2026;10,00\n;Ana;20/11/2026;20,00\n"
        "3;Bia;20/11/2026;30,00\n;Caio;20/11/2026;40,00\n;;20/11/2026;50,00\n"
    )
    report = importer(cast.aurora, "payments", text, language="pt-br")
    assert (report.counts, sorted(report.refused)) == ((2, 0, 0, 3), [3, 5, 6])
    assert "Ana" in report.refused[3]
    assert "Caio" in report.refused[5]
    with scope(cast.aurora.pk):
        assert sorted(Payment.objects.values_list("customer__code", "amount")) == [("1", 1000), ("3", 3000)]
    again = "Cliente;Data de pagamento;Valor\nJosé da Conceição;20/11/2026;10,00\n"
    assert importer(cast.aurora, "payments", again, language="pt-br").counts == (0, 0, 1, 0)


def test_invoices_of_customers_named_by_name(cast, importer, make_customer):
    maria = make_customer(cast.aurora, "Maria")
    head = "name,number,amount,due date\n"
    assert importer(cast.aurora, "invoices", head + "maria,N1,10.00,2026-12-10\nAna,N2,1.00,2026-12-10\n").counts == (
        1,
        0,
        0,
        1,
    )
    with scope(cast.aurora.pk):
        assert Invoice.objects.get().customer_id == maria.pk
