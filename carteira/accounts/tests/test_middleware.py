"""The way from an address to an account: what strangers see, and paths nobody types by accident (T1, T6)."""

from typing import Any

import pytest
from django.test import Client

from carteira.accounts.models import Account, Membership, User
from carteira.accounts.roles import Right, rights_of
from carteira.core.walls import current_account_id
from conftest import Cast

PROFILE = "/aurora/settings/profile/"


def told(response: Any) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Everything a client can see of an answer."""
    return response.status_code, response.content, sorted(response.headers.items())


@pytest.mark.parametrize("method", ["get", "head", "options", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("rest", ["", "/", "/settings/", "/customers", "/nothing/here/"])
def test_a_strangers_404_does_not_tell_what_exists(cast: Cast, method: str, rest: str) -> None:
    dora = cast.client(cast.dora)
    answers = [told(getattr(dora, method)(f"/{slug}{rest}")) for slug in ("aurora", "no-such-business", "Aurora!")]
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 404


def test_a_missing_page_of_ones_own_business_is_the_same_404(cast: Cast) -> None:
    own = cast.client(cast.ana).get("/aurora/nothing/")
    assert (own.status_code, own.content) == (404, cast.client(cast.ana).get("/boreal/settings/").content)


def test_a_removed_member_is_out_at_the_next_request(cast: Cast) -> None:
    """T6."""
    caio = cast.client(cast.caio)
    assert caio.get(PROFILE).status_code == 200
    Membership.objects.filter(user=cast.caio).delete()
    assert caio.get(PROFILE).status_code == 404


def test_a_changed_role_counts_at_the_next_request(cast: Cast) -> None:
    sofia = cast.client(cast.sofia)
    assert sofia.get("/aurora/settings/").status_code == 403
    Membership.objects.filter(user=cast.sofia).update(role="admin")
    assert sofia.get("/aurora/settings/").status_code == 200


def test_a_login_that_is_switched_off_is_signed_out(cast: Cast) -> None:
    """T6."""
    ana = cast.client(cast.ana)
    User.objects.filter(pk=cast.ana.pk).update(is_active=False)
    answer = ana.get(PROFILE)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={PROFILE}")


def test_signed_out_one_signs_in_and_comes_back(db: None) -> None:
    answer = Client().get("/aurora/settings/?x=1&y=2")
    assert answer["Location"] == "/accounts/login/?next=/aurora/settings/%3Fx%3D1%26y%3D2"


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/aurora/settings/?a=1", "/aurora/settings/%3Fa%3D1"),
        ("http://evil.example/aurora/", "/"),
        ("//evil.example/", "/"),
        ("http://testserver//evil.example/", "/"),
        ("", "/"),
        ("not an address", "/"),
    ],
)
def test_a_post_of_somebody_signed_out_leads_back_to_the_page_it_came_from(db: None, referer: str, back: str) -> None:
    answer = Client().post("/aurora/settings/", {"name": "x"}, headers={"referer": referer})
    assert answer["Location"] == f"/accounts/login/?next={back}"


def test_a_fragment_for_somebody_signed_out_takes_the_whole_page_to_sign_in(db: None) -> None:
    headers = {"hx-request": "true", "hx-current-url": "http://testserver/aurora/customers/?q=ana"}
    for method in ("get", "post", "delete"):
        answer = getattr(Client(), method)("/aurora/customers/rows/", headers=headers)
        assert answer["HX-Redirect"] == "/accounts/login/?next=/aurora/customers/%3Fq%3Dana"
        assert answer.content == b""
    foreign = Client().get("/aurora/", headers={"hx-request": "true", "hx-current-url": "https://evil.example/"})
    assert foreign["HX-Redirect"] == "/accounts/login/?next=/"


def test_without_its_last_slash_a_get_is_redirected_and_a_post_is_not(cast: Cast) -> None:
    """A redirected POST comes back as a GET: what was typed would be lost without a word."""
    ana = cast.client(cast.ana)
    answer = ana.get(PROFILE[:-1])
    assert (answer.status_code, answer["Location"]) == (301, PROFILE)
    assert ana.post(PROFILE[:-1], {"name": "x", "language": ""}).status_code == 404
    assert ana.get("/aurora").status_code == 302
    assert ana.post("/aurora").status_code == 405


TRICKS = [
    "//aurora//",
    "//evil.example/",
    "///",
    "/aurora//settings/",
    "/aurora/../boreal/settings/",
    "/aurora/..%2fboreal/settings/",
    "/aurora%2fsettings%2f",
    "/aurora%252fsettings/",
    "/aurora/settings/%00/",
    "/%00/",
    "/aurora%00/settings/",
    "/%E2%80%8Baurora/settings/",
    "/auróra/",
    "/%ED%A0%80/",
    "/aurora/%FF%FE/",
    "/🎉/",
    "/aurora/🎉/",
    "/AURORA/settings/",
    "/aurora;x=1/settings/",
    "/aurora\\settings/",
    "/-/",
    "/aurora/%0d%0aSet-Cookie:x=1/",
    "/" + "a" * 10_000 + "/",
    "/aurora/" + "settings/" * 1200,
    "/aurora/settings/?" + "q=%00&" * 50,
]


@pytest.mark.parametrize("path", TRICKS, ids=range(len(TRICKS)))
@pytest.mark.parametrize("name", ["ana", "dora", None])
def test_no_path_breaks_anything_or_crosses_over(cast: Cast, path: str, name: str | None) -> None:
    client = cast.client(getattr(cast, name)) if name else Client()
    for method in ("get", "post"):
        answer = getattr(client, method)(path)
        assert answer.status_code < 500
        assert "Boreal" not in answer.content.decode()
        if "Location" in answer:
            assert answer["Location"].startswith("/")
            assert not answer["Location"].startswith(("//", "/\\"))


@pytest.mark.parametrize("key", ['"abcdefgh\\000abc"', "x" * 5000, "é" * 32, "../../etc/passwd", '"\\377"', ""])
@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "theme", "django_language", "messages"])
def test_no_cookie_breaks_anything(db: None, name: str, key: str) -> None:
    assert Client().get("/accounts/login/", headers={"cookie": f"{name}={key}"}).status_code == 200


def test_a_failed_answer_takes_its_writes_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.http import HttpResponse

    from carteira.accounts.screens import members

    def breaks(request: Any, *args: Any, **options: Any) -> HttpResponse:
        Account.objects.filter(pk=request.account.pk).update(name="Written")
        return HttpResponse(status=500)

    monkeypatch.setattr(members, "render", breaks)
    assert cast.client(cast.ana).get("/aurora/settings/members/").status_code == 500
    cast.aurora.refresh_from_db()
    assert cast.aurora.name == "Escola Aurora"
    assert current_account_id() is None


def test_pages_speak_the_accounts_language_until_somebody_chooses(cast: Cast) -> None:
    Account.objects.filter(pk=cast.aurora.pk).update(language="es")
    ana = cast.client(cast.ana)
    assert ana.get(PROFILE)["Content-Language"] == "es"
    User.objects.filter(pk=cast.ana.pk).update(language="en")
    assert ana.get(PROFILE)["Content-Language"] == "en"
    assert cast.client(cast.caio).get(PROFILE)["Content-Language"] == "es"
    assert cast.client(cast.dora).get("/boreal/settings/profile/")["Content-Language"] == "pt-br"


def test_every_role_may_enter_and_only_two_may_edit() -> None:
    may_edit = {
        role for role in ("owner", "admin", "finance", "sales", "viewer") if Right.EDIT_ACCOUNT in rights_of(role)
    }
    assert may_edit == {"owner", "admin"}
    assert all(Right.ENTER in rights_of(role) for role in ("owner", "admin", "finance", "sales", "viewer"))
    assert rights_of("nobody") == frozenset()
