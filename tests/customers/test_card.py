"""A customer's page: facts, state and why, tabs and sections of other rooms, history."""

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
from carteira.customers.edit import edit
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


def history(cast, customer, query="", **headers):
    return cast.client(cast.ana).get(f"/aurora/customers/{customer.pk}/tab/history/{query}", headers=headers)


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
    """S1-17: keyset, twenty at a time, nothing twice, nothing left out; the fragment takes the button's place."""
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
        text = history(cast, customer, query=query, **({"hx-request": "true"} if query else {})).content.decode()
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
    assert history(cast, customer, query="?older=banana").status_code == 200


def test_history_is_filtered_by_subject_and_person(cast, make_customer):
    """S1-17: what it is about, who did it, both kept from page to page; nonsense shows everything."""
    customer = make_customer(cast.aurora, "Ana")
    with scope(cast.aurora.pk):
        facts = [{"customer_id": customer.pk, "what": {"amount": 1, "paid_on": "2026-11-20"}} for _nth in range(25)]
        record_many("payment.received", facts, by=cast.beto, now=NOW)
        edit(customer, by=cast.ana, now=NOW, city="Natal")

    def kinds(query):
        return [event.text.split()[0] for event in history(cast, customer, query=query).context["tab"]["events"]]

    assert kinds("?about=customer") == ["Edited:", "Registered"]
    assert kinds(f"?who={cast.ana.pk}") == ["Edited:"]
    assert kinds("?who=program") == ["Registered"]
    assert kinds(f"?about=customer&who={cast.beto.pk}") == []
    page = history(cast, customer, query=f"?about=payment&who={cast.beto.pk}").context["tab"]
    assert len(page["events"]) == 20
    rest = history(cast, customer, query=page["older"], **{"hx-request": "true"}).context["tab"]
    assert len(rest["events"]) == 5
    assert rest["older"] is None
    assert len(kinds("?about=banana&who=x%00")) == 20


def test_the_history_shows_old_and_new_values(cast, make_customer):
    """S1-17: what stood there before, what stands there now."""
    customer = make_customer(cast.aurora, "Ana", city="Recife")
    with scope(cast.aurora.pk):
        edit(customer, by=cast.ana, now=NOW, city="Natal")
    assert re.search(r"<s>Recife</s>\s*Natal", history(cast, customer).content.decode())


def test_a_line_of_the_list_leads_to_the_card(cast, maria):
    """S1-03: Relationship, Customers, click."""
    client = cast.client(cast.ana)
    link = re.search(r'class="row-link"[^>]*href="([^"]+)"', client.get("/aurora/customers/").content.decode())
    assert link, "a line of the list is a link"
    assert "Maria Silva" in client.get(link[1]).content.decode()


def test_tabs_lead_to_every_part(cast, maria):
    """S1-06: each tab is an address; one that is not there, or not for this reader, is refused."""
    client = cast.client(cast.caio)
    page = client.get(f"/aurora/customers/{maria.pk}/?as_of=2026-10-01")
    tabs = page.context["tabs"]
    assert [str(tab["label"]) for tab in tabs if tab["selected"]] == ["Main"]
    for tab in tabs:
        answer = client.get(tab["url"])
        assert answer.status_code == 200
        assert answer.context["view"].day == date(2026, 10, 1)
    assert client.get(f"/aurora/customers/{maria.pk}/tab/nothing/").status_code == 404
    secret = registries.CardTab("Pets", "customers/tests/section.html", lambda *asked: {}, Right.RECORD_PAYMENTS)
    registries.card_tabs.add("pets", secret)
    try:
        assert client.get(f"/aurora/customers/{maria.pk}/tab/pets/").status_code == 403
        assert "/tab/pets/" not in client.get(f"/aurora/customers/{maria.pk}/").content.decode()
        assert cast.client(cast.ana).get(f"/aurora/customers/{maria.pk}/tab/pets/").status_code == 200
    finally:
        registries.card_tabs.remove("pets")


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


def test_attention_comes_with_the_button_that_acts(cast, maria):
    """S1-15: a link or a form, beside the sentence; no longer where there is no right to see it."""
    acts = [registries.Act("Call", "/call/"), registries.Act("Done", "/done/", post=True)]
    said = registries.Summary(
        [registries.Figure("Pets", "7", note="two dogs")], [registries.Attention("The <dog> is sick.", acts)]
    )
    registries.card_summaries.add("test.pets", registries.CardSummary(lambda *asked: said, Right.RECORD_PAYMENTS))
    try:
        text = card(cast, maria).content.decode()
        assert "The &lt;dog&gt; is sick." in text
        assert '<a class="btn btn-sm" href="/call/">Call</a>' in text
        assert re.search(r'<form method="post"\s+action="/done/">', text)
        assert "two dogs" in text
        assert "sick" not in card(cast, maria, cast.caio).content.decode()
    finally:
        registries.card_summaries.remove("test.pets")


def test_acts_of_other_rooms_stand_in_the_head(cast, maria):
    """S1-15: acts of upper rooms in the head or its menu, for whom they are and for which customers."""
    rex = registries.CardAct("Walk", "archive", "customers:edit", Right.RECORD_PAYMENTS)
    none = registries.CardAct("Feed", "archive", "customers:edit", Right.ENTER, shown=lambda customer: False)
    registries.card_acts.add("test.walk", rex)
    registries.card_acts.add("test.feed", none)
    try:
        text = card(cast, maria).content.decode()
        assert re.search(r'pop-item[^>]*href="[^"]*/edit/"', text)
        assert "Walk" in text
        assert "Feed" not in text
        assert "Walk" not in card(cast, maria, cast.caio).content.decode()
    finally:
        registries.card_acts.remove("test.walk")
        registries.card_acts.remove("test.feed")


@pytest.mark.parametrize("tab", ["", "tab/payments/", "tab/history/"])
def test_the_page_keeps_to_twelve_queries(cast, make_customer, tab):
    """With what is there of other rooms, and the same for one payment and for thirty. Besides: session, person and
    membership, the scope and its transaction."""
    counted = []
    for paid in (1, 30):
        customer = make_customer(cast.aurora, "Ana", paid=[(TODAY - timedelta(n), 100) for n in range(paid)])
        client = cast.client(cast.ana)
        client.get(f"/aurora/customers/{customer.pk}/{tab}")
        with CaptureQueriesContext(connection) as made:
            assert client.get(f"/aurora/customers/{customer.pk}/{tab}").status_code == 200
        selects = [query["sql"] for query in made if query["sql"].lstrip().startswith(("SELECT", "WITH"))]
        counted.append(len(selects))
    assert counted[0] == counted[1] <= 12, counted


def test_nobody_elses(cast, make_customer):
    """T1: another business's customer and no customer at all are the same 404."""
    theirs = make_customer(cast.boreal, "Bela")
    client = cast.client(cast.ana)
    for id in (theirs.pk, uuid4()):
        for path in ("", "tab/history/", "tab/payments/", "edit/", "archive/"):
            assert client.get(f"/aurora/customers/{id}/{path}").status_code == 404
        for path in ("edit/", "archive/", "unarchive/"):
            assert client.post(f"/aurora/customers/{id}/{path}", {"name": "Hers now"}).status_code == 404
