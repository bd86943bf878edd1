"""The list of all invoices (S0-03, S0-04, S0-05): months, statuses with counts and totals, search, paging."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.billing import ledger
from carteira.billing.cancel import cancel_invoice
from carteira.billing.issue import invoice_once
from carteira.billing.ledger import Place, Total, Wanted
from carteira.billing.models import Invoice
from carteira.billing.pay import record_payment, reverse_payment
from carteira.billing.status import Status, status_of
from carteira.core.walls import scope
from conftest import NOW, TODAY

URL = "/aurora/billing/invoices/"
OPTIONS = {"by": None, "now": NOW}
NOVEMBER = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def bill(customer, amount, due_on, issue_on=None):
    return invoice_once(customer, amount=amount, due_on=due_on, issue_on=issue_on or min(due_on, TODAY), **OPTIONS)


@pytest.fixture
def ledger_of(make_customer):
    """One invoice of each status in November 2026, and one issued in October, paid in November."""

    def make(account):
        customer = make_customer(account, "Bruna Lima")
        with scope(account.pk):
            october = bill(customer, 900, date(2026, 10, 20))
            record_payment(customer, amount=900, paid_on=TODAY, method="pix", invoice=october, **OPTIONS)
            bill(customer, 1_000, date(2026, 12, 10), issue_on=date(2026, 11, 30))
            bill(customer, 2_000, date(2026, 11, 30))
            late = bill(customer, 3_000, date(2026, 11, 10), issue_on=date(2026, 11, 2))
            record_payment(customer, amount=500, paid_on=TODAY, method="pix", invoice=late, **OPTIONS)
            record_payment(customer, amount=4_000, paid_on=TODAY, method="cash", **OPTIONS)
            cancel_invoice(bill(customer, 5_000, date(2026, 11, 25)), reason="Desistiu", **OPTIONS)
            later = bill(customer, 6_000, date(2026, 11, 28), issue_on=date(2026, 11, 27))
            cancel_invoice(later, reason="", **OPTIONS)
        return customer

    return make


def bar(page):
    return {item["key"]: (item["count"], item["note"].replace("\xa0", " ")) for item in page.context["bar"]}


def amounts(page):
    return [row.invoice.amount for row in page.context["rows"]]


def test_the_menu_leads_to_the_invoices_of_this_month(cast, ledger_of):
    """S0-03, S0-04: Billing → Invoices shows this month, for everybody who may see money."""
    ledger_of(cast.aurora)
    client = cast.client(cast.caio)
    assert f'href="{URL}"' in client.get("/aurora/customers/").text
    page = client.get(URL)
    assert page.context["month_name"] == "Novembro de 2026"
    assert amounts(page) == [1_000, 4_000, 2_000, 3_000]


def test_six_statuses_with_counts_and_totals(cast, ledger_of):
    """S0-05: each status with what it comes to; of open ones what is left. Deleted ones stay listable."""
    ledger_of(cast.aurora)
    ledger_of(cast.boreal)
    client = cast.client(cast.ana)
    page = client.get(URL)
    assert bar(page) == {
        "all": ("4", "R$ 100,00"),
        "scheduled": ("1", "R$ 10,00"),
        "issued": ("1", "R$ 20,00"),
        "overdue": ("1", "R$ 25,00"),
        "paid": ("1", "R$ 40,00"),
        "canceled": ("1", "R$ 50,00"),
        "deleted": ("1", "R$ 60,00"),
    }
    for status, amount in zip(Status, [6_000, 5_000, 1_000, 4_000, 3_000, 2_000], strict=True):
        assert amounts(client.get(URL, {"status": status})) == [amount]


def test_the_month_of_issue_of_the_due_day_or_of_the_payment(cast, ledger_of):
    """S0-04, decision 5: the same invoices by another day."""
    ledger_of(cast.aurora)
    client = cast.client(cast.ana)
    assert amounts(client.get(URL, {"month": "2026-10"})) == [900]
    assert amounts(client.get(URL, {"by": "due"})) == [3_000, 4_000, 2_000]
    assert amounts(client.get(URL, {"by": "due", "month": "2026-12"})) == [1_000]
    assert sorted(amounts(client.get(URL, {"by": "paid"}))) == [900, 4_000]
    earlier = client.get(URL).context["earlier_url"]
    assert amounts(client.get(URL + earlier)) == [900]


def test_over_all_months_only_what_is_few_is_summed(cast, ledger_of, monkeypatch):
    """Paid ones are counted up to a bound; nothing claims a total then."""
    ledger_of(cast.aurora)
    client = cast.client(cast.ana)
    assert bar(client.get(URL, {"month": "all"}))["all"] == ("5", "R$ 109,00")
    monkeypatch.setattr(ledger, "COUNT_LIMIT", 1)
    page = client.get(URL, {"month": "all"})
    counts = {item["key"]: (item["count"], item["note"]) for item in page.context["bar"]}
    assert counts["paid"] == ("1+", "")
    assert counts["all"] == ("4+", "")
    assert counts["overdue"] == ("1", "R$\xa025,00")
    assert amounts(client.get(URL, {"month": "all", "status": "paid"})) == [4_000, 900]


def test_search_by_customer_and_by_number(cast, ledger_of, make_customer):
    """S2-20: a name finds its invoices, a number the invoice; somebody else's are not there."""
    ledger_of(cast.aurora)
    ledger_of(cast.boreal)
    other = make_customer(cast.aurora, "Joana Prado")
    with scope(cast.aurora.pk):
        number = bill(other, 7_777, TODAY).number
    client = cast.client(cast.ana)
    assert amounts(client.get(URL, {"q": "prado"})) == [7_777]
    assert 7_777 in amounts(client.get(URL, {"q": f"#{number}"}))
    found = client.get(URL, {"q": "lima"}, headers={"HX-Request": "true"})
    assert "<html" not in found.text
    assert len(found.context["rows"]) == 4
    nothing = client.get(URL, {"q": "zzz"})
    assert "zzz" in nothing.text
    assert amounts(nothing) == []


@pytest.mark.parametrize("sort", ["issue", "-issue", "due", "-due", "amount", "-amount"])
@pytest.mark.parametrize("month", ["2026-11", "all"])
def test_paging_shows_every_invoice_once_both_ways(cast, make_customer, sort, month):
    """Keyset: forwards and back again, ties and all."""
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        for nth in range(11):
            bill(customer, 1_000 + nth % 3, TODAY + timedelta(days=nth % 4))
        wanted = Wanted(today=TODAY, month=None if month == "all" else NOVEMBER)
        name = sort.removeprefix("-")
        if name not in wanted.sorts:
            return
        wanted = Wanted(today=TODAY, month=wanted.month, sort=name, descending=sort != name)
        whole = ledger.page(wanted, size=50).ids
        pages, page = [], ledger.page(wanted, size=4)
        while True:
            pages.append(page.ids)
            if page.next is None:
                break
            page = ledger.page(wanted, after=page.next, size=4)
        assert [id for ids in pages for id in ids] == whole
        assert len(set(whole)) == 11
        back = []
        while page.previous is not None:
            page = ledger.page(wanted, before=page.previous, size=4)
            back.append(page.ids)
        assert back[::-1] == pages[:-1]


def test_totals_are_what_the_rule_says_of_each_invoice(cast, ledger_of, make_customer):
    """S0-05: counts in SQL = the rule in Python on every row, on many days, by month and over all."""
    customer = ledger_of(cast.aurora)
    with scope(cast.aurora.pk):
        paid = record_payment(customer, amount=800, paid_on=TODAY, method="pix", **OPTIONS)
        reverse_payment(paid, amount=300, owed_again=True, **OPTIONS)
        for today in (TODAY, TODAY + timedelta(days=12), TODAY + timedelta(days=60)):
            for month in (NOVEMBER, date(2026, 10, 1), None):
                expected = dict.fromkeys(Status, Total())
                for invoice in Invoice.objects.all():
                    if month is None or invoice.issue_on.replace(day=1) == month:
                        left = invoice.amount - invoice.paid_amount
                        expected[status_of(invoice, today)] += Total(1, invoice.amount, left)
                found = ledger.totals(Wanted(today=today, month=month))
                counts = {status: (total.count, total.amount) for status, total in found.items()}
                assert counts == {status: (total.count, total.amount) for status, total in expected.items()}
                for status in (Status.ISSUED, Status.OVERDUE):
                    assert found[status].left == expected[status].left


@pytest.mark.parametrize(
    "query",
    [
        {"month": "2026-13"},
        {"month": "x" * 500},
        {"month": "0001-01"},
        {"month": "9999-12"},
        {"status": "gold"},
        {"by": "'; DROP TABLE"},
        {"sort": "customer__password"},
        {"after": "2026-99-99~zz"},
        {"after": "99999999999999999999999~" + "0" * 32, "sort": "amount"},
        {"before": "~", "from": "-5"},
        {"from": "9" * 30},
        {"q": "\x00%_\\'"},
        {"q": "#" + "9" * 100},
    ],
)
def test_no_address_is_an_error(cast, ledger_of, query):
    ledger_of(cast.aurora)
    assert cast.client(cast.ana).get(URL, query).status_code == 200


def test_an_empty_business_is_told_what_to_do(cast):
    page = cast.client(cast.ana).get(URL)
    assert "/aurora/customers/" in page.text
    assert page.context["nothing"]


def test_one_row_and_three_ask_the_same(cast, make_customer):
    client = cast.client(cast.beto)
    asked = []
    for count in (1, 2):
        for nth in range(count):
            customer = make_customer(cast.aurora, f"Cliente {count} {nth}")
            with scope(cast.aurora.pk):
                bill(customer, 1_000, TODAY)
        client.get(URL)
        with CaptureQueriesContext(connection) as captured:
            assert len(client.get(URL).context["rows"]) == (1 if count == 1 else 3)
        asked.append([query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]])
    assert len(asked[0]) == len(asked[1]) <= 9, "\n".join(asked[1])


def test_names_are_only_text(cast, make_customer):
    make_customer(cast.aurora, "<script>alert(1)</script>", paid=[(TODAY, 500)])
    page = cast.client(cast.ana).get(URL).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_place_of_another_order_begins_anew(cast, ledger_of):
    ledger_of(cast.aurora)
    with scope(cast.aurora.pk):
        first = Invoice.objects.first()
    place = Place(TODAY, first.pk)
    page = cast.client(cast.ana).get(URL, {"sort": "amount", "after": f"{place.value}~{place.id.hex}"})
    assert amounts(page) == [1_000, 2_000, 3_000, 4_000]
