"""The first step of what begins elsewhere than on a card: which customer it is about."""

import re

import pytest

from carteira.accounts.models import Membership
from carteira.core.walls import scope
from carteira.customers.archive import archive
from carteira.customers.registries import card_acts
from conftest import NOW

CHOOSE = "/aurora/customers/choose/"


def offered(response):
    """Names with the addresses they lead to."""
    assert response.status_code == 200
    return {name: url for url, name in re.findall(r'class="row-link"\s+href="([^"]*)">\s*([^<]*?)\s*<', response.text)}


@pytest.fixture
def people(cast, make_customer):
    found = {name: make_customer(cast.aurora, name) for name in ("Maria Silva", "Bruno Costa", "José Silva")}
    make_customer(cast.boreal, "Maria Boreal")
    with scope(cast.aurora.pk):
        archive(found["José Silva"], by=None, now=NOW)
    return found


def test_found_by_any_fragment_each_leads_to_the_act(cast, people):
    """S2-19: by part of a name, the archived marked as such; without a word those registered last; a fragment for
    htmx; nobody of another business."""
    client, maria = cast.client(cast.ana), people["Maria Silva"]
    task = f"/aurora/tasks/customers/{maria.pk}/new/"
    assert list(offered(client.get(CHOOSE))) == ["Bruno Costa", "Maria Silva"]
    assert offered(client.get(CHOOSE, {"q": "mari"})) == {"Maria Silva": f"/aurora/customers/{maria.pk}/"}
    found = client.get(CHOOSE, {"act": "tasks.new", "q": "SILV"})
    assert list(offered(found)) == ["José Silva", "Maria Silva"]
    assert found.text.count("Archived") == 1
    assert offered(found)["Maria Silva"] == task
    assert client.get(task).status_code == 200
    nobody = client.get(CHOOSE, {"act": "tasks.new", "q": "boreal"}, headers={"hx-request": "true"}).text
    assert "Nobody matches" in nobody
    assert "<html" not in nobody


def test_an_act_shows_only_whom_it_suits(cast, people):
    """Whoever is archived cannot be archived once more."""
    assert list(offered(cast.client(cast.ana).get(CHOOSE, {"act": "customers.archive", "q": "silva"}))) == [
        "Maria Silva"
    ]


def test_every_act_asks_for_its_own_right(cast, people):
    """P7: who may not do it is refused at the first step, not at the second; what is none, or a button, is 404."""
    for name in card_acts.names():
        act = card_acts[name]
        for user in (cast.ana, cast.beto, cast.caio, cast.sofia):
            membership = Membership.objects.get(user=user)
            status = cast.client(user).get(CHOOSE, {"act": name}).status_code
            if act.post:
                assert status == 404, name
            else:
                assert status == (200 if membership.may(act.right) else 403), (name, user)
    assert cast.client(cast.caio).get(CHOOSE, {"act": "tasks.new"}).status_code == 403
    assert cast.client(cast.ana).get(CHOOSE, {"act": "no.such"}).status_code == 404


def test_as_many_queries_for_three_as_for_one(cast, people, make_customer, django_assert_num_queries):
    client = cast.client(cast.ana)
    client.get(CHOOSE)
    with django_assert_num_queries(8, exact=False) as first:
        client.get(CHOOSE, {"act": "tasks.new", "q": "maria"})
    for nth in range(3):
        make_customer(cast.aurora, f"Maria {nth}")
    with django_assert_num_queries(len(first)):
        client.get(CHOOSE, {"act": "tasks.new", "q": "maria"})
