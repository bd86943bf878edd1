"""Selecting on the list, what "More" does with it, and the columns one likes: as a browser asks for it."""

import csv
import re
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.billing.issue import invoice_once
from carteira.core.jobs.worker import do_waiting_jobs
from carteira.core.walls import scope
from carteira.customers import columns
from carteira.customers.bulk import run, start
from carteira.customers.bulk.models import BulkAct
from carteira.customers.bulk.verbs import verbs as bulk_verbs
from carteira.customers.models import Customer
from conftest import NOW, TODAY

LIST, BULK, COLUMNS = "/aurora/customers/", "/aurora/customers/bulk/", "/aurora/customers/columns/"
SURE = {"verb": "archive", "sure": "1", "on": TODAY.isoformat(), "reason": "", "note": ""}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def school(cast, make_customer):
    for account in (cast.aurora, cast.boreal):
        for name in ("Ari", "Bia", "Caê"):
            make_customer(account, name, city="Natal", paid=[(TODAY - timedelta(3), 100)])
        owing = make_customer(account, "=Dívida()", city="Recife")
        with scope(account.pk):
            invoice_once(
                owing, amount=12345, due_on=TODAY - timedelta(5), issue_on=TODAY - timedelta(9), by=None, now=NOW
            )
    return cast


def id_of(cast, name, account=None):
    account = account or cast.aurora
    with scope(account.pk):
        return Customer.objects.get(name=name).pk


def archived(cast):
    with scope(cast.aurora.pk):
        return sorted(Customer.objects.filter(archived_on__isnull=False).values_list("name", flat=True))


def test_boxes_and_the_menu_stand_on_the_list(school):
    text = school.client(school.ana).get(LIST).content.decode()
    assert len(re.findall(r'<input type="checkbox"[^>]* data-pick>', text)) == 4
    assert 'aria-label="Select Ari"' in text
    for verb in ("archive", "unarchive", "edit", "export_xlsx", "export_csv"):
        assert f'name="verb" value="{verb}"' in re.sub(r"\s+", " ", text)
    assert 'data-everyone=""' in text
    narrowed = school.client(school.ana).get(LIST, {"city": "Natal", "sort": "-paid"}).content.decode()
    assert 'data-everyone="city=Natal"' in narrowed
    assert 'data-total="3"' in narrowed


def test_who_may_only_look_has_no_boxes(school):
    client = school.client(school.caio)
    text = client.get(LIST).content.decode()
    assert "data-pick" not in text.replace("data-picked", "")
    assert client.post(BULK, {**SURE, "everyone": ""}).status_code == 403
    assert archived(school) == []


def test_archiving_some_asks_then_does_and_offers_the_way_back(school):
    """S0-14: ticked boxes, the question with the number and the names, the toast with its undo."""
    client = school.client(school.ana)
    boxes = {"id": [str(id_of(school, "Ari")), str(id_of(school, "Bia")), str(id_of(school, "Ari", school.boreal))]}
    asked = client.post(BULK, {"verb": "archive", "back": "city=Natal&evil=//x", **boxes}).content.decode()
    assert "Archive: 2 customers" in asked
    assert re.search(r"Ari, Bia\s*</p>", asked)
    carried = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked))
    response = client.post(BULK, {**carried, **SURE}, follow=True)
    assert response.redirect_chain == [("/aurora/customers/?city=Natal", 302)]
    text = response.content.decode()
    assert "Archived: 2 customers." in text
    assert archived(school) == ["Ari", "Bia"]
    undo = re.search(r'action="(/aurora/customers/bulk/[^"]+/undo/)"', text)[1]
    assert client.get(undo).status_code == 405
    assert "Put back" in client.post(undo, follow=True).content.decode()
    assert archived(school) == []


def test_the_refused_are_told_with_reasons_and_as_a_file(school):
    """S2-08: who owes stays; the reasons on the page and in a file no program takes for a formula."""
    client = school.client(school.ana)
    response = client.post(BULK, {**SURE, "everyone": "", "but": str(id_of(school, "Caê"))}, follow=True)
    text = response.content.decode()
    assert archived(school) == ["Ari", "Bia"]
    assert "=Dívida() has something pending: invoice 4 of R$\xa0123,45 due 16/11/2026." in text
    address = re.search(r'href="([^"]+/report/)"', text)[1]
    lines = b"".join(client.get(address).streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(StringIO(lines), delimiter=";"))
    assert len(rows[0]) == 4
    assert [row[2] for row in rows[1:]] == ["'=Dívida()"]
    assert school.client(school.dora).get(address.replace("aurora", "boreal")).status_code == 404


def test_what_is_wrong_is_said_and_nothing_lost(school):
    client = school.client(school.ana)
    response = client.post(BULK, {**SURE, "everyone": "", "reason": "churn"})
    assert response.status_code == 422
    assert "Say in a few words why." in response.content.decode()
    assert re.search(r'name="everyone" value=""', response.content.decode())
    assert client.post(BULK, {**SURE, "everyone": "", "on": "2030-01-01"}).status_code == 422
    assert "Nobody is selected" in client.post(BULK, {"verb": "archive"}).content.decode()
    assert client.post(BULK, SURE).status_code == 422
    assert client.post(BULK, {"verb": "banana"}).status_code == 302
    assert archived(school) == []


def test_a_field_of_many(school):
    client = school.client(school.ana)
    edit = {"verb": "edit", "sure": "1", "everyone": "city=Natal", "field": "city", "city": "Olinda"}
    assert "Edited: 3 customers." in client.post(BULK, edit, follow=True).content.decode()
    with scope(school.aurora.pk):
        assert Customer.objects.filter(city="Olinda", city_sort="olinda").count() == 3
    assert client.post(BULK, {**edit, "field": "kind", "kind": "robot"}).status_code == 422


def test_only_members_are_put_in_charge(school):
    client = school.client(school.ana)
    assign = {"verb": "assign", "sure": "1", "everyone": "city=Natal"}
    assert client.post(BULK, {**assign, "owner": str(school.dora.pk)}).status_code == 422
    assert (
        "Assigned: 3 customers."
        in client.post(BULK, {**assign, "owner": str(school.beto.pk)}, follow=True).content.decode()
    )
    client.post(COLUMNS, {"column": ["name", "owner", "source"]})
    assert client.get(LIST).content.decode().count(">Beto</td>") == 3


@pytest.mark.django_db(transaction=True)
def test_many_are_a_job_one_can_leave_and_come_back_to(school, monkeypatch):
    monkeypatch.setattr(start, "AT_ONCE", 1)
    client = school.client(school.ana)
    response = client.post(BULK, {**SURE, "everyone": ""})
    page = response["Location"]
    text = client.get(page).content.decode()
    assert "You can leave this page; it goes on." in text
    assert archived(school) == []
    part = client.get(page, headers={"hx-request": "true"})
    assert "<html" not in part.content.decode()
    assert "progress" in part.content.decode()
    do_waiting_jobs()
    assert client.get(page, headers={"hx-request": "true"})["HX-Refresh"] == "true"
    assert archived(school) == ["Ari", "Bia", "Caê"]
    assert page in client.get(BULK).content.decode()
    client.post(f"{page}undo/")
    do_waiting_jobs()
    assert archived(school) == []
    assert "Put back" in client.get(page).content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_stopped_on_the_way_is_told_and_goes_on_or_back(school, monkeypatch):
    """Our own mistake in the second part: the first stays done, and nothing says "running" for ever."""
    monkeypatch.setattr(start, "AT_ONCE", 1)
    monkeypatch.setattr(start, "PART", 1)
    verb = bulk_verbs["archive"]
    turns = []

    def broken(turn, *before):
        turns.append(turn)
        if len(turns) > 1:
            raise RuntimeError("a bolt of lightning")
        return verb.do(turn)

    client = school.client(school.ana)
    with monkeypatch.context() as patch:
        patch.setitem(bulk_verbs._items, "archive", (0, replace(verb, do=broken)))
        page = client.post(BULK, {**SURE, "everyone": ""})["Location"]
        do_waiting_jobs()
    assert len(turns) == 2
    text = client.get(page).content.decode()
    assert "Something went wrong on our side. What was done up to there stays done." in text
    assert "1 of 4 were done." in text
    assert "lightning" not in text
    assert "Stopped on the way" in client.get(BULK).content.decode()
    assert len(archived(school)) == 1
    assert school.client(school.caio).post(f"{page}go-on/").status_code == 403

    client.post(f"{page}go-on/")
    do_waiting_jobs()
    assert archived(school) == ["Ari", "Bia", "Caê"]
    client.post(f"{page}go-on/")
    assert "nothing to go on with" in client.get(page).content.decode()

    with monkeypatch.context() as patch:
        patch.setitem(bulk_verbs._items, "archive", (0, replace(verb, undo=broken)))
        client.post(f"{page}undo/")
        do_waiting_jobs()
    assert "Stopped on the way" in client.get(page).content.decode()
    client.post(f"{page}undo/")
    assert archived(school) == ["Ari", "Bia", "Caê"]
    client.post(f"{page}go-on/")
    do_waiting_jobs()
    assert archived(school) == []


@pytest.mark.django_db(transaction=True)
def test_what_stopped_on_the_way_can_be_undone_as_it_is(school, monkeypatch):
    monkeypatch.setattr(start, "AT_ONCE", 1)
    monkeypatch.setattr(start, "PART", 1)
    client = school.client(school.ana)
    page = client.post(BULK, {**SURE, "everyone": ""})["Location"]
    with scope(school.aurora.pk):
        act = BulkAct.objects.get()
        run.step(act.pk, now=NOW)
        BulkAct.objects.update(failed_at=NOW, error="Something went wrong on our side.")
        assert not run.step(act.pk, now=NOW)
    assert len(archived(school)) == 1
    client.post(f"{page}undo/")
    do_waiting_jobs()
    assert archived(school) == []
    assert "Undone" in client.get(page).content.decode()


def test_an_export_takes_the_selection_along(school):
    client = school.client(school.ana)
    response = client.post(BULK, {"verb": "export_csv", "everyone": "city=Natal", "but": str(id_of(school, "Bia"))})
    assert "/exports/" in response["Location"]
    assert client.get(response["Location"]).status_code == 200
    assert client.post(BULK, {"verb": "export_xlsx"}).status_code == 302


def shown(text):
    return re.findall(r"<th scope=\"col\"[^>]*>(?:<a[^>]*>)?([^<]*)", text.split("</thead>")[0].split("<thead>")[1])


def test_columns_are_remembered_by_person_and_business(school):
    """Chosen, ordered, for one person in one business; `usual` forgets it."""
    client = school.client(school.ana)
    usual = shown(client.get(LIST).content.decode())
    client.post(COLUMNS, {"column": ["open_balance", "name", "email", "banana"], "dense": "1"})
    text = client.get(LIST).content.decode()
    heads = [head for head in shown(text) if head.strip()]
    assert heads == ["Open balance", "Name", "E-mail"]
    assert "ledger-dense" in text
    assert "R$\xa0123,45" in text
    assert "Open balance" not in client.get(LIST, {"as_of": (TODAY - timedelta(1)).isoformat()}).content.decode()
    assert shown(school.client(school.beto).get(LIST).content.decode()) == usual
    again = client.get(COLUMNS, {"back": "state=active"}).content.decode()
    assert re.findall(r'name="column" value="([\w.]+)"', again)[:3] == ["open_balance", "name", "email"]
    response = client.post(COLUMNS, {"usual": "1", "back": "state=active"})
    assert response["Location"] == "/aurora/customers/?state=active"
    assert shown(client.get(LIST).content.decode()) == usual


def test_every_column_at_once_costs_no_query(school):
    client = school.client(school.ana)
    counted = []
    for names in (columns.usual(), columns.columns.names()):
        client.post(COLUMNS, {"column": names})
        client.get(LIST)
        with CaptureQueriesContext(connection) as made:
            text = client.get(LIST).content.decode()
        counted.append(len(made))
    assert counted[0] == counted[1]
    assert len([head for head in shown(text) if head.strip()]) == len(columns.columns) - 1  # the archive's own


def test_cities_are_offered_when_asked_for(school):
    text = school.client(school.ana).get("/aurora/customers/cities/").content.decode()
    assert re.findall(r'value="([^"]+)"', text) == ["Natal", "Recife"]


def test_a_finished_act_is_undone_once(school):
    client = school.client(school.ana)
    client.post(BULK, {**SURE, "everyone": "city=Natal"})
    with scope(school.aurora.pk):
        act = BulkAct.objects.get()
    undo = f"{BULK}{act.pk}/undo/"
    client.post(undo)
    assert "This was undone already." in client.post(undo, follow=True).content.decode()
