from collections.abc import Iterator
from typing import Any

import pytest

from carteira.accounts import settings as verb
from carteira.accounts.models import Account
from conftest import Cast

URL = "/aurora/settings/"
FILLED = {
    "name": "Escola Aurora",
    "country": "BR",
    "time_zone": "America/Sao_Paulo",
    "currency": "BRL",
    "language": "pt-br",
    "activity_rule": "payment",
    "activity_days": "60",
}


def test_settings_are_shown_and_saved(cast: Cast) -> None:
    ana = cast.client(cast.ana)
    shown = ana.get(URL).content.decode()
    assert "Escola Aurora" in shown
    changed = FILLED | {"name": "Aurora Idiomas", "activity_rule": "subscription", "activity_days": "45"}
    assert ana.post(URL, changed)["Location"] == URL
    account = Account.objects.get(slug="aurora")
    assert (account.name, account.activity_rule, account.activity_days) == ("Aurora Idiomas", "subscription", 45)
    assert Account.objects.get(slug="boreal").activity_days == 60


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a\x00b"),
        ("country", "ZZ"),
        ("country", ""),
        ("time_zone", "America/New_York"),
        ("currency", "BTC"),
        ("language", "xx"),
        ("activity_rule", ""),
        ("activity_days", "0"),
        ("activity_days", "-5"),
        ("activity_days", "99999"),
        ("activity_days", "ten"),
    ],
)
def test_what_cannot_be_is_shown_at_its_field(cast: Cast, field: str, value: str) -> None:
    answer = cast.client(cast.ana).post(URL, FILLED | {"name": "Other", field: value})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert Account.objects.get(slug="aurora").name == "Escola Aurora"


def test_another_country_takes_one_of_its_time_zones(cast: Cast) -> None:
    ana = cast.client(cast.ana)
    refused = ana.post(URL, FILLED | {"country": "CL"})
    assert list(refused.context["form"].errors) == ["time_zone"]
    assert "America/Santiago" in refused.content.decode(), "now it offers the right ones"
    ana.post(URL, FILLED | {"country": "CL", "time_zone": "America/Santiago"})
    assert Account.objects.get(slug="aurora").country == "CL"


def test_a_zone_across_the_border_stays(cast: Cast) -> None:
    Account.objects.filter(slug="aurora").update(time_zone="America/Asuncion")
    ana = cast.client(cast.ana)
    assert ana.post(URL, FILLED | {"time_zone": "America/Asuncion"}).status_code == 302


@pytest.fixture
def kept_currency() -> Iterator[str]:
    sentence = "There are payments in this currency."
    verb.guards.add("test", lambda account, field: sentence if field == "currency" else "")
    yield sentence
    verb.guards.remove("test")


def test_a_kept_currency_is_shown_with_its_reason_and_cannot_be_changed(cast: Cast, kept_currency: str) -> None:
    ana = cast.client(cast.ana)
    assert kept_currency in ana.get(URL).content.decode()
    assert ana.post(URL, FILLED | {"currency": "USD", "name": "Other"}).status_code == 302
    account = Account.objects.get(slug="aurora")
    assert (account.currency, account.name) == ("BRL", "Other")


def test_money_that_comes_in_meanwhile_keeps_the_currency(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def once_shown(account: Any, field: str) -> str:
        asked.append(field)
        return "Just paid." if field == "currency" and asked.count("currency") > 1 else ""

    verb.guards.add("test", once_shown)
    try:
        answer = cast.client(cast.ana).post(URL, FILLED | {"currency": "USD"})
    finally:
        verb.guards.remove("test")
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"currency": ["Just paid."]}


def test_other_fields_are_ignored(cast: Cast) -> None:
    """A7: mass assignment."""
    extra = {"slug": "boreal2", "id": str(cast.boreal.pk), "created_at": "2000-01-01", "account": str(cast.boreal.pk)}
    assert cast.client(cast.ana).post(URL, FILLED | extra).status_code == 302
    before = cast.aurora
    after = Account.objects.get(pk=before.pk)
    assert (after.slug, after.created_at) == (before.slug, before.created_at)


def test_the_menu_shows_settings_to_those_who_may(cast: Cast) -> None:
    """The entry is hidden, not only refused."""
    profile = "/aurora/settings/profile/"
    assert f'href="{URL}"' in cast.client(cast.ana).get(profile).content.decode()
    assert f'href="{URL}"' not in cast.client(cast.caio).get(profile).content.decode()
