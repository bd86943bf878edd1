"""Archiving and bringing back on screen (S0-14, S2-08 to S2-14)."""

import re
from datetime import date, timedelta

import pytest
import time_machine

from carteira.billing.issue import invoice_once
from carteira.core.jobs import clocks
from carteira.core.jobs.worker import do_waiting_jobs
from carteira.core.walls import scope
from carteira.customers import why
from carteira.customers.lifecycle import State, view_of
from carteira.customers.models import ArchivePeriod, Customer
from conftest import NOW, TODAY


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def paths(customer):
    card = f"/aurora/customers/{customer.pk}/"
    return card, f"{card}archive/", f"{card}unarchive/"


def now_of(account, customer):
    with scope(account.pk):
        return Customer.objects.get(pk=customer.pk)


def periods(account):
    with scope(account.pk):
        return list(ArchivePeriod.objects.order_by("from_on").values_list("from_on", "reason", "note"))


def undo_of(client, card):
    text = client.get(card).content.decode()
    found = re.search(r'<form method="post" action="([^"]*\?(?:undo|again))"', text)
    assert found, "the toast offers to undo"
    return found[1]


def test_the_reason_is_derived_and_shown_before(cast, make_customer):
    """S0-14: churn for who ever paid, lost for who never did; nothing else needs to be said."""
    for name, paid, reason in (("Ana", [(date(2026, 9, 1), 100)], "Churn"), ("Bia", [], "Lost")):
        customer = make_customer(cast.aurora, name, paid=paid)
        card, archive, _unarchive = paths(customer)
        client = cast.client(cast.ana)
        assert f"{reason} (from its history)" in client.get(archive).content.decode()
        assert client.post(archive, {}).headers["Location"] == card
        text = client.get(card).content.decode()
        assert f"{name} is archived." in text
        assert "Archived since 21/11/2026" in text
        assert f"Archived as of 21/11/2026: {reason}." in text, "the history tells the reason of that day"
        assert now_of(cast.aurora, customer).archived_on == TODAY


def test_another_reason_wants_a_note(cast, make_customer):
    customer = make_customer(cast.aurora, "Ana", paid=[(date(2026, 9, 1), 100)])
    _card, archive, _unarchive = paths(customer)
    client = cast.client(cast.sofia)
    response = client.post(archive, {"reason": "lost", "on": "2026-10-01"})
    assert response.status_code == 422
    assert "Say in a few words why." in response.content.decode()
    assert re.search(r'value="lost"[^>]*checked', response.content.decode())
    assert client.post(archive, {"reason": "lost", "note": "a test", "on": "2026-10-01"}).status_code == 302
    assert periods(cast.aurora) == [(date(2026, 10, 1), "lost", "a test")]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"on": "2026-11-22"}, "cannot be in the future"),
        ({"on": "2026-08-01"}, "Ana was not a customer yet on that day: registered on 01/09/2026."),
        ({"on": "2026-09-01"}, "Ana paid on 10/09/2026: archive on that day or later."),
        ({"on": "banana"}, "is not a date"),
        ({"reason": "bored", "note": "x"}, "bored"),
        ({"note": "x" * 501}, "at most 500 characters"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(cast, make_customer, sent, sentence):
    customer = make_customer(cast.aurora, "Ana", registered_on=date(2026, 9, 1), paid=[(date(2026, 9, 10), 100)])
    response = cast.client(cast.ana).post(paths(customer)[1], sent)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert periods(cast.aurora) == []


def test_money_pending_is_listed_and_blocks(cast, make_customer):
    """S2-08, decision 4: named with a way to resolve it; the button is off, and a POST all the same is refused."""
    customer = make_customer(cast.aurora, "Ana")
    with scope(cast.aurora.pk):
        invoice_once(customer, amount=50_000, due_on=TODAY + timedelta(days=5), by=None, now=NOW)
    _card, archive, _unarchive = paths(customer)
    client = cast.client(cast.ana)
    text = client.get(archive).content.decode()
    assert "500,00" in text
    assert re.search(r"<button[^>]*class=\"btn btn-danger\"[^>]*disabled", text)
    response = client.post(archive, {})
    assert response.status_code == 422
    assert "something pending" in response.content.decode()
    assert periods(cast.aurora) == []


def test_undo_takes_the_archiving_back(cast, make_customer):
    """As if it had never been; a second undo does no harm."""
    customer = make_customer(cast.aurora, "Ana", paid=[(date(2026, 9, 1), 100)])
    card, archive, _unarchive = paths(customer)
    client = cast.client(cast.ana)
    client.post(archive, {"on": "2026-10-01"})
    undo = undo_of(client, card)
    assert client.post(undo).headers["Location"] == card
    assert now_of(cast.aurora, customer).archived_on is None
    with scope(cast.aurora.pk):
        assert not ArchivePeriod.objects.filter(until_on__gt=date(2026, 10, 1)).exists()
    assert client.post(undo).status_code == 302
    assert "is not archived" in client.get(card).content.decode()


def test_back_and_that_undone(cast, make_customer):
    """S2-12: at any time; undone, it is archived again for the same reason with the same note."""
    customer = make_customer(cast.aurora, "Ana")
    card, archive, unarchive = paths(customer)
    client = cast.client(cast.ana)
    client.post(archive, {"reason": "churn", "note": "bought elsewhere"})
    client.get(card)
    assert client.post(unarchive).headers["Location"] == card
    again = undo_of(client, card)
    assert now_of(cast.aurora, customer).archived_on is None
    assert client.post(again).headers["Location"] == card
    assert now_of(cast.aurora, customer).archived_on == TODAY
    assert periods(cast.aurora)[-1] == (TODAY, "churn", "bought elsewhere")
    assert client.post(again).status_code == 302
    assert "is archived already" in client.get(card).content.decode()


def test_archiving_twice_leads_to_the_card(cast, make_customer):
    customer = make_customer(cast.aurora, "Ana")
    card, archive, _unarchive = paths(customer)
    client = cast.client(cast.ana)
    client.post(archive, {})
    for answer in (client.get(archive), client.post(archive, {})):
        assert answer.headers["Location"] == card
    assert len(periods(cast.aurora)) == 1


def test_a_viewer_may_not(cast, make_customer):
    customer = make_customer(cast.aurora, "Ana")
    card, archive, unarchive = paths(customer)
    client = cast.client(cast.caio)
    assert [client.get(archive).status_code, client.post(archive).status_code, client.post(unarchive).status_code] == [
        403,
        403,
        403,
    ]
    assert "Archive" not in client.get(card).content.decode().split("page-acts")[1].split("</header>")[0]


def test_nothing_but_a_person_archives(cast, make_customer):
    """S2-09: whoever has not paid for years is inactive, never archived: no clock, hour after hour, and no reaction does it."""
    silent = make_customer(cast.aurora, "Ina", paid=[(TODAY - timedelta(days=900), 100)])
    never = make_customer(cast.aurora, "Lia", registered_on=TODAY - timedelta(days=900))
    for days in (0, 61, 400):
        later = NOW + timedelta(days=days)
        with time_machine.travel(later, tick=False):
            for clock in clocks.all_clocks():
                with scope(cast.aurora.pk):
                    clock.tick(cast.aurora, later)
            do_waiting_jobs()
        with scope(cast.aurora.pk):
            states = {one.pk: state_on(one, later) for one in (silent, never)}
            assert states == {silent.pk: State.INACTIVE, never.pk: State.LEAD}
            assert not ArchivePeriod.objects.exists()


def state_on(customer, moment):
    customer.refresh_from_db()
    return why.story(customer, view_of(customer.account, now=moment)).state
