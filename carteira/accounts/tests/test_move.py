"""Another address for a business: members are led on, strangers learn nothing, nobody takes the old one for a while."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from carteira.accounts.models import Account, Membership, OldSlug
from carteira.accounts.move import CannotMove, move
from carteira.accounts.open_account import SlugTaken, open_account
from carteira.core.walls import scope
from conftest import NOW, Cast


def moved(cast: Cast, slug: str = "escola", now: Any = NOW) -> Account:
    with scope(cast.aurora.pk):
        return move(cast.aurora, slug=slug, by=cast.ana, now=now)


def test_members_are_led_on_from_the_old_address(cast: Cast) -> None:
    moved(cast, now=timezone.now())
    beto = cast.client(cast.beto)
    answer = beto.get("/aurora/customers/?q=ana&x=%2F")
    assert (answer.status_code, answer["Location"]) == (302, "/escola/customers/?q=ana&x=%2F")
    posted = beto.post("/aurora/settings/profile/", {"name": "Beto B", "language": ""})
    assert (posted.status_code, posted["Location"]) == (307, "/escola/settings/profile/")
    assert beto.get("/escola/customers/").status_code == 200
    assert beto.get("/aurora//evil.example/")["Location"] == "/escola//evil.example/"


def test_strangers_learn_nothing(cast: Cast) -> None:
    """T1: an old address, a present one and none at all look the same."""
    moved(cast, now=timezone.now())
    dora = cast.client(cast.dora)
    answers = [dora.get(f"/{slug}/customers/") for slug in ("aurora", "escola", "no-such-business")]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert answers[0].content == answers[1].content == answers[2].content
    assert Client().get("/aurora/customers/")["Location"].startswith("/accounts/login/")
    Membership.objects.filter(user=cast.caio).delete()
    assert cast.client(cast.caio).get("/aurora/customers/").status_code == 404, "former members are strangers"


def test_for_a_year_nobody_else_gets_the_old_address(cast: Cast) -> None:
    moved(cast)
    with pytest.raises(SlugTaken):
        open_account(name="X", owner=cast.dora, country="BR", by=None, now=NOW + timedelta(days=364), slug="aurora")
    with scope(cast.boreal.pk), pytest.raises(SlugTaken):
        move(cast.boreal, slug="aurora", by=cast.dora, now=NOW)
    cast.boreal.refresh_from_db()
    assert cast.boreal.slug == "boreal"
    named = open_account(name="Aurora", owner=cast.dora, country="BR", by=None, now=NOW)
    assert named.slug == "aurora-2"
    later = open_account(name="X", owner=cast.dora, country="BR", by=None, now=NOW + timedelta(days=366), slug="aurora")
    assert later.slug == "aurora"
    with time_machine.travel(NOW + timedelta(days=367)):
        assert cast.client(cast.beto).get("/aurora/customers/").status_code == 404


def test_one_may_go_back_but_not_wander(cast: Cast) -> None:
    moved(cast)
    moved(cast, "aurora")
    assert list(OldSlug.objects.values_list("slug", flat=True)) == ["escola"]
    moved(cast, "aurora-x")
    moved(cast, "aurora-y")
    with pytest.raises(CannotMove):
        moved(cast, "aurora-z")
    moved(cast, "aurora-z", now=NOW + timedelta(days=31))


@pytest.mark.parametrize("slug", ["", "-a", "admin", "_mail", "a b", "ação", "x" * 51, "a/b", "\x00"])
def test_what_is_no_address_is_refused(cast: Cast, slug: str) -> None:
    with pytest.raises(ValidationError):
        moved(cast, slug)
    answer = cast.client(cast.ana).post("/aurora/settings/address/", {"slug": slug})
    assert answer.status_code == 422


def test_the_owner_moves_it_on_the_screen(cast: Cast) -> None:
    ana = cast.client(cast.ana)
    assert ana.post("/aurora/settings/address/", {"slug": "boreal"}).status_code == 422
    assert ana.post("/aurora/settings/address/", {"slug": "Escola"})["Location"] == "/escola/settings/address/"
    Membership.objects.filter(user=cast.sofia).update(role="admin")
    assert cast.client(cast.sofia).get("/escola/settings/address/").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_an_address_that_is_left_is_not_taken_at_the_same_moment() -> None:
    """A17."""
    from conftest import make_cast

    cast = make_cast()

    def leave() -> str:
        try:
            return moved(cast).slug
        finally:
            connection.close()

    def take() -> str:
        try:
            return open_account(name="X", owner=cast.dora, country="BR", by=None, now=NOW, slug="aurora").slug
        except SlugTaken:
            return ""
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.submit(leave), pool.submit(take)
        assert (one.result(), other.result()) == ("escola", "")


def test_the_switcher_lists_ones_businesses_and_marks_this_one(cast: Cast) -> None:
    Membership.objects.create(account=cast.boreal, user=cast.ana, role="viewer")
    page = cast.client(cast.ana).get("/accounts/switch/?here=boreal").content.decode()
    assert page.count('aria-current="true"') == 1
    assert "Escola Aurora" in page
    assert "Escola Boreal" in page
    assert "Escola Boreal" not in cast.client(cast.beto).get("/accounts/switch/").content.decode()
    assert "/accounts/switch/?here=aurora" in cast.client(cast.ana).get("/aurora/settings/").content.decode()
