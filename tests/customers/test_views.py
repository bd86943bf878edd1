"""C-03, issue 4: a list of customers under a name, one's own or everybody's, in the menu, first, changed, deleted."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.accounts.models import Membership
from carteira.accounts.tastes import remember
from carteira.core.walls import scope
from carteira.customers.anonymise import anonymise
from carteira.customers.fields.convert import change_kind
from carteira.customers.fields.define import add_field, remove_field, restore_field
from carteira.customers.fields.fill import fill
from carteira.customers.fields.values import Reading, clean
from carteira.customers.models import Customer
from carteira.customers.saved.models import SavedView
from carteira.groups.make import make_group
from carteira.groups.remove import delete_group
from conftest import NOW

LIST = "/aurora/customers/"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def school(cast, make_customer):
    for account in (cast.aurora, cast.boreal):
        make_customer(account, "Lia", city="Natal")
        make_customer(account, "Ari", city="Recife")
    return cast


def names(response):
    assert response.status_code == 200
    return re.findall(r'class="row-link"[^>]*>\s*([^<]*?)\s*<', response.content.decode())


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def saved(cast, back="city=Natal&sort=-name", user=None):
    """As the button above the list does it."""
    client = cast.client(user or cast.ana)
    response = client.post(f"{LIST}views/", {"back": back})
    assert response.status_code == 302
    with scope(cast.aurora.pk):
        return SavedView.objects.latest("created_at", "id"), client, response["Location"]


def post(client, view, act, **body):
    return client.post(f"{LIST}views/{view.pk}/{act}/", body)


def test_one_click_saves_the_list_as_it_is(school):
    """C-03: filters, order, columns and density; its name says what it shows."""
    with scope(school.aurora.pk):
        remember(Membership.objects.get(user=school.ana), "customers", {"columns": ["name", "city"], "dense": True})
    view, client, address = saved(school)
    assert view.name == "City: Natal"
    assert view.parameters == {"city": "Natal", "sort": "-name", "columns": "name.city", "dense": "1"}
    opened = client.get(address, follow=True)
    assert names(opened) == ["Lia"]
    text = opened.content.decode()
    assert "ledger-dense" in text
    assert '<h2 class="saved-name">City: Natal</h2>' in text
    assert "Save changes" not in text
    # Somebody else's columns are theirs, but in the shared list they see what was saved.
    post(client, view, "share", yes="1")
    others = school.client(school.caio).get(address, follow=True).content.decode()
    assert "ledger-dense" in others
    assert 'scope="col"' in others
    assert "Registered" not in re.findall(r"<thead>.*?</thead>", others, re.DOTALL)[0]


def test_two_of_a_name_get_numbers(school):
    first, _client, _address = saved(school)
    second, _client, _address = saved(school)
    assert (first.name, second.name) == ("City: Natal", "City: Natal 2")


def test_a_changed_list_can_be_saved_into_its_view(school):
    """The address keeps which view it was; what it shows now replaces what it showed."""
    view, client, _address = saved(school)
    text = client.get(f"{LIST}?city=Recife&view={view.pk}").content.decode()
    assert "Save changes" in text
    assert post(client, view, "change", back=f"city=Recife&view={view.pk}").status_code == 302
    with scope(school.aurora.pk):
        assert SavedView.objects.get(pk=view.pk).parameters["city"] == "Recife"


def test_columns_of_a_view_are_its_own(school):
    """Choosing columns from a view changes the list that is shown, not the person's own list."""
    view, client, _address = saved(school)
    response = client.post(f"{LIST}columns/", {"back": f"view={view.pk}", "column": ["name", "email"], "dense": "1"})
    asked = parse_qs(urlsplit(response["Location"]).query)
    assert (asked["columns"], asked["dense"], asked["view"]) == (["name.email"], ["1"], [str(view.pk)])
    head = re.findall(r"<thead>.*?</thead>", client.get(response["Location"]).content.decode(), re.DOTALL)[0]
    assert "E-mail" in head
    assert "City" not in head
    assert Membership.objects.get(user=school.ana, account=school.aurora).tastes == ""


def test_own_views_are_nobody_elses_until_shared(school):
    """Sharing needs the right to edit customers; changing a shared one as well."""
    view, client, _address = saved(school, user=school.sofia)
    for other in (school.ana, school.caio):
        assert school.client(other).get(f"{LIST}views/{view.pk}/").status_code == 404
        assert post(school.client(other), view, "name", name="Mine").status_code == 404
    post(client, view, "share", yes="1")
    assert "City: Natal" in school.client(school.caio).get(LIST).content.decode()
    post(school.client(school.caio), view, "name", name="Mine")
    assert "City: Natal" in school.client(school.caio).get(LIST).content.decode()
    assert post(school.client(school.ana), view, "name", name="Natal").status_code == 302
    # Only who made it takes it back.
    post(school.client(school.ana), view, "share", yes="0")
    with scope(school.aurora.pk):
        assert SavedView.objects.get(pk=view.pk).shared
    mine, look, _address = saved(school, user=school.caio)
    post(look, mine, "share", yes="1")
    with scope(school.aurora.pk):
        assert not SavedView.objects.get(pk=mine.pk).shared


def test_the_neighbour_neither_sees_nor_opens_it(school):
    """Walls: by its id, in the menu, as the first list."""
    view, client, _address = saved(school)
    post(client, view, "share", yes="1")
    dora = school.client(school.dora)
    for act in ("", "change/", "name/", "share/", "pin/", "first/", "delete/", "restore/"):
        assert dora.post(f"/boreal/customers/views/{view.pk}/{act}", {"yes": "1"}).status_code in (404, 405), act
    assert dora.get(f"/boreal/customers/views/{view.pk}/").status_code == 404
    assert "City: Natal" not in dora.get("/boreal/customers/").content.decode()
    with scope(school.aurora.pk):
        assert SavedView.objects.get(pk=view.pk).deleted_at is None


def test_a_name_is_refused_with_what_was_typed(school):
    view, client, _address = saved(school)
    other, _client, _address = saved(school, back="city=Recife")
    refused = post(client, other, "name", name="city: natal")
    assert refused.status_code == 422
    assert "There is a list “City: Natal” already." in refused.content.decode()
    assert 'value="city: natal"' in refused.content.decode()
    assert post(client, other, "name", name=" ").status_code == 422
    assert post(client, view, "name", name="Our Natal", back=f"city=Natal&view={view.pk}").status_code == 302
    assert '<h2 class="saved-name">Our Natal</h2>' in client.get(f"{LIST}?view={view.pk}").content.decode()


def test_pinned_it_stands_in_the_menu_of_every_page(school):
    """C-03, pinned: below Customers, for this person only; and knows where it is."""
    view, client, address = saved(school)
    post(client, view, "pin", yes="1")
    line = re.compile(rf'<li class="side-own">\s*<a href="{re.escape(address)}"\s*(aria-current="page")?')
    assert line.search(client.get("/aurora/tasks/").content.decode()).group(1) is None
    here = client.get(address, follow=True).content.decode()
    assert line.search(here).group(1)
    assert len(re.findall(r'aria-current="page"', here[: here.index("</nav>")])) == 1
    assert not line.search(school.client(school.beto).get("/aurora/tasks/").content.decode())
    post(client, view, "pin", yes="0")
    assert not line.search(client.get("/aurora/tasks/").content.decode())


def test_a_person_may_begin_with_it(school):
    """The bare address leads there; everybody is one click away and stays so while paging and filtering."""
    view, client, _address = saved(school)
    post(client, view, "first", yes="1")
    assert names(client.get(LIST, follow=True)) == ["Lia"]
    assert names(client.get(f"{LIST}?state=lead")) == ["Ari", "Lia"]
    everybody = client.get(f"{LIST}?view=none")
    assert names(everybody) == ["Ari", "Lia"]
    tabs = re.findall(r'class="activity-all[^>]*', everybody.content.decode()) or [everybody.content.decode()]
    assert "view=none" in tabs[0]
    assert names(school.client(school.beto).get(LIST)) == ["Ari", "Lia"]
    post(client, view, "delete")
    assert names(client.get(LIST)) == ["Ari", "Lia"]
    post(client, view, "restore")
    assert names(client.get(LIST, follow=True)) == ["Lia"]
    post(client, view, "first", yes="0")
    assert names(client.get(LIST)) == ["Ari", "Lia"]


def test_deleting_can_be_undone(school):
    view, client, address = saved(school)
    post(client, view, "pin", yes="1")
    response = post(client, view, "delete")
    undo = f"{LIST}views/{view.pk}/restore/"
    assert undo in client.get(response["Location"]).content.decode()
    assert client.get(address).status_code == 404
    assert client.get(f"{LIST}?city=Natal&view={view.pk}").status_code == 200
    client.post(undo)
    assert "side-own" in client.get(address, follow=True).content.decode()


def test_what_is_gone_is_said_and_the_rest_is_shown(school):
    """A deleted group, a person nobody knows, a column that is no more: each said, none hides the list."""
    with scope(school.aurora.pk):
        group = make_group(school.aurora, name="VIP", by=None, now=NOW)
    view, client, address = saved(school, back=f"city=Natal&group={group.pk}&owner={school.beto.pk}")
    with scope(school.aurora.pk):
        delete_group(group, school.aurora, by=None, now=NOW)
        SavedView.objects.filter(pk=view.pk).update(
            parameters={**view.parameters, "owner": str(school.dora.pk), "columns": "name.shoe_size.city"}
        )
    response = client.get(address, follow=True)
    assert names(response) == ["Lia"]
    text = response.content.decode()
    assert "The filter “Group” asks for something that is not there. It was left out." in text
    assert "Whoever was in charge is not here any more" in text
    assert "A column of this list is not there any more." in text
    assert "Save changes" in text


def test_a_filter_one_may_not_ask_is_left_out(school):
    """A shared list does not show the viewer without a right what the right hides."""
    view, client, address = saved(school, back="city=Natal&needs_data=1")
    post(client, view, "share", yes="1")
    Membership.objects.filter(user=school.caio).update(denied=["billing.see"])
    assert "needs_data" not in school.client(school.caio).get(address)["Location"]


def test_saved_lists_cost_one_query_whatever_their_number(school):
    """The list asks once for all; other pages once, and not at all where nothing is pinned."""
    client = school.client(school.ana)

    def cost(address):
        client.get(address)
        with CaptureQueriesContext(connection) as made:
            assert client.get(address).status_code == 200
        return len([query for query in made.captured_queries if "customers_savedview" in query["sql"]])

    assert (cost(LIST), cost("/aurora/tasks/")) == (1, 0)
    for _nth in range(3):
        view, _client, _address = saved(school)
        post(client, view, "pin", yes="1")
    assert (cost(LIST), cost("/aurora/tasks/"), cost(f"{LIST}?view={view.pk}")) == (1, 1, 1)


def test_typing_keeps_the_view_and_tells_that_it_changed(school):
    """The fragment of the search carries the saved list's line, and the tabs their addresses."""
    view, client, _address = saved(school)
    typed = client.get(
        f"{LIST}?q=li&city=Natal&view={view.pk}",
        headers={"hx-request": "true", "hx-current-url": "http://testserver/aurora/customers/"},
    )
    assert names(typed) == ["Lia"]
    assert "Save changes" in typed.content.decode()
    assert f"view={view.pk}" in typed["HX-Push-Url"]


def test_too_many_are_refused(school, monkeypatch):
    monkeypatch.setattr("carteira.customers.saved.save.MOST", 1)
    saved(school)
    client = school.client(school.ana)
    response = client.post(f"{LIST}views/", {"back": "city=Natal"})
    assert told(response) == ["You have 1 saved lists already. Delete one first."]


def test_a_search_for_somebody_goes_with_the_person(school, make_customer):
    """P2: a saved search, and what it is called by itself, are emptied when they name who is anonymised."""
    person = make_customer(school.aurora, "Quitéria Abranches", email="quiteria@example.com")
    view, _client, _address = saved(school, back="q=quit%C3%A9ria abranches")
    other, _client, _address = saved(school)
    assert "abranches" in view.name_sort
    with scope(school.aurora.pk):
        assert anonymise(person, by=None, now=NOW).result["searched"]["left"] == {}
        view.refresh_from_db()
        assert (view.name, view.parameters) == ("?", {})
        assert "abranches" not in view.name_sort
        other.refresh_from_db()
        assert other.name == "City: Natal"


def test_an_own_field_that_is_gone_or_another_is_said(school, make_customer):
    """Filter, column and order by a field of the business's own: removed, the list opens and says so; restored, it is what
    it was; of another kind, what can no longer be asked is left out with a sentence."""
    with scope(school.aurora.pk):
        field = add_field(label="Shirt", kind="text", by=None, now=NOW)
        lia = Customer.objects.get(name="Lia")
        reading = Reading(school.aurora, NOW)
        fill(lia, field, clean(field, "Large", reading), reading=reading, by=None, now=NOW)
    back = f"{field.name}=large&sort=-{field.name}&columns=name.{field.name}"
    _view, client, address = saved(school, back=back)
    whole = client.get(address, follow=True)
    assert names(whole) == ["Lia"]
    assert "Large" in whole.content.decode()
    with scope(school.aurora.pk):
        remove_field(field, by=None, now=NOW)
    opened = client.get(address, follow=True)
    assert names(opened) == ["Ari", "Lia"]
    text = opened.content.decode()
    assert "not there" in text
    assert "Large" not in text
    with scope(school.aurora.pk):
        field = restore_field(field, by=None, now=NOW)
    assert names(client.get(address, follow=True)) == ["Lia"]
    with scope(school.aurora.pk):
        change_kind(field, "date", account=school.aurora, by=None, now=NOW)
    opened = client.get(address, follow=True)
    assert opened.status_code == 200
    assert "Shirt" in opened.content.decode()
