"""All requests about personal data in one list: who asked, when, for whom, what came of it (P1, P2)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.accounts.models import Holiday, Membership
from carteira.core.privacy.models import PersonRequest
from carteira.core.privacy.requests import fail, of_protocol, open_request
from carteira.core.walls import scope
from carteira.customers.anonymise import anonymise
from carteira.customers.person_export import export_person
from conftest import NOW

PAGE = "/aurora/settings/privacy/"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILES_ROOT = tmp_path


def opened(account, customer, count, *, by=None):
    with scope(account.pk):
        return [
            open_request("export", customer.pk, account=account, by=by, now=NOW + timedelta(minutes=n))
            for n in range(count)
        ]


def test_who_asked_when_for_whom_and_what_came_of_it(cast, make_customer):
    """P1, P2: the owner answers a regulator from this page alone; no name of an anonymised person is on it."""
    maria, joao, gone = (make_customer(cast.aurora, name) for name in ("Maria Silva", "João Prado", "Rita Melo"))
    with scope(cast.aurora.pk):
        export_person(maria, by=cast.ana, now=NOW)
        anonymise(gone, by=cast.beto, now=NOW)
        fail(open_request("anonymise", joao.pk, account=cast.aurora, by=None, now=NOW), "Money is open.", now=NOW)
        open_request("export", joao.pk, account=cast.aurora, by=cast.sofia, now=NOW)
    page = cast.client(cast.ana).get(PAGE)
    rows = [(row["request"].protocol, str(row["request"].by), row["state"], row["why"]) for row in page.context["rows"]]
    assert [row[:3] for row in rows] == [
        ("2026-000004", "Sofia", "being done…"),
        ("2026-000003", "None", "not done"),
        ("2026-000002", "Beto", "nothing is left"),
        ("2026-000001", "Ana", "handed out"),
    ]
    assert rows[1][3] == "Money is open."
    assert rows[2][3].endswith(" emptied. Everything was searched afterwards.")
    assert rows[3][3].endswith(" handed out.")
    text = page.content.decode()
    assert "Rita" not in text
    for said in ("Maria Silva", "João Prado", "Anonymised customer", "being done…", "not done", "Carteira"):
        assert said in text
    assert f"/aurora/customers/{maria.pk}/person/" in text


def test_what_was_left_is_told(cast, make_customer):
    """The search found the name in a row that is nobody's: no green badge then."""
    rita = make_customer(cast.aurora, "Rita Melo Prado")
    with scope(cast.aurora.pk):
        Holiday.objects.create(on="2027-01-04", name="Dia de Rita Melo Prado")
        anonymise(rita, by=cast.ana, now=NOW)
    (row,) = cast.client(cast.ana).get(PAGE).context["rows"]
    assert (row["state"], row["tone"]) == ("some is left", "warn")
    assert "1 place still names the person." in row["why"]


def test_a_request_outlives_its_customer(cast, make_customer):
    maria = make_customer(cast.aurora, "Maria Silva")
    opened(cast.aurora, maria, 1)
    with scope(cast.aurora.pk):
        PersonRequest.objects.update(person_id="00000000-0000-7000-8000-000000000000")
    assert "deleted meanwhile" in cast.client(cast.ana).get(PAGE).content.decode()


def test_pages_follow_each_other_without_gap(cast, make_customer):
    maria = make_customer(cast.aurora, "Maria Silva")
    opened(cast.aurora, maria, 120)
    client, path, seen = cast.client(cast.ana), PAGE, []
    while path:
        page = client.get(path)
        seen += [row["request"].number for row in page.context["rows"]]
        assert bool(page.context["previous"]) is (path != PAGE)
        path = page.context["next"]
    assert seen == list(range(120, 0, -1))
    assert client.get(f"{PAGE}?before=nonsense").context["rows"][0]["request"].number == 120


@pytest.mark.parametrize("given", ["2026-000002", " 2026-2 ", "2", "000002"])
def test_found_by_its_protocol(cast, make_customer, given):
    opened(cast.aurora, make_customer(cast.aurora, "Maria"), 3)
    page = cast.client(cast.ana).get(PAGE, {"q": given})
    assert [row["request"].number for row in page.context["rows"]] == [2]


@pytest.mark.parametrize("given", ["2025-000002", "9" * 15, "9" * 40, "x", "2026-", "-1", "٢", "2026-000002'--"])
def test_a_protocol_that_is_none_finds_nothing(cast, make_customer, given):
    opened(cast.aurora, make_customer(cast.aurora, "Maria"), 3)
    page = cast.client(cast.ana).get(PAGE, {"q": given})
    assert page.status_code == 200
    assert page.context["rows"] == []
    assert "No request has this protocol" in page.content.decode()


def test_only_for_whoever_may_and_never_the_twins(cast, make_customer):
    """A1: a right of its own; another business's protocol of the same number is not found here."""
    opened(cast.boreal, make_customer(cast.boreal, "TWIN_SECRET"), 2)
    for user in (cast.beto, cast.caio, cast.sofia):
        client = cast.client(user)
        assert client.get(PAGE).status_code == 403
        assert PAGE not in client.get("/aurora/settings/profile/").content.decode()
    ana = cast.client(cast.ana)
    for path in (PAGE, f"{PAGE}?q=2026-000001"):
        assert "TWIN_SECRET" not in ana.get(path).content.decode()
    assert "Nobody has asked yet" in ana.get(PAGE).content.decode()
    assert PAGE in ana.get("/aurora/settings/profile/").content.decode()
    with scope(cast.aurora.pk):
        assert of_protocol("1") == []
    Membership.objects.filter(user=cast.caio).update(allowed=["customers.privacy"])
    assert cast.client(cast.caio).get(PAGE).status_code == 200


def test_one_row_asks_the_database_as_often_as_three(cast, make_customer):
    people = [make_customer(cast.aurora, f"Pessoa {n}") for n in range(3)]
    client, counts = cast.client(cast.ana), []
    client.get(PAGE)  # notes that the session was seen
    for customer, by in zip(people, (cast.ana, cast.beto, cast.sofia), strict=True):
        opened(cast.aurora, customer, 1, by=by)
        with CaptureQueriesContext(connection) as asked:
            client.get(PAGE)
        counts.append(len(asked))
    assert len(set(counts)) == 1
    assert counts[0] <= 8
