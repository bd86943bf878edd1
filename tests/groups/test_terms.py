"""What belonging to a group brings along for invoices: payment method and due day (N4)."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.core import dates
from carteira.core.urls import account_url
from carteira.core.walls import scope
from carteira.customers import terms
from carteira.customers.models import Customer
from carteira.customers.terms import DUE_DAY, METHOD, Term, usual_terms
from carteira.groups.belong import add_many, remove_many
from carteira.groups.change import change_group
from carteira.groups.make import make_group
from carteira.groups.remove import delete_group
from conftest import NOW, TODAY

LATELY = {"field": "last_payment", "is": "within", "value": 30}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def bia(cast, make_customer):
    make_customer(cast.boreal, "Bia")
    return make_customer(cast.aurora, "Bia", paid=[(TODAY - timedelta(days=1), 100)])


@pytest.fixture
def make(cast, bia):
    def make(name, rule=None, inside=True, **brings):
        with scope(cast.aurora.pk):
            group = make_group(cast.aurora, name=name, rule=rule, by=cast.ana, now=NOW)
            change_group(group, by=cast.ana, now=NOW, **brings)
            if rule is None and inside:
                add_many(group, [bia.pk], by=cast.ana, now=NOW)
            return group

    return make


def said(cast, customer, now=NOW):
    with scope(cast.aurora.pk):
        return usual_terms(Customer.objects.get(pk=customer.pk), now)


def form(cast, customer, query="", user=None):
    answer = cast.client(user or cast.ana).get(account_url("aurora", "billing:new_invoice", customer.pk) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_new_invoice_proposes_what_its_group_brings_along(cast, bia, make):
    """N4: method and next due day, shown with where they come from; who is in no such group gets no proposal."""
    make("Matrícula 2026", payment_method="boleto", due_day=31)
    page = form(cast, bia)
    assert re.search(r'<option value="boleto"\s+selected', page)
    due = dates.next_day_of_month(31, TODAY)
    assert re.search(rf'name="due_on"[^>]*value="{due}"|value="{due}"[^>]*name="due_on"', page)
    assert page.count("From the group “Matrícula 2026”.") == 2
    with scope(cast.aurora.pk):
        delete_group(make("Matrícula 2027"), cast.aurora, by=cast.ana, now=NOW)
    other = form(cast, bia, "?method=pix&due_on=2026-12-24")
    assert re.search(r'<option value="pix"\s+selected', other)
    assert "From the group" not in other
    assert re.search(r'<option value=""\s+selected', form(cast, bia, "?method="))


def test_it_is_a_proposal(cast, bia, make):
    """What is sent is made, whatever the group says."""
    make("Boletos", payment_method="boleto", due_day=5)
    client = cast.client(cast.ana)
    client.post(
        account_url("aurora", "billing:new_invoice", bia.pk),
        {"amount": "10", "due_on": TODAY.isoformat(), "method": ""},
    )
    with scope(cast.aurora.pk):
        invoice = Customer.objects.get(pk=bia.pk).invoices.order_by("-id")[0]
        assert (invoice.method, invoice.due_on) == ("", TODAY)


def test_of_several_groups_the_hand_wins_then_the_name(cast, bia, make):
    """Each of method and day by itself; the same whoever asks."""
    make("A rule", LATELY, payment_method="card", due_day=1)
    assert said(cast, bia)[METHOD].value == "card"
    make("Z hand", payment_method="pix")
    make("B hand", inside=False, payment_method="cash", due_day=9)
    found = said(cast, bia)
    assert (found[METHOD].value, found[DUE_DAY].value) == ("pix", "1")
    assert found[DUE_DAY].said == "From the group “A rule”."
    make("C hand", payment_method="transfer", due_day=20)
    found = said(cast, bia)
    assert (found[METHOD].value, found[DUE_DAY].value) == ("transfer", "20")


def test_who_left_or_whose_group_went_gets_nothing(cast, bia, make):
    group, rule = make("Hand", payment_method="pix"), make("Rule", LATELY, due_day=3)
    assert set(said(cast, bia)) == {METHOD, DUE_DAY}
    # Midnight has passed, the clock has not come yet: the rule answers, not the cache.
    assert set(said(cast, bia, NOW + timedelta(days=40))) == {METHOD}
    with scope(cast.aurora.pk):
        remove_many(group, [bia.pk], by=cast.ana, now=NOW)
        delete_group(rule, cast.aurora, by=cast.ana, now=NOW)
    assert said(cast, bia) == {}


def test_a_source_before_it_wins(cast, bia, make, monkeypatch):
    """The customer's own terms, once there are some, come before any group's."""
    make("Hand", payment_method="pix", due_day=8)
    terms.sources.add("own", lambda customer, now: {METHOD: Term("card", "Own.")}, order=10)
    try:
        found = said(cast, bia)
    finally:
        terms.sources.remove("own")
    assert (found[METHOD], found[DUE_DAY].value) == (Term("card", "Own."), "8")


def test_the_form_asks_as_often_with_one_group_as_with_three(cast, bia, make):
    client, counts = cast.client(cast.ana), []
    for number in (1, 2):
        for nth in range(number):
            make(f"G{number}{nth}", payment_method="pix")
        client.get(account_url("aurora", "billing:new_invoice", bia.pk))
        with CaptureQueriesContext(connection) as asked:
            client.get(account_url("aurora", "billing:new_invoice", bia.pk))
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("number", "day", "then"),
    [
        (10, date(2026, 11, 10), date(2026, 11, 10)),
        (10, date(2026, 11, 11), date(2026, 12, 10)),
        (31, date(2026, 11, 22), date(2026, 11, 30)),
        (31, date(2027, 2, 28), date(2027, 2, 28)),
        (30, date(2027, 1, 31), date(2027, 2, 28)),
        (1, date(2026, 12, 2), date(2027, 1, 1)),
    ],
)
def test_the_next_such_day_of_a_month(number, day, then):
    assert dates.next_day_of_month(number, day) == then
