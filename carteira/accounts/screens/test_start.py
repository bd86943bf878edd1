import pytest
from django.test import Client

from carteira.accounts.models import Membership, User
from carteira.accounts.screens.start import start_of
from conftest import Cast


def leads_to(client: Client, path: str = "/") -> str:
    answer = client.get(path)
    assert answer.status_code == 302
    return answer["Location"]


def test_signed_out_one_signs_in(db: None) -> None:
    assert leads_to(Client()) == "/accounts/login/"
    assert leads_to(Client(), "/accounts/") == "/accounts/login/?next=/accounts/"


def test_without_a_business_one_opens_one(cast: Cast) -> None:
    nina = cast.client(User.objects.create_user("nina@example.com"))
    assert leads_to(nina) == leads_to(nina, "/accounts/") == "/accounts/new/"
    assert "You belong to no business yet" in nina.get("/accounts/new/").content.decode()
    asked = {"business": "Nina's", "country": "PE", "suggested_for": "BR"}
    assert nina.post("/accounts/new/", asked).status_code == 302
    account = Membership.objects.get(user__email="nina@example.com").account
    assert (account.slug, account.currency) == ("ninas", "PEN")
    assert leads_to(nina) == start_of(account)


def test_the_only_business_is_the_start(cast: Cast) -> None:
    ana = cast.client(cast.ana)
    assert leads_to(ana) == start_of(cast.aurora)
    assert start_of(cast.aurora).startswith("/aurora/")


def test_of_several_the_last_one_is_and_any_can_be_chosen(cast: Cast) -> None:
    Membership.objects.create(account=cast.boreal, user=cast.ana, role="viewer")
    ana = cast.client(cast.ana)
    assert leads_to(ana) == "/accounts/"
    page = ana.get("/accounts/").content.decode()
    assert start_of(cast.aurora) in page
    assert start_of(cast.boreal) in page
    ana.get("/boreal/settings/profile/")
    assert leads_to(ana) == start_of(cast.boreal)
    assert leads_to(cast.client(cast.ana)) == start_of(cast.boreal), "on any device"
    ana.get("/aurora/settings/profile/")
    assert leads_to(ana) == start_of(cast.aurora)


def test_a_business_one_has_left_is_not_the_start(cast: Cast) -> None:
    Membership.objects.create(account=cast.boreal, user=cast.ana, role="viewer")
    ana = cast.client(cast.ana)
    ana.get("/boreal/settings/profile/")
    Membership.objects.filter(account=cast.boreal, user=cast.ana).delete()
    assert leads_to(ana) == start_of(cast.aurora)


def test_refused_openings_say_why(cast: Cast) -> None:
    answer = cast.client(cast.ana).post("/accounts/new/", {"business": " ", "country": "XX"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) >= {"business", "country"}


def test_twenty_openings_an_hour_are_enough(cast: Cast, settings: pytest.FixtureRequest) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"open_account": "1/h/user"}  # type: ignore[attr-defined]
    ana = cast.client(cast.ana)
    asked = {"business": "Second", "country": "BR"}
    assert ana.post("/accounts/new/", asked).status_code == 302
    limited = ana.post("/accounts/new/", asked)
    assert limited.status_code == 429
    assert "wait a few minutes" in limited.content.decode()
