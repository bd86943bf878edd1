"""The list under the activity bar, as a browser asks for it."""

import re
from datetime import date, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.billing.issue import invoice_once
from carteira.core.walls import scope
from carteira.customers import activity, queries, registries
from carteira.customers.archive import archive
from carteira.customers.lifecycle import view_of
from carteira.customers.models import Customer
from conftest import NOW, TODAY

LIST = "/aurora/customers/"
TYPED = {"hx-request": "true", "hx-current-url": "http://testserver/aurora/customers/"}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def school(cast, make_customer):
    """One customer in each state, in both businesses; Ina is delinquent as well."""
    for account in (cast.aurora, cast.boreal):
        make_customer(account, "Lia Lead", city="Natal", code="L1", registered_on=date(2026, 5, 1))
        make_customer(account, "Ari Active", city="Recife", paid=[(date(2026, 11, 1), 100)])
        owing = make_customer(account, "Ina Inactive", city="Natal", paid=[(date(2026, 8, 30), 100)])
        gone = make_customer(account, "Axel Archived", paid=[(date(2026, 2, 1), 100)])
        with scope(account.pk):
            first = NOW - timedelta(days=20)
            invoice_once(
                owing, amount=500, due_on=date(2026, 11, 5), issue_on=TODAY - timedelta(20), by=None, now=first
            )
            archive(gone, on=date(2026, 3, 1), by=None, now=NOW)
    return cast


def seen(response):
    """Names in the table, in order."""
    assert response.status_code == 200
    return re.findall(r'class="row-link"[^>]*>\s*([^<]*?)\s*<', response.content.decode())


def ask(cast, user=None, **parameters):
    return cast.client(user or cast.ana).get(LIST, parameters)


def bar(response):
    keys = "all|lead|active|inactive|delinquent|archived"
    found = rf'class="activity-({keys})".*?activity-count">([^<]+)<'
    return dict(re.findall(found, response.content.decode(), re.DOTALL))


def test_the_menu_leads_to_the_list(school):
    """S0-06: Relationship, Customers."""
    text = ask(school).content.decode()
    assert re.search(r'<a href="/aurora/customers/"\s+aria-current="page"', text)
    assert "Relationship" in text


def test_each_tab_shows_its_customers_and_counts_them(school):
    """S0-09 to S0-14, S2-02, S2-29, S2-30: delinquents stay in their state's tab as well."""
    tabs = {
        "": ["Ari Active", "Ina Inactive", "Lia Lead"],
        "state=lead": ["Lia Lead"],
        "state=active": ["Ari Active"],
        "state=inactive": ["Ina Inactive"],
        "delinquent=1": ["Ina Inactive"],
        "state=archived": ["Axel Archived"],
    }
    for query, names in tabs.items():
        response = school.client(school.ana).get(f"{LIST}?{query}")
        assert seen(response) == names, query
        assert bar(response) == {
            "all": "3", "lead": "1", "active": "1", "inactive": "1", "delinquent": "1", "archived": "1"
        }  # fmt: skip


def test_the_archived_are_reached_beside_new_customer(school):
    """S2-10."""
    text = ask(school).content.decode()
    acts = text[text.index("page-acts") : text.index("</header>", text.index("page-acts"))]
    assert "Archived customers" in acts
    assert "New customer" in acts
    assert 'href="?state=archived"' in acts


def test_every_row_says_why(school):
    """N1: a full sentence with dates beside the state, and beside delinquent."""
    text = ask(school).content.decode()
    assert "Inactive: last payment on 30/08/2026, 83 days ago; limit 60 days." in text
    assert "Active: last payment on 01/11/2026, 20 days ago; limit 60 days." in text
    assert "Lead: registered on 01/05/2026, no payment yet." in text
    assert "Delinquent since 06/11/2026 (16 days)" in text
    assert "Archived since 01/03/2026" in ask(school, state="archived").content.decode()


def test_the_archive_shows_the_reasons(school):
    """S0-14: churn or lost beside each archived customer."""
    assert "Churn" in ask(school, state="archived").content.decode()


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"city": "NATAL"}, ["Ina Inactive", "Lia Lead"]),
        ({"city": "Natal", "state": "lead"}, ["Lia Lead"]),
        ({"city": "Natal", "delinquent": "1"}, ["Ina Inactive"]),
        ({"state": "inactive", "delinquent": "1"}, ["Ina Inactive"]),
        ({"state": "active", "delinquent": "1"}, []),
        ({"registered_from": "2026-08-01"}, ["Ari Active", "Ina Inactive"]),
        ({"registered_until": "2026-08-30"}, ["Ina Inactive", "Lia Lead"]),
        ({"registered_from": "30/08/2026", "registered_until": "2026-08-30"}, ["Ina Inactive"]),
        ({"paid": "newer", "days": "20"}, ["Ari Active"]),
        ({"paid": "older", "days": "20"}, ["Ina Inactive"]),
        ({"paid": "older", "days": "83"}, []),
        ({"q": "lia"}, ["Lia Lead"]),
        ({"q": "a", "city": "Recife"}, ["Ari Active"]),
        ({"q": "axel"}, []),
        ({"q": "axel", "state": "archived"}, ["Axel Archived"]),
    ],
)
def test_filters(school, parameters, names):
    """State, delinquent, city, registered, last payment, search: each takes a chip along that takes it away."""
    response = ask(school, **parameters)
    assert seen(response) == names
    text = response.content.decode()
    chips = set(parameters) - {"state", "days"} - ({"delinquent"} if "state" not in parameters else set())
    assert text.count('class="chip"') == len(chips)
    for removal in re.findall(r'class="chip">.*?href="\?([^"]*)"', text, re.DOTALL):
        left = set(parse_qs(removal.replace("&amp;", "&")))
        assert left < set(parameters)


def test_sorting_by_each_column(school):
    """The heads are links and say how the table is sorted."""
    orders = {
        "name": ["Ari Active", "Ina Inactive", "Lia Lead"],
        "number": ["Lia Lead", "Ari Active", "Ina Inactive"],
        "registered": ["Lia Lead", "Ina Inactive", "Ari Active"],
        "paid": ["Ina Inactive", "Ari Active", "Lia Lead"],
    }
    for sort, names in orders.items():
        response = ask(school, sort=sort)
        assert seen(response) == names
        assert response.content.decode().count('aria-sort="ascending"') == 1
        down = ask(school, sort=f"-{sort}")
        # Who never paid stands at the end either way.
        assert seen(down) == (["Ari Active", "Ina Inactive", "Lia Lead"] if sort == "paid" else names[::-1])
        assert down.content.decode().count('aria-sort="descending"') == 1


@pytest.mark.parametrize("sort", ["name", "-number", "registered", "-paid", "owner", "-owner"])
def test_pages_forth_and_back(cast, make_customer, monkeypatch, sort):
    """Keyset paging through the links of the page, with the count of what is shown."""
    monkeypatch.setattr(queries, "PAGE", 2)
    monkeypatch.setattr(queries.page, "__kwdefaults__", {"after": None, "before": None, "size": 2})
    for nth in range(5):
        make_customer(cast.aurora, f"N{nth}", paid=[(TODAY, 100)] if nth < 2 else ())
    client, url, pages = cast.client(cast.ana), f"{LIST}?{urlencode({'sort': sort})}", []
    while url:
        response = client.get(url)
        text = response.content.decode()
        summary = re.search(r"pager-summary\">\s*([^<]+?)\s*<", text)[1]
        pages.append((seen(response), summary, url))
        found = re.search(r'href="(\?[^"]*)"\s+rel="next"', text)
        url = LIST + found[1].replace("&amp;", "&") if found else ""
    assert [summary for _names, summary, _url in pages] == ["1–2 of 5", "3–4 of 5", "5–5 of 5"]
    assert sorted(name for names, *_ in pages for name in names) == ["N0", "N1", "N2", "N3", "N4"]
    back = re.search(r'href="(\?[^"]*)"\s+rel="prev"', text)[1].replace("&amp;", "&")
    response = client.get(LIST + back)
    assert (seen(response), "3–4 of 5" in response.content.decode()) == (pages[1][0], True)


def test_by_person_in_charge(school):
    """The filter and its chip, the order by the people's names, both ways, and back from a kept address."""
    with scope(school.aurora.pk):
        for name, owner in (("Lia Lead", school.sofia), ("Ina Inactive", school.beto)):
            Customer.objects.filter(name=name).update(owner=owner)
        Customer.objects.filter(name="Axel Archived").update(owner=school.beto)
    school.client(school.ana).post(f"{LIST}columns/", {"column": ["name", "owner"]})
    beto = str(school.beto.pk)
    response = ask(school, owner=beto)
    assert seen(response) == ["Ina Inactive"]
    assert re.search(r'class="chip">\s*<span>In charge: Beto</span>|In charge: Beto', response.content.decode())
    assert f'<option value="{beto}" selected>Beto</option>' in response.content.decode()
    assert seen(ask(school, owner=beto, state="archived")) == ["Axel Archived"]
    assert seen(ask(school, owner="nobody")) == ["Ari Active"]
    assert "In charge: nobody" in ask(school, owner="nobody").content.decode()
    by_owner = ask(school, sort="owner")
    assert seen(by_owner) == ["Ina Inactive", "Lia Lead", "Ari Active"]
    assert 'aria-sort="ascending" class="sortable"><a href="?sort=-owner"' in by_owner.content.decode()
    assert seen(ask(school, sort="-owner")) == ["Lia Lead", "Ina Inactive", "Ari Active"]


def test_nobody_learns_a_strangers_name(school):
    """A1: an id of somebody next door in the address finds nobody and shows no name."""
    text = ask(school, owner=str(school.dora.pk)).content.decode()
    assert "Nobody matches" in text
    assert "In charge: somebody unknown" in text
    assert "Dora" not in text
    wrong = ask(school, owner="dora@example.com")
    assert "Nobody is known by that name here." in wrong.content.decode()
    assert seen(wrong) == ["Ari Active", "Ina Inactive", "Lia Lead"]


def test_as_of_a_past_day(school):
    """N2: rows, states, sentences and counts of the whole page are of that day; the way back is on the banner."""
    response = ask(school, as_of="2026-09-30")
    text = response.content.decode()
    assert seen(response) == ["Ina Inactive", "Lia Lead"]
    assert bar(response)["all"] == "2"
    assert bar(response)["active"] == "1"
    assert bar(response)["delinquent"] == "0"
    assert "You are looking at the end of 30 de setembro de 2026" in text
    assert "Was active on 30/09/2026: last payment on 30/08/2026, 31 days before; limit 60 days." in text
    assert "Was a lead on 30/09/2026: registered on 01/05/2026, no payment by then." in text
    assert "as_of=2026-09-30" in re.search(r'class="row-link" href="([^"]*)"', text)[1]


def test_as_of_counts_are_the_lists(school):
    for day in ("2026-02-15", "2026-04-01", "2026-11-06"):
        response = ask(school, as_of=day)
        with scope(school.aurora.pk):
            view = view_of(school.aurora, now=NOW, day=date.fromisoformat(day))
            counts = activity.counts(view).as_dict()
        for state in ("lead", "active", "inactive", "archived"):
            assert len(seen(ask(school, as_of=day, state=state))) == counts[state] == int(bar(response)[state])


def test_today_is_live(school):
    response = ask(school, as_of=TODAY.isoformat())
    assert "You are looking at" not in response.content.decode()
    assert seen(response) == ["Ari Active", "Ina Inactive", "Lia Lead"]


def test_the_future_is_refused_with_a_sentence(school):
    response = ask(school, as_of=(TODAY + timedelta(days=1)).isoformat())
    assert "That day has not come yet. Here is today." in response.content.decode()
    assert seen(response) == ["Ari Active", "Ina Inactive", "Lia Lead"]


GARBAGE = ["", "banana", "\x00", "%00", "'; --", "<script>", "2026-13-45", "0001-01-01", "9999-12-31", "-1", "1e9",
           "9" * 400, "٣", "🎉" * 50, "~", "a~b", f"~{uuid4()}", f"{'9' * 30}~{uuid4()}", f"2026-13-01~{uuid4()}",
           "\u202e", "%", "_" * 250, "\\", "(", "à" * 300]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["q", "state", "delinquent", "city", "owner", "registered_from", "paid", "days", "as_of", "sort", "after",
             "before", "from", "bar"]
)  # fmt: skip
def test_garbage_is_never_an_error(school, name):
    """Whatever stands in the address, there is a page."""
    client = school.client(school.ana)
    for value in GARBAGE:
        more = {"paid": "older"} if name == "days" else {"days": "3"} if name == "paid" else {}
        for sort in queries.SORTS if name in ("after", "before") else ("name",):
            parameters = {"sort": sort, **more, name: value}
            assert client.get(LIST, parameters).status_code == 200, (name, value)
        assert client.get(LIST, {name: value}, headers=TYPED).status_code == 200


def test_each_row_costs_no_query(cast, make_customer):
    """The same number for one customer and for three; also as of a past day."""
    client, counted = cast.client(cast.ana), []
    for names in (["Ana"], ["Ana B", "Ana C"]):
        for name in names:
            make_customer(cast.aurora, name, paid=[(date(2026, 6, 1), 100)])
        for query in ("", "?as_of=2026-07-01", "?q=a&sort=paid", "?q=ana"):
            client.get(LIST + query)
            with CaptureQueriesContext(connection) as queries_made:
                assert client.get(LIST + query).status_code == 200
            counted.append(len(queries_made))
    assert counted[:4] == counted[4:] == [11, 11, 12, 12]


def test_typing_changes_the_rows_only(school):
    """S2-19: the fragment has rows and the tabs' new addresses; the address of the page follows, one step of the
    history for one search. The bar's numbers are those the page already shows."""
    client = school.client(school.ana)
    response = client.get(LIST, {"q": "ina", "bar": "3.1.1.1.1.1.0.1", "sort": ""}, headers=TYPED)
    text = response.content.decode()
    assert seen(response) == ["Ina Inactive"]
    assert "<html" not in text
    assert 'href="?q=ina&amp;state=lead"' in text
    assert response.headers["HX-Push-Url"] == "/aurora/customers/?q=ina"
    assert "HX-Request" in response.headers["Vary"]
    again = {**TYPED, "hx-current-url": "http://testserver/aurora/customers/?q=ina"}
    response = client.get(LIST, {"q": "inac", "bar": "3.1.1.1.1.1.0.1"}, headers=again)
    assert response.headers["HX-Replace-Url"] == "/aurora/customers/?q=inac"
    assert "HX-Push-Url" not in response.headers


def test_nobody_yet_says_what_to_do(cast):
    """An empty business: register somebody, or what other rooms offer; nothing that needs somebody to be there."""
    text = ask(cast).content.decode()
    assert "No customers yet" in text
    assert text.count('href="/aurora/customers/new/"') == 1
    assert {str(action.label): action.first for action in registries.list_actions} == {
        "Import": True,
        "Possible duplicates": False,
    }
    for action in registries.list_actions:
        assert (str(action.label) in text) is action.first


def test_nobody_there_yet_on_a_past_day(school):
    """There are customers, only not yet: the bar says 0, and the way back to today is there."""
    response = ask(school, as_of="2001-01-01")
    text = response.content.decode()
    assert bar(response)["all"] == "0"
    assert "No customers yet" not in text
    assert "Back to today" in text


def test_nobody_found_says_where_else_to_look(school):
    text = ask(school, q="axel").content.decode()
    assert "Nobody matches" in text
    assert 'href="?q=axel&amp;state=archived"' in text


def test_a_viewer_only_looks(school):
    response = ask(school, school.caio)
    assert seen(response) == ["Ari Active", "Ina Inactive", "Lia Lead"]
    assert "New customer" not in response.content.decode()


def test_names_are_text(cast, make_customer):
    """A2: markup in a name, a city or a search is shown, not obeyed."""
    nasty = "<script>alert(1)</script>"
    make_customer(cast.aurora, nasty, city=nasty[:100], code=nasty)
    for parameters in ({}, {"q": nasty}, {"city": nasty}, {"as_of": nasty}):
        text = ask(cast, **parameters).content.decode()
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text


def test_addresses_keep_what_was_asked(school):
    """A tab keeps the search, the other filters, the day and the order; the first page again."""
    response = ask(school, q="a", city="Natal", as_of="2026-11-10", sort="-paid", after=f"~{uuid4()}")
    links = [
        urlsplit(link.replace("&amp;", "&")) for link in re.findall(r'href="(\?[^"]*)"', response.content.decode())
    ]
    lead = next(parse_qs(link.query) for link in links if "state=lead" in link.query)
    assert lead == {"q": ["a"], "city": ["Natal"], "as_of": ["2026-11-10"], "sort": ["-paid"], "state": ["lead"]}
