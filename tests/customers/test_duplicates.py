"""N8: possible duplicates are found, looked through, merged or remembered as not the same."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.core.walls import scope
from carteira.customers.merge import find, review
from carteira.customers.merge.merge import merge
from carteira.customers.merge.models import DuplicatePair, DuplicateSearch
from carteira.customers.merge.unmerge import unmerge
from carteira.customers.models import Customer
from carteira.customers.parts import PARTS, add
from conftest import NOW, Cast

URL = "/aurora/customers/duplicates/"
Same = DuplicatePair.Same


def searched(account: Any, now: Any = NOW) -> dict[tuple[str, str], int]:
    """What a search over the account finds: names of the pairs, and what they have in common."""
    find.look(account, now=now)
    while find.step():
        pass
    return {(pair.first.name, pair.second.name): pair.same for pair in review.to_review()}


def test_what_makes_two_perhaps_one(cast: Cast, make_customer: Any) -> None:
    """N8: document, e-mail, phone with and without the ninth digit (further ones too), name + birth date, similar name
    in the same city; each pair once, the most telling sameness first."""
    birth = date(1990, 5, 1)
    for name, fields in (
        ("One Doc", {"document": "52998224725", "document_kind": "cpf", "email": "x@example.com"}),
        ("Two Doc", {"document": "52998224725", "document_kind": "cpf", "email": "x@example.com"}),
        ("One Phone", {"phone": "+5583988887777"}),
        ("Two Phone", {}),
        ("Ana Birth", {"birth_on": birth}),
        ("Ána Birth", {"birth_on": birth}),
        ("Maria Silva", {"city": "Natal"}),
        ("Maria da Silva", {"city": "Natal"}),
        ("Maria da  Silva", {"city": "Recife"}),
        ("Marcos Silveira", {"city": "Natal"}),
    ):
        made = make_customer(cast.aurora, name, **fields)
        if name == "Two Phone":
            with scope(cast.aurora.pk):
                add(PARTS["points"], made, kind="phone", value="+558388887777", label="", by=None, now=NOW)
    make_customer(cast.boreal, "Next Door", document="52998224725", document_kind="cpf")
    with scope(cast.aurora.pk):
        assert searched(cast.aurora) == {
            ("One Doc", "Two Doc"): Same.DOCUMENT | Same.EMAIL,
            ("One Phone", "Two Phone"): Same.PHONE,
            ("Ana Birth", "Ána Birth"): Same.BIRTH,
            ("Maria Silva", "Maria da Silva"): Same.NAME,
        }
        assert [pair.rank for pair in review.to_review()] == [1, 4, 8, 16]
        assert searched(cast.aurora, NOW + timedelta(days=1)) != {}
        assert DuplicatePair.objects.count() == 4
    with scope(cast.boreal.pk):
        assert not DuplicatePair.objects.exists()


def test_families_and_other_people(cast: Cast, make_customer: Any) -> None:
    """N8: a guardian and a pupil share a phone; two documents are two people; a number of the whole school is no sign."""
    phone = {"phone": "+5583988887777"}
    pupil, payer = (make_customer(cast.aurora, name, **phone) for name in ("Pupil Lima", "Rosa Lima"))
    for nth, document in enumerate(("52998224725", "11144477735")):
        make_customer(cast.aurora, f"Maria Silv{'ao'[nth]}", city="Natal", document=document, document_kind="cpf")
    for nth in range(12):
        make_customer(cast.aurora, f"Of the school {nth}", email="school@example.com")
    with scope(cast.aurora.pk):
        add(PARTS["contacts"], pupil, other=payer, by=None, now=NOW)
        found = searched(cast.aurora)
        # Beside the first one only, not each beside each.
        assert len(found) == 11
        assert {first for first, _second in found} == {"Of the school 0"}


def test_not_the_same_is_remembered(cast: Cast, make_customer: Any) -> None:
    """N8: nobody is asked twice, also after a merge of one of the two; the undo asks again."""
    one, two = (make_customer(cast.aurora, name, email="x@example.com") for name in ("Maria A", "Maria B"))
    with scope(cast.aurora.pk):
        searched(cast.aurora)
        (pair,) = review.to_review()
    client = cast.client(cast.ana)
    assert (
        "1 pair is remembered"
        in client.post(f"{URL}act/", {"pair": pair.pk, "act": "part"}, follow=True).content.decode()
    )
    third = make_customer(cast.aurora, "Maria C")
    with scope(cast.aurora.pk):
        assert searched(cast.aurora, NOW + timedelta(days=1)) == {}
        done = merge(third, two, by=None, now=NOW)
        # The survivor has the e-mail now, and was said not to be the first one.
        assert searched(cast.aurora, NOW + timedelta(days=2)) == {}
        unmerge(done, by=None, now=NOW)
        assert searched(cast.aurora, NOW + timedelta(days=3)) == {}
    client.post(f"{URL}again/?pair={pair.pk}")
    with scope(cast.aurora.pk):
        assert [(p.first_id, p.second_id) for p in review.to_review()] == [(one.pk, two.pk)]


def test_several_at_once(cast: Cast, make_customer: Any) -> None:
    """N8: in bulk; three who are one end in the one registered first (Twenty #15201)."""
    first = make_customer(cast.aurora, "Maria A", email="x@example.com")
    for letter in "BC":
        make_customer(cast.aurora, f"Maria {letter}", email="x@example.com")
    with scope(cast.aurora.pk):
        searched(cast.aurora)
        ids = [str(pair.pk) for pair in review.to_review()]
        assert len(ids) == 3
    page = cast.client(cast.ana).post(f"{URL}act/", {"pair": ids, "act": "merge"}, follow=True).content.decode()
    assert "2 pairs merged." in page
    with scope(cast.aurora.pk):
        assert [one.pk for one in Customer.objects.all()] == [first.pk]


def test_the_page_and_the_card(cast: Cast, make_customer: Any) -> None:
    """N8: attention on the card; the page says what is in common and which one stays."""
    one = make_customer(cast.aurora, "Maria A", email="x@example.com")
    client = cast.client(cast.ana)
    fresh = client.get(URL).content.decode()
    assert ("Not searched yet" in fresh, "Search now" in fresh, "Search again" in fresh) == (True, True, False)
    make_customer(cast.aurora, "Maria B", email="x@example.com")
    with scope(cast.aurora.pk):
        searched(cast.aurora)
    page = client.get(URL).content.decode()
    assert page.index("Maria A") < page.index("Maria B")
    assert "same e-mail" in page
    card = client.get(f"/aurora/customers/{one.pk}/").content.decode()
    assert "Perhaps the same as Maria B" in card
    assert "Perhaps" not in cast.client(cast.caio).get(f"/aurora/customers/{one.pk}/").content.decode()


def test_queries_do_not_grow(cast: Cast, make_customer: Any) -> None:
    client = cast.client(cast.ana)

    def asked() -> int:
        with scope(cast.aurora.pk):
            searched(cast.aurora)
        client.get(URL)
        with CaptureQueriesContext(connection) as queries:
            client.get(URL)
        return len(queries)

    for letter in "AB":
        make_customer(cast.aurora, f"Maria {letter}", email="x@example.com")
    few = asked()
    for letter in "CDEFGH":
        make_customer(cast.aurora, f"Maria {letter}", email="x@example.com")
    assert asked() == few


def test_every_page_of_many(cast: Cast, make_customer: Any) -> None:
    """Keyset: each pair on one page."""
    for nth in range(9):
        make_customer(cast.aurora, f"Maria {nth}", email="x@example.com")
    with scope(cast.aurora.pk):
        total = len(searched(cast.aurora))
        assert total == 36
        seen, after = [], None
        while True:
            pairs, more = review.page(after, size=10)
            seen += [pair.pk for pair in pairs]
            if not more:
                break
            after = (pairs[-1].rank, pairs[-1].pk)
        assert len(seen) == len(set(seen)) == total


def test_a_search_by_itself_once_a_day(cast: Cast, make_customer: Any) -> None:
    make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        find.look_daily(cast.aurora, NOW)
        first = DuplicateSearch.objects.get()
        find.look_daily(cast.aurora, NOW + timedelta(days=2))
        # Still running: left alone.
        assert DuplicateSearch.objects.get().started_at == first.started_at
        while find.step():
            pass
        find.look_daily(cast.aurora, NOW + timedelta(hours=2))
        assert DuplicateSearch.objects.get().started_at == first.started_at
        find.look_daily(cast.aurora, NOW + timedelta(days=2))
        assert DuplicateSearch.objects.get().started_at == NOW + timedelta(days=2)


@pytest.mark.parametrize("after", ["", "x", "1~y", "99999~00000000-0000-0000-0000-000000000000"])
def test_nothing_written_into_the_address_is_an_error(cast: Cast, after: str) -> None:
    assert cast.client(cast.ana).get(URL, {"after": after}).status_code == 200
