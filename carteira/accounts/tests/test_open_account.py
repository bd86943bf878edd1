from typing import Any

import pytest
from django.core.exceptions import ValidationError

from carteira.accounts import open_account as verb
from carteira.accounts.models import Account, Membership, User
from carteira.accounts.open_account import SlugTaken, open_account
from carteira.core.events.models import Event
from carteira.core.walls import scope
from conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana@example.com", "x", name="Ana")


def opened(owner: User, **fields: Any) -> Account:
    values = {"name": "Escola Aurora", "country": "BR", "by": owner, "now": NOW, **fields}
    return open_account(owner=owner, **values)


def test_the_country_gives_zone_currency_and_language(ana: User) -> None:
    account = opened(ana, country="mx")
    assert (account.slug, account.country) == ("escola-aurora", "MX")
    assert (account.time_zone, account.currency, account.language) == ("America/Mexico_City", "MXN", "es")
    assert Membership.objects.get(account=account, user=ana).role == "owner"


def test_what_is_said_wins_over_what_the_country_gives(ana: User) -> None:
    account = opened(ana, time_zone="America/Manaus", currency="USD", language="en")
    assert (account.time_zone, account.currency, account.language) == ("America/Manaus", "USD", "en")


def test_opening_is_an_event_of_the_new_account(ana: User) -> None:
    account = opened(ana)
    with scope(account.pk):
        event = Event.objects.get(kind="account.opened")
    assert (event.by, event.at, event.what) == (ana, NOW, {"name": "Escola Aurora"})


def test_names_may_be_alike_and_addresses_never_are(ana: User) -> None:
    slugs = [opened(ana).slug for _ in range(3)]
    assert slugs == ["escola-aurora", "escola-aurora-2", "escola-aurora-3"]


def test_losing_the_race_for_an_address_takes_the_next_one(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process opens the same name between our look and our insert."""
    real, calls = verb.slug_from, []

    def looked_too_early(name: str, taken: set[str]) -> str:
        calls.append(taken)
        return real(name, set() if len(calls) == 2 else taken)

    opened(ana)
    monkeypatch.setattr(verb, "slug_from", looked_too_early)
    assert opened(ana).slug == "escola-aurora-2"


def test_a_wanted_address_that_is_taken_is_refused(ana: User) -> None:
    opened(ana, slug="aurora")
    with pytest.raises(SlugTaken, match="aurora"):
        opened(ana, slug="aurora")
    assert Account.objects.count() == 1
    assert Membership.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "A\x00B"},
        {"name": "x" * 100_000},
        {"slug": "Aurora"},
        {"slug": "settings"},
        {"slug": ""},
        {"country": "XX"},
        {"time_zone": "Mars/Base"},
        {"currency": "BTC"},
        {"language": "fr"},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_whole(ana: User, wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        opened(ana, **wrong)
    assert not Account.objects.exists()


@pytest.mark.parametrize("name", ["🎉", "مدرسة", "---", "Login", "<script>alert(1)</script>"])
def test_any_name_finds_an_address(ana: User, name: str) -> None:
    from carteira.accounts.slugs import RESERVED, is_slug

    slug = opened(ana, name=name).slug
    assert is_slug(slug)
    assert slug not in RESERVED
