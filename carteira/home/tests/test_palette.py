"""The palette (issue 3): customers, invoices, screens, acts and what was opened lately, for whom may follow them."""

import re
from uuid import uuid4

import pytest

from carteira.billing.issue import invoice_once
from carteira.core.registries import PaletteAct, palette_acts
from carteira.core.walls import scope
from conftest import NOW, TODAY

HTMX = {"hx-request": "true"}


@pytest.fixture
def ana(cast):
    return cast.client(cast.ana)


def asked(client, account="aurora", **query):
    """(group, title, address) of each line."""
    html = client.get(f"/{account}/palette/", query, headers=HTMX).content.decode()
    lines = []
    for part in re.split(r'<div role="group"', html)[1:]:
        group = re.search(r'aria-label="([^"]*)"', part)[1]
        for line in re.findall(r"<a .*?</a>", part, re.S):
            title = re.search(r'hit-title">([^<]*)<', line)[1]
            lines.append((group, title, re.search(r'href="([^"]*)"', line)[1]))
    return lines


def test_without_a_word_it_offers_all_acts_and_screens(ana, cast):
    lines = asked(ana)
    assert ("Acts", "New customer", "/aurora/customers/new/") in lines
    assert ("Acts", "Record payment", "/aurora/palette/?act=billing.pay") in lines
    assert ("Acts", "Import payments", "/aurora/imports/new/payments/") in lines
    assert ("Screens", "Customers", "/aurora/customers/") in lines
    assert ("Screens", "Holidays", "/aurora/settings/holidays/") in lines


def test_it_offers_nobody_what_they_may_not_do(cast):
    titles = {title for _group, title, _url in asked(cast.client(cast.caio))}
    assert {"Customers", "My profile"} <= titles
    assert not titles & {"New customer", "Record payment", "Import customers", "Imports", "Members", "Archive"}
    assert asked(cast.client(cast.caio), act="billing.pay", q="maria") == asked(cast.client(cast.caio), q="maria")


def test_words_find_acts_by_their_beginnings_and_records_by_fragments(ana, cast, make_customer):
    maria = make_customer(cast.aurora, "Maria Antônia")
    assert asked(ana, q="new cust")[0] == ("Acts", "New customer", "/aurora/customers/new/")
    assert asked(ana, q="cust new")[0] == ("Acts", "New customer", "/aurora/customers/new/")
    assert asked(ana, q="register")[0] == ("Acts", "New customer", "/aurora/customers/new/")
    assert asked(ana, q="anton") == [("Customers", "Maria Antônia", f"/aurora/customers/{maria.pk}/")]
    assert asked(ana, q="ustomer") == []


def test_an_invoice_is_found_by_its_number(ana, cast, make_customer):
    maria = make_customer(cast.aurora)
    make_customer(cast.boreal, paid=[(TODAY, 100)])  # its invoice has the number 1 too
    with scope(cast.aurora.pk):
        first, *_rest = [invoice_once(maria, amount=15_000, due_on=TODAY, by=None, now=NOW) for _time in range(11)]
    found = [line for line in asked(ana, q="1") if line[0] == "Invoices"]
    assert found[0] == ("Invoices", "Invoice 1", f"/aurora/billing/invoices/{first.pk}/")
    assert [title for _group, title, _url in found] == ["Invoice 1", "Invoice 10", "Invoice 11"]
    assert [line for line in asked(ana, q="#1") if line[0] == "Invoices"] == found
    search = ana.get("/aurora/customers/find/", {"q": "11"}, headers=HTMX).content.decode()
    assert "Invoice 11" in search, "the search on top finds it too"


def test_an_act_on_a_customer_asks_which_one_then_leads_to_its_form(ana, cast, make_customer):
    maria = make_customer(cast.aurora)
    pay = f"/aurora/billing/customers/{maria.pk}/pay/"
    assert asked(ana, act="billing.pay", q="silva") == [("Customers", "Maria Silva", pay)]
    assert asked(ana, act="billing.pay", recent=f"customers:{maria.pk}") == [("Recent", "Maria Silva", pay)]
    assert ana.get(pay).status_code == 200
    assert asked(ana, act="no.such", q="silva")[0][2] == f"/aurora/customers/{maria.pk}/"
    # "Reactivate" sends a form: no address to go to.
    assert "customers.unarchive" not in ana.get("/aurora/palette/", headers=HTMX).content.decode()


def test_what_a_room_offers_twice_stands_there_once(ana):
    tasks = [line for line in asked(ana) if line[1] == "New task"]
    assert tasks == [("Acts", "New task", "/aurora/palette/?act=tasks.new")]
    assert tasks[0] in asked(ana, q="remind")


def test_recent_ones_come_back_in_order_and_only_from_here(ana, cast, make_customer):
    maria, joana = make_customer(cast.aurora), make_customer(cast.aurora, "Joana")
    twin = make_customer(cast.boreal)
    with scope(cast.aurora.pk):
        invoice = invoice_once(maria, amount=15_000, due_on=TODAY, by=None, now=NOW)
    keys = [f"customers:{joana.pk}", f"invoices:{invoice.pk}", f"customers:{twin.pk}", f"customers:{maria.pk}"]
    keys += [f"customers:{uuid4()}", "nonsense", "customers:1"]
    recent = [title for group, title, _url in asked(ana, recent=",".join(keys)) if group == "Recent"]
    assert recent == ["Joana", "Invoice 1", "Maria Silva"]
    page = ana.get(f"/aurora/customers/{maria.pk}/").content.decode()
    assert f'data-record="customers:{maria.pk}"' in page


def test_rooms_above_add_their_acts(ana):
    palette_acts.add("x", PaletteAct("Dance", "star", "customers:list", words="tango"))
    palette_acts.add("y", PaletteAct("Fly", "star", "no-such-route"))
    try:
        assert asked(ana, q="tang") == [("Acts", "Dance", "/aurora/customers/")]
        assert asked(ana, q="fly") == []
    finally:
        palette_acts.remove("x")
        palette_acts.remove("y")


def test_without_scripts_it_is_a_page(ana, make_customer, cast):
    maria = make_customer(cast.aurora)
    page = ana.get("/aurora/palette/", {"act": "billing.pay", "q": "silva"}).content.decode().split("<main")[1]
    assert f'href="/aurora/billing/customers/{maria.pk}/pay/"' in page
    assert 'name="act" value="billing.pay"' in page
    assert "Nothing found" not in page.split("</main>")[0]
    assert "Nothing found" in ana.get("/aurora/palette/?q=zzz\0").content.decode().split("<main")[1].split("</main>")[0]


def test_few_queries(ana, cast, make_customer, django_assert_max_num_queries):
    for name in ("Maria A", "Maria B", "Maria C"):
        make_customer(cast.aurora, name, paid=[(TODAY, 100)])
    with django_assert_max_num_queries(18):
        assert len(asked(ana, q="maria")) == 3
    with django_assert_max_num_queries(8):
        asked(ana)
