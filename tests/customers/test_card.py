"""A customer's page: facts, state and why, sections of other rooms, history."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.accounts.roles import Right
from carteira.billing.issue import invoice_once
from carteira.core.events.record import record, record_many
from carteira.core.walls import scope
from carteira.customers import registries
from carteira.customers.archive import archive
from conftest import NOW, TODAY


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def maria(cast, make_customer):
    return make_customer(
        cast.aurora,
        "Maria Silva",
        document_kind="cpf",
        document="52998224725",
        phone="+5511987654321",
        city="Natal",
        paid=[(date(2026, 8, 30), 12345)],
    )


def card(cast, customer, user=None, query="", **headers):
    return cast.client(user or cast.ana).get(f"/aurora/customers/{customer.pk}/{query}", headers=headers)


def test_facts_state_and_why(cast, maria):
    """S2-20, N1: everything known on one page, the state told in a sentence."""
    text = card(cast, maria).content.decode()
    for part in ("Maria Silva", "529.982.247-25", "(11) 98765-4321", "Natal", "30/08/2026"):
        assert part in text
    assert "Inactive: last payment on 30/08/2026, 83 days ago; limit 60 days." in text


def test_a_viewer_sees_the_document_with_holes(cast, maria):
    text = card(cast, maria, cast.caio).content.decode()
    assert "***.982.247-**" in text
    assert "52998224725" not in text
    assert "/edit/" not in text
    assert "/archive/" not in text


def test_as_of_a_past_day(cast, maria):
    """N2: the state and its sentence of that day; before the customer was there, that is said."""
    text = card(cast, maria, query="?as_of=2026-10-01").content.decode()
    assert "Was active on 01/10/2026: last payment on 30/08/2026, 32 days before; limit 60 days." in text
    assert "You are looking at the end of 1 de outubro de 2026" in text
    early = card(cast, maria, query="?as_of=2020-01-01").content.decode()
    assert "counted from 30/08/2026" in early
    for garbage in ("banana", "9999-12-31", "%00", "2030-01-01"):
        assert card(cast, maria, query=f"?as_of={garbage}").status_code == 200


def test_delinquent_is_told_beside_the_state(cast, maria):
    with scope(cast.aurora.pk):
        then = NOW - timedelta(days=20)
        invoice_once(maria, amount=500, due_on=date(2026, 11, 5), issue_on=TODAY - timedelta(20), by=None, now=then)
    text = card(cast, maria).content.decode()
    assert "Delinquent since 06/11/2026 (16 days)" in text


def test_history_tells_each_event_in_the_readers_words(cast, make_customer, settings):
    customer = make_customer(cast.aurora, "Ana", registered_on=date(2026, 5, 2))
    with scope(cast.aurora.pk):
        record(
            "payment.received",
            by=cast.beto,
            now=NOW,
            customer_id=customer.pk,
            what={"amount": 123456, "paid_on": "2026-11-20", "method": "pix", "invoice": "7"},
        )
        archive(customer, on=TODAY, reason="lost", note="<b>moved</b>", by=None, now=NOW)
    text = re.sub(r"\s+", " ", card(cast, customer).content.decode())
    assert "Payment of R$\xa01.234,56" in text or "Payment of R$ 1.234,56" in text
    assert "20/11/2026" in text
    assert "Archived as of 21/11/2026: Lost. &lt;b&gt;moved&lt;/b&gt;" in text
    assert "21/11/2026 12:00" in text, "moments are shown in the account's zone"
    assert "Beto" in text
    cast.ana.language = "en"
    cast.ana.save()
    assert "Nov 20, 2026" in card(cast, customer).content.decode()


def test_erased_words_leave_a_sentence(cast, make_customer):
    """What was personal is gone, the fact stays."""
    customer = make_customer(cast.aurora, "Ana")
    with scope(cast.aurora.pk):
        record("customer.archived", by=None, now=NOW, customer_id=customer.pk, what={"on": "2026-11-20", "reason": ""})
        record("customer.edited", by=None, now=NOW, customer_id=customer.pk, what={"fields": ["name", "document_kind"]})
    text = card(cast, customer).content.decode()
    assert "Archived as of 20/11/2026" in text
    assert re.search(r"Edited: (name|nome)\.", text)


def test_older_history_follows_page_by_page(cast, make_customer):
    """Keyset: twenty at a time, nothing twice, nothing left out; the fragment is what htmx puts in the button's place."""
    customer = make_customer(cast.aurora, "Ana")
    with scope(cast.aurora.pk):
        record_many(
            "payment.received",
            [{"customer_id": customer.pk, "what": {"amount": nth, "paid_on": "2026-11-20"}} for nth in range(45)],
            by=None,
            now=NOW,
        )
    told, query, pages = [], "", 0
    while True:
        text = card(cast, customer, query=query, **({"hx-request": "true"} if query else {})).content.decode()
        pages += 1
        told += re.findall(r"<p>\s*((?:Payment|Registered)[^<]*)</p>", text)
        found = re.search(r'href="(\?older=[^"]+)"', text)
        if not found:
            break
        query = found[1]
    assert pages == 3
    assert len(told) == len(set(told)) == 46
    assert told[0].startswith("Payment of R$\xa00,44")
    assert told[-1].startswith("Registered as customer 1")
    assert card(cast, customer, query="?older=banana").status_code == 200


def test_rooms_above_fill_sections(cast, maria):
    """The registry's context, right and template; a section somebody may not see is not even read."""
    calls = []

    def read(request, customer, view):
        calls.append((customer.pk, view.day))
        return {"customer": customer}

    section = registries.CardSection("Pets", "customers/tests/section.html", read, Right.RECORD_PAYMENTS)
    registries.card_sections.add("test.pets", section)
    try:
        assert "Pets" in card(cast, maria, query="?as_of=2026-10-01").content.decode()
        assert calls == [(maria.pk, date(2026, 10, 1))]
        assert "Pets" not in card(cast, maria, cast.caio).content.decode()
        assert len(calls) == 1
    finally:
        registries.card_sections.remove("test.pets")


def test_the_page_keeps_to_twelve_queries(cast, make_customer):
    """With what is there of other rooms, and the same for one payment and for thirty. Besides: session, person and
    membership, the scope and its transaction."""
    counted = []
    for paid in (1, 30):
        customer = make_customer(cast.aurora, "Ana", paid=[(TODAY - timedelta(n), 100) for n in range(paid)])
        client = cast.client(cast.ana)
        client.get(f"/aurora/customers/{customer.pk}/")
        with CaptureQueriesContext(connection) as made:
            assert client.get(f"/aurora/customers/{customer.pk}/").status_code == 200
        selects = [query["sql"] for query in made if query["sql"].lstrip().startswith(("SELECT", "WITH"))]
        counted.append(len(selects))
    assert counted[0] == counted[1] <= 12, counted


def test_nobody_elses(cast, make_customer):
    """T1: another business's customer and no customer at all are the same 404."""
    theirs = make_customer(cast.boreal, "Bela")
    client = cast.client(cast.ana)
    for id in (theirs.pk, uuid4()):
        for path in ("", "edit/", "archive/"):
            assert client.get(f"/aurora/customers/{id}/{path}").status_code == 404
        for path in ("edit/", "archive/", "unarchive/"):
            assert client.post(f"/aurora/customers/{id}/{path}", {"name": "Hers now"}).status_code == 404
