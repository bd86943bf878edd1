"""The checklist before archiving, with the buttons that settle what is on it; the archive's own list (N7, S2-08)."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.apps import apps

from carteira.billing.issue import invoice_once
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import record_payment
from carteira.core.walls import scope
from carteira.core.walls.models import account_key
from carteira.customers.archive import archive, unarchive
from carteira.customers.archive_checklist import Act, Pending, Resolved, blockers
from carteira.customers.models import Customer
from conftest import NOW, TODAY


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def customer(cast, make_customer):
    return make_customer(cast.aurora, "Ana", paid=[(date(2026, 9, 1), 100)])


def invoice(cast, customer, **options):
    with scope(cast.aurora.pk):
        options.setdefault("due_on", TODAY + timedelta(days=5))
        return invoice_once(customer, amount=50_000, by=None, now=NOW, **options)


def pages(customer):
    page = f"/aurora/customers/{customer.pk}/archive/"
    return page, f"{page}resolve/"


def again(cast, row):
    with scope(cast.aurora.pk):
        return type(row).objects.get(pk=row.pk)


def test_what_blocks_is_a_list_with_the_acts_that_settle_it(cast, customer):
    """N7: issued ones can be paid or canceled, scheduled ones deleted, partly paid ones only paid."""
    issued = invoice(cast, customer)
    scheduled = invoice(cast, customer, issue_on=TODAY + timedelta(days=2))
    partly = invoice(cast, customer)
    with scope(cast.aurora.pk):
        record_payment(customer, amount=1, paid_on=TODAY, method="pix", invoice=partly, by=None, now=NOW)
    text = cast.client(cast.ana).get(pages(customer)[0]).content.decode()
    lines = re.findall(r"<li>\s*<span class=\"checklist-what\">(.*?)</li>", text, re.S)
    acts = [re.findall(r'aria-label="(Paid today|Cancel invoice|Delete invoice):', line) for line in lines]
    assert sorted(acts) == [["Paid today"], ["Paid today", "Cancel invoice"], ["Paid today", "Delete invoice"]]
    for one in (issued, scheduled, partly):
        assert str(one.pk) in text


def test_one_click_pays_what_is_left_and_can_be_undone(cast, customer):
    """N7: then archiving goes through."""
    owed = invoice(cast, customer)
    page, resolve = pages(customer)
    client = cast.client(cast.ana)
    assert client.post(page, {}).status_code == 422
    assert client.post(resolve, {"item": str(owed.pk), "act": "pay"}).headers["Location"] == page
    assert again(cast, owed).balance == 0
    with scope(cast.aurora.pk):
        payment = Payment.objects.get(invoice=owed)
    assert (payment.amount, payment.paid_on, payment.method) == (50_000, TODAY, "pix")
    text = client.get(page).content.decode()
    assert "Payment of R$ 500,00 by Pix recorded." in text.replace("\xa0", " ")
    assert f"/payments/{payment.pk}/undo/" in text
    assert client.post(page, {}).status_code == 302
    assert again(cast, customer).archived_on == TODAY


def test_canceling_wants_words_and_deleting_does_not(cast, customer):
    issued = invoice(cast, customer)
    scheduled = invoice(cast, customer, issue_on=TODAY + timedelta(days=2))
    page, resolve = pages(customer)
    client = cast.client(cast.ana)
    client.post(resolve, {"item": str(issued.pk), "act": "cancel"})
    assert "Say in a few words why." in client.get(page).content.decode()
    assert again(cast, issued).canceled_on is None
    client.post(resolve, {"item": str(issued.pk), "act": "cancel", "words": "moved away"})
    assert (again(cast, issued).canceled_on, again(cast, issued).cancel_reason) == (TODAY, "moved away")
    client.post(resolve, {"item": str(scheduled.pk), "act": "delete"})
    assert again(cast, scheduled).deleted_at == NOW
    assert "checklist-what" not in client.get(page).content.decode()


def test_twice_and_somebody_elses_do_nothing(cast, customer, make_customer):
    """A17, A1: what is settled already says so; another customer's or account's invoice is not on this list."""
    owed = invoice(cast, customer)
    other = make_customer(cast.aurora, "Bia")
    foreign = make_customer(cast.boreal, "Ana")
    with scope(cast.boreal.pk):
        theirs = invoice_once(foreign, amount=7, due_on=TODAY, by=None, now=NOW)
    client = cast.client(cast.ana)
    resolve = pages(customer)[1]
    client.post(resolve, {"item": str(owed.pk), "act": "pay"})
    for path, item in (
        (resolve, owed.pk),
        (resolve, theirs.pk),
        (pages(other)[1], owed.pk),
        (resolve, ""),
        (resolve, "\x00"),
    ):
        client.post(path, {"item": str(item), "act": "pay"})
        assert "This is settled already." in client.get(pages(other)[0]).content.decode()
    with scope(cast.aurora.pk):
        assert Payment.objects.filter(invoice=owed).count() == 1
    with scope(cast.boreal.pk):
        assert Payment.objects.count() == 0


def test_who_may_archive_but_not_take_money_sees_no_such_button(cast, customer):
    """Sales may archive; recording payments is finance's."""
    owed = invoice(cast, customer)
    page, resolve = pages(customer)
    client = cast.client(cast.sofia)
    assert "Paid today" not in client.get(page).content.decode()
    assert client.post(resolve, {"item": str(owed.pk), "act": "pay"}).status_code == 403
    assert again(cast, owed).balance == 50_000


def test_what_may_stay_is_shown_and_does_not_block(cast, customer):
    """Product decision 4: other pending things are shown, with their acts, and may be kept."""
    done = []

    def settle(*, words, by, now):
        done.append((words, by, now))
        return Resolved("Done.")

    task = Pending("a task", blocks=False, key="t1", acts=(Act("finish", "Finish", settle, "customers.edit"),))
    blockers.add("test.task", lambda customer: [task])
    try:
        page, resolve = pages(customer)
        client = cast.client(cast.ana)
        text = client.get(page).content.decode()
        assert "Also pending; it may stay" in text
        client.post(resolve, {"item": "t1", "act": "finish"})
        assert done == [("", cast.ana, NOW)]
        assert client.post(page, {}).status_code == 302
    finally:
        blockers.remove("test.task")


def test_archived_and_back_is_as_if_nothing_had_been(cast, customer):
    """N7, S2-11, S2-12: identity on all other data."""
    paid = invoice(cast, customer)
    with scope(cast.aurora.pk):
        record_payment(customer, amount=50_000, paid_on=TODAY, method="pix", invoice=paid, by=None, now=NOW)

    def everything():
        with scope(cast.aurora.pk):
            tables = [model for model in apps.get_models() if account_key(model)]
            return {
                model._meta.label: sorted(map(str, model._default_manager.values()))
                for model in tables
                if model._meta.model_name not in ("event", "archiveperiod")
            }

    before = everything()
    with scope(cast.aurora.pk):
        archive(customer, by=None, now=NOW)
        assert (Invoice.objects.count(), Payment.objects.count()) == (2, 2), "S2-11: the whole history stays"
        unarchive(customer, by=None, now=NOW, on=TODAY)
    assert everything() == before


@pytest.fixture
def gone(cast, make_customer):
    with scope(cast.aurora.pk):
        for name, paid, on, given in (
            ("Churned", [(date(2026, 8, 1), 100)], date(2026, 9, 1), ""),
            ("Lost", [], date(2026, 10, 1), ""),
            ("Said lost", [(date(2026, 8, 1), 100)], date(2026, 11, 1), "lost"),
        ):
            made = make_customer(cast.aurora, name, paid=paid, registered_on=date(2026, 7, 1))
            archive(made, on=on, reason=given, note="said so" if given else "", by=None, now=NOW)
    make_customer(cast.aurora, "Here")


def names(text):
    return re.findall(r'class="row-link"[^>]*>([^<]+)<', text)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Churned", "Lost", "Said lost"]),
        ("&reason=churn", ["Churned"]),
        ("&reason=lost", ["Lost", "Said lost"]),
        ("&sort=-archived", ["Said lost", "Lost", "Churned"]),
        ("&sort=archived", ["Churned", "Lost", "Said lost"]),
        ("&reason=lost&sort=-archived", ["Said lost", "Lost"]),
        ("&reason=lost&as_of=2026-10-15", ["Lost"]),
        ("&reason=lost&as_of=2026-10-15&sort=archived", ["Lost"]),
        ("&reason=nothing", ["Churned", "Lost", "Said lost"]),
    ],
)
def test_the_archive_tells_reasons_and_days_and_is_filtered_by_them(cast, gone, query, expected):
    """S0-14, S2-10: reasons with counts above, the day of archiving in each row."""
    text = cast.client(cast.ana).get(f"/aurora/customers/?state=archived{query}").content.decode()
    assert names(text) == expected
    if not query:
        assert "01/11/2026" in text
        counts = re.findall(r"(All archived|Churn|Lost)\s*<span class=\"count\">(\d+)", text)
        assert counts == [("All archived", "3"), ("Churn", "1"), ("Lost", "2")]


def test_sorting_by_the_day_of_archiving_pages_through_everybody(cast, make_customer):
    """Keyset: 60 archived on three days, each once."""
    with scope(cast.aurora.pk):
        for nth in range(60):
            made = make_customer(cast.aurora, f"Customer {nth:02}", registered_on=date(2026, 7, 1))
            archive(made, on=date(2026, 9, 1 + nth % 3), by=None, now=NOW)
    client, url, seen = cast.client(cast.ana), "?state=archived&sort=-archived", []
    while url:
        text = client.get(f"/aurora/customers/{url}").content.decode()
        seen += names(text)
        found = re.search(r'href="(\?[^"]*after=[^"]*)"', text)
        url = found and found[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 60
    with scope(cast.aurora.pk):
        expected = Customer.objects.order_by("-archived_on", "-id").values_list("name", flat=True)
        assert seen == list(expected)
