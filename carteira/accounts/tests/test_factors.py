"""The second factor: an authenticator app, passkeys, recovery codes; proving once more who one is."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from carteira.accounts.mfa_adapter import MfaAdapter, factors_of
from carteira.accounts.models import Membership, SignIn
from carteira.accounts.tests.mailbox import waiting
from conftest import Cast

PASSWORD = "correct horse battery"
SECURITY = "/aurora/settings/security/"
APP = "/accounts/security/app/"


def code_for(secret: str, ago: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 - ago))


def sign_in(client: Client, password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": "ana@example.com", "password": password})


@pytest.fixture
def ana(cast: Cast) -> Client:
    """Signed in, and proven a moment ago."""
    client = Client()
    sign_in(client)
    client.post("/accounts/again/", {"password": PASSWORD})
    return client


@pytest.fixture
def secret(ana: Client, cast: Cast) -> str:
    found = str(ana.get(APP).context["form"].secret)
    assert ana.post(APP, {"code": code_for(found)})["Location"] == "/accounts/security/codes/"
    return found


def test_an_app_is_turned_on_by_its_first_code(
    ana: Client, cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    page = ana.get(APP)
    found = page.context["form"].secret
    assert found in page.content.decode()
    assert "data:image/svg+xml;base64," in page.content.decode()
    refused = ana.post(APP, {"code": "000000"})
    assert "did not match" in refused.content.decode()
    assert found in refused.content.decode(), "the picture that was scanned stays the same"
    with django_capture_on_commit_callbacks(execute=True):
        assert ana.post(APP, {"code": code_for(found)}).status_code == 302
    told = factors_of(cast.ana)
    assert (bool(told["totp"]), told["codes_left"]) == (True, 10)
    assert [args["kind"] for args in waiting()] == ["factors"]
    assert set(SignIn.objects.filter(what="factor_added").values_list("method", flat=True)) == {
        "totp",
        "recovery_codes",
    }
    assert "10 codes left" in ana.get(SECURITY).content.decode()


def test_what_the_database_holds_opens_nothing(cast: Cast, secret: str) -> None:
    """A19: secrets are encrypted with a key that is not in the database."""
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert MfaAdapter().decrypt(Authenticator.objects.get(type="totp").data["secret"]) == secret


def test_with_it_the_password_alone_opens_nothing(cast: Cast, secret: str) -> None:
    client = Client()
    assert sign_in(client)["Location"] == "/accounts/login/factor/"
    assert client.get(SECURITY).status_code == 302
    page = client.get("/accounts/login/factor/").content.decode()
    assert 'autocomplete="one-time-code"' in page
    wrong = client.post("/accounts/login/factor/", {"code": "123456"})
    assert "did not match" in wrong.content.decode()
    assert SignIn.objects.filter(what="code_failed").count() == 1
    assert client.post("/accounts/login/factor/", {"code": code_for(secret, ago=-1)})["Location"] == "/"
    assert client.get(SECURITY).status_code == 200
    assert SignIn.objects.order_by("-id")[0].method == "totp"


def test_a_code_works_once(cast: Cast, secret: str) -> None:
    code = code_for(secret, ago=-1)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client)
    assert first.post("/accounts/login/factor/", {"code": code}).status_code == 302
    assert second.post("/accounts/login/factor/", {"code": code}).status_code == 200


def test_a_recovery_code_opens_once(ana: Client, cast: Cast, secret: str) -> None:
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    page = ana.get("/accounts/security/codes/").content.decode()
    assert all(code in page for code in codes)
    text = ana.get("/accounts/security/codes/file/")
    assert text.content.decode().split() == codes
    assert "attachment" in text["Content-Disposition"]
    for expected in (302, 200):
        client = Client()
        sign_in(client)
        assert client.post("/accounts/login/factor/", {"code": codes[0]}).status_code == expected
    assert factors_of(cast.ana)["codes_left"] == 9
    ana.post("/accounts/security/codes/new/")
    assert codes[1] not in ana.get("/accounts/security/codes/").content.decode()


def test_guessing_codes_is_limited_for_the_person_whatever_the_browser(cast: Cast, secret: str) -> None:
    """A11."""
    said = []
    for n in range(7):
        client = Client(REMOTE_ADDR=f"203.0.113.{n}")
        sign_in(client)
        said.append("Too many attempts" in client.post("/accounts/login/factor/", {"code": "000000"}).content.decode())
    assert said == [False] * 5 + [True] * 2


@pytest.mark.parametrize("path", ["app/", "app/off/", "codes/", "codes/new/", "codes/file/", "passkeys/add/"])
def test_every_change_wants_a_fresh_proof(cast: Cast, secret: str, path: str) -> None:
    client = Client()
    sign_in(client)
    client.post("/accounts/login/factor/", {"code": code_for(secret, ago=-1)})
    answer = client.get(f"/accounts/security/{path}", follow=path == "app/")
    where = answer.redirect_chain[-1][0] if path == "app/" else answer["Location"]
    assert where.startswith("/accounts/again/?next=")


def test_a_proof_is_by_password_or_code_and_leads_back(cast: Cast, secret: str) -> None:
    client = cast.client(cast.ana)
    page = client.get("/accounts/again/?next=/accounts/security/codes/").content.decode()
    assert "Use a code" in page
    wrong = client.post("/accounts/again/?next=/accounts/security/codes/", {"password": "wrong"})
    assert "not your password" in wrong.content.decode()
    answer = client.post("/accounts/again/code/?next=/accounts/security/codes/", {"code": code_for(secret, ago=-1)})
    assert answer["Location"] == "/accounts/security/codes/"
    assert client.get("/accounts/security/codes/").status_code == 200
    evil = client.post("/accounts/again/?next=//evil.example/", {"password": PASSWORD})
    assert evil["Location"] == "/", "A6"


def test_proving_is_limited(cast: Cast) -> None:
    """A11."""
    client = cast.client(cast.ana)
    answers = [client.post("/accounts/again/", {"password": "guess"}) for _n in range(11)]
    assert answers[-1].status_code == 429
    assert "Too many" in answers[6].content.decode()


def test_turning_it_off_takes_the_codes_along(ana: Client, cast: Cast, secret: str) -> None:
    assert ana.get("/accounts/security/app/off/").status_code == 200
    assert ana.post("/accounts/security/app/off/")["Location"] == "/accounts/security/"
    assert factors_of(cast.ana) == {"totp": None, "passkeys": [], "codes_left": None}
    assert sign_in(Client())["Location"] == "/"


def test_a_new_password_by_mail_does_not_go_past_the_second_factor(cast: Cast, secret: str) -> None:
    from carteira.accounts.links import password_link
    from carteira.accounts.tests.mailbox import path_in

    client = Client()
    cast.ana.refresh_from_db()
    form = client.get(path_in(password_link(cast.ana)), follow=True)
    answer = client.post(form.request["PATH_INFO"], {"password1": "another long one"})
    assert answer["Location"] == "/accounts/login/factor/"
    assert client.get(SECURITY).status_code == 302


def test_nobody_touches_anothers_factors(ana: Client, cast: Cast, secret: str) -> None:
    """A1."""
    key = Authenticator.objects.create(user=cast.beto, type="webauthn", data={"name": "x", "credential": {}})
    for method in (ana.get, ana.post):
        assert method(f"/accounts/security/passkeys/{key.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


@pytest.mark.parametrize(
    "credential", ["", "x", "{}", "[]", '"a"', '{"response": {"userHandle": "AAAA"}}', "null", "[" * 5000]
)
def test_made_up_passkeys_are_refused(cast: Cast, credential: str) -> None:
    """A21."""
    client = Client()
    client.get("/accounts/login/passkey/", headers={"accept": "application/json"})
    answer = client.post("/accounts/login/passkey/", {"credential": credential})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")


def test_where_mails_go_out_an_unconfirmed_address_gets_no_second_factor(
    ana: Client, cast: Cast, settings: Any
) -> None:
    """Else whoever signs up with somebody else's address could lock its owner out."""
    from allauth.account.models import EmailAddress

    settings.MFA_ALLOW_UNVERIFIED_EMAIL = False
    EmailAddress.objects.update_or_create(user=cast.ana, email=cast.ana.email, defaults={"verified": False})
    assert ana.get(APP)["Location"] == "/accounts/security/"


def test_handing_the_business_on_wants_a_fresh_proof(cast: Cast) -> None:
    heir = Membership.objects.get(account=cast.aurora, user=cast.beto)
    path = f"/aurora/settings/members/{heir.pk}/"
    client = cast.client(cast.ana)
    answer = client.post(f"{path}hand-on/", headers={"referer": f"http://testserver{path}"})
    assert answer["Location"].startswith("/accounts/again/?next=%2Faurora%2Fsettings%2Fmembers%2F")
    heir.refresh_from_db()
    assert heir.role == "finance"


def passkey(user: Any, name: str = "Notebook") -> Authenticator:
    return Authenticator.objects.create(user=user, type="webauthn", data={"name": name, "credential": {}})


def test_a_passkey_is_renamed(ana: Client, cast: Cast) -> None:
    """6.3.3: with two devices one knows which to remove."""
    key = passkey(cast.ana)
    path = f"/accounts/security/passkeys/{key.pk}/rename/"
    assert path in ana.get(SECURITY).content.decode()
    assert 'value="Notebook"' in ana.get(path).content.decode()
    for bad in ("", "   ", "a\x00b"):
        assert ana.post(path, {"name": bad}).status_code == 200
    answer = ana.post(path, {"name": "  Celular\u202e da  Ana " + "x" * 90})
    assert answer["Location"] == "/accounts/security/"
    key.refresh_from_db()
    assert key.wrap().name == ("Celular da Ana " + "x" * 90)[: len(key.wrap().name)]
    assert len(key.wrap().name) <= 60
    assert "Celular da Ana" in ana.get(SECURITY).content.decode()


def test_nobody_renames_another_persons_passkey_and_not_without_a_fresh_proof(ana: Client, cast: Cast) -> None:
    key = passkey(cast.beto, "Beto's")
    path = f"/accounts/security/passkeys/{key.pk}/rename/"
    assert ana.get(path).status_code == 404
    assert ana.post(path, {"name": "Mine"}).status_code == 404
    later = cast.client(cast.beto)
    for answer in (later.get(path), later.post(path, {"name": "Mine"})):
        assert answer["Location"].startswith("/accounts/again/")
    key.refresh_from_db()
    assert key.wrap().name == "Beto's"
    assert Client().get(path)["Location"].startswith("/accounts/login/")
