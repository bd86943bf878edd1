"""Signing in, out and up, passwords: reliability A4, A6, A11, A15 and the one-time links."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from carteira.accounts import links
from carteira.accounts.models import Account, Membership, User
from carteira.accounts.tests.mailbox import deliver, path_in, waiting

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
SIGN_UP = {
    "business": "Estúdio Ômega",
    "country": "BR",
    "suggested_for": "BR",
    "time_zone": "America/Manaus",
    "currency": "BRL",
    "language": "pt-br",
    "name": "Olga Ômega",
    "email": "Olga@Example.com",
    "password1": PASSWORD,
}


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana@example.com", PASSWORD, name="Ana")


def sign_in(client: Client, email: str = "ana@example.com", password: str = PASSWORD, **extra: Any) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password}, **extra)


def page(response: Any) -> str:
    """A page without what differs between any two: tokens, and the address the reader typed."""
    text = re.sub(r"[A-Za-z0-9]{64}", "TOKEN", response.content.decode())
    return re.sub(r"[\w.]+@example\.com", "ADDRESS", text)


def who(client: Client) -> Any:
    return client.get("/accounts/login/").wsgi_request.user


# -- in and out


@pytest.mark.parametrize("typed", ["ana@example.com", "ANA@Example.COM", " ana@example.com "])
def test_case_and_spaces_of_an_address_do_not_matter(ana: User, client: Client, typed: str) -> None:
    assert sign_in(client, typed).status_code == 302
    assert who(client) == ana


def test_one_address_is_one_login_however_written(ana: User) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="ANA@example.com")


def test_unknown_address_wrong_password_and_no_password_yet_look_the_same(ana: User, client: Client) -> None:
    """A11: user enumeration."""
    User.objects.create_user("new@example.com")
    answers = {
        page(sign_in(client, email, "wrong password"))
        for email in ("ana@example.com", "new@example.com", "nobody@example.com")
    }
    assert len(answers) == 1
    assert "do not belong together" in answers.pop()


def test_every_refusal_costs_one_hash(ana: User, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A11: the time of the answer tells nothing, for hashing is what takes time."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed: list[str] = []
    real = MD5PasswordHasher.encode

    def encode(self: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return real(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    User.objects.create_user("new@example.com")
    counts = []
    for email in ("ana@example.com", "new@example.com", "nobody@example.com"):
        hashed.clear()
        sign_in(client, email, "wrong password")
        counts.append(len(hashed))
    assert counts == [1, 1, 1]


def test_six_attempts_in_a_minute_are_too_many_in_every_process(ana: User) -> None:
    """A11: 5 a minute; each client here stands for another web process, the count is in the database."""
    for _ in range(5):
        assert "do not belong together" in sign_in(Client(), password="wrong").content.decode()
    refused = sign_in(Client())
    assert "Too many attempts" in refused.content.decode()
    assert sign_in(Client(), "ANA@example.com").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=True):
        assert sign_in(Client()).status_code == 302


def test_a_forged_forwarding_header_is_no_new_address(ana: User) -> None:
    """A11, A15: ten failures a minute from one address, whatever it claims to be."""
    answers = [
        sign_in(Client(), f"u{n}@example.com", "wrong", headers={"x-forwarded-for": f"10.0.0.{n}"}) for n in range(11)
    ]
    assert "do not belong together" in answers[9].content.decode()
    assert "Too many attempts" in answers[10].content.decode()


def test_the_counters_outlive_a_process() -> None:
    from django.db import connection

    cache.set("seen", 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_shared_cache WHERE cache_key LIKE '%%seen'")
        assert cursor.fetchone() == (1,)


def test_signing_out_takes_a_post(ana: User, client: Client) -> None:
    client.force_login(ana)
    assert "Sign out?" in client.get("/accounts/logout/").content.decode()
    assert who(client) == ana
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert who(client).is_anonymous


def test_whoever_is_switched_off_is_out_at_the_next_request(ana: User, client: Client) -> None:
    """T6."""
    sign_in(client)
    User.objects.update(is_active=False)
    assert who(client).is_anonymous
    assert sign_in(client)["Location"] == "/accounts/inactive/"
    assert "switched off" in client.get("/accounts/inactive/").content.decode()
    assert "do not belong" in sign_in(client, password="wrong").content.decode()


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:///evil.example"]
)
def test_nobody_is_sent_to_another_site(ana: User, client: Client, to: str) -> None:
    """A6: open redirect."""
    answer = client.post("/accounts/login/", {"login": ana.email, "password": PASSWORD, "next": to})
    assert answer["Location"] == "/"


def test_one_comes_back_to_where_one_was(ana: User, client: Client) -> None:
    to = "/aurora/settings/?tab=1"
    answer = client.post("/accounts/login/", {"login": ana.email, "password": PASSWORD, "next": to})
    assert answer["Location"] == to


# -- a new password


def test_a_forgotten_password_is_set_by_a_mailed_link_once(ana: User, client: Client) -> None:
    other = Client()
    other.force_login(ana)
    client.post("/accounts/password/reset/", {"email": "ANA@example.com"})
    message = deliver()[0]
    assert message.to == ["ana@example.com"]
    link = path_in(message.body)

    form = client.get(link, follow=True)
    assert ana.email not in form.request["PATH_INFO"]
    short = client.post(form.request["PATH_INFO"], {"password1": "short"})
    assert short.status_code == 200
    saved = client.post(form.request["PATH_INFO"], {"password1": "another long one"})
    assert (saved.status_code, saved["Location"]) == (302, "/")
    assert who(client) == ana
    assert who(other).is_anonymous, "other browsers are signed out"
    assert [args["kind"] for args in waiting()] == ["reset", "changed"]

    for _ in range(2):
        assert "does not work any more" in Client().get(link, follow=True).content.decode()
    assert sign_in(Client(), password="another long one").status_code == 302


def test_two_browsers_with_one_link_only_one_sets_the_password(ana: User) -> None:
    link = links.password_link(ana).removeprefix("http://127.0.0.1:8000")
    clients = [Client(), Client()]
    forms = [client.get(link, follow=True).request["PATH_INFO"] for client in clients]
    answers = [
        client.post(form, {"password1": f"my long password {n}"})
        for n, (client, form) in enumerate(zip(clients, forms, strict=True))
    ]
    assert answers[0].status_code == 302
    assert "does not work any more" in answers[1].content.decode()
    ana.refresh_from_db()
    assert ana.check_password("my long password 0")


def test_a_link_dies_after_three_days_and_when_one_signs_in(ana: User) -> None:
    link = path_in(links.password_link(ana))
    with time_machine.travel(timezone.now() + timedelta(days=2, hours=23)):
        assert "Set your password" in Client().get(link, follow=True).content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        assert "does not work any more" in Client().get(link, follow=True).content.decode()
    sign_in(Client())
    assert "does not work any more" in Client().get(link, follow=True).content.decode()


@pytest.mark.parametrize(
    "key", ["x-y", "zzz-set-password", "0-0", f"{'f' * 32}-c1-{'a' * 32}", "1-%F0%9F%8E%89", "é-1", "a-b/c"]
)
def test_made_up_links_are_refused_kindly(client: Client, key: str) -> None:
    answer = client.get(f"/accounts/password/reset/key/{key}/", follow=True)
    assert answer.status_code in (200, 404)
    if answer.status_code == 200:
        assert "does not work any more" in answer.content.decode()


def test_asking_for_a_link_tells_nothing(ana: User, client: Client) -> None:
    """A11: the same answer for known and unknown; only the known address gets a mail, from the worker."""
    answers = [
        client.post("/accounts/password/reset/", {"email": email}, follow=True)
        for email in ("ana@example.com", "nobody@example.com")
    ]
    assert page(answers[0]) == page(answers[1])
    assert len(waiting()) == 1
    assert "password" not in str(waiting()), "a link is a secret: it is made when the mail is written"


def test_a_dead_mail_server_is_not_the_readers_problem(ana: User, client: Client, settings: Any) -> None:
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {"port": 1}}}
    assert client.post("/accounts/password/reset/", {"email": ana.email}).status_code == 302


def test_links_are_built_from_settings_whatever_the_request_says(ana: User, client: Client) -> None:
    """A15: a forged Host or X-Forwarded-Host never gets into a mail."""
    client.post(
        "/accounts/password/reset/",
        {"email": ana.email},
        headers={"host": "localhost", "x-forwarded-host": "evil.example"},
    )
    body = deliver()[0].body
    assert "http://127.0.0.1:8000/accounts/password/reset/key/" in body
    assert "evil" not in body


def test_an_unknown_host_is_refused(client: Client) -> None:
    assert client.get("/accounts/login/", headers={"host": "evil.example"}).status_code == 400


def test_mails_speak_the_readers_language(ana: User, client: Client) -> None:
    User.objects.update(language="es")
    client.post("/accounts/password/reset/", {"email": ana.email})
    assert waiting()[0]["language"] == "es"


# -- signing up


def test_signing_up_makes_a_person_and_their_business(client: Client) -> None:
    assert client.get("/accounts/signup/").status_code == 200
    answer = client.post("/accounts/signup/", SIGN_UP)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    olga = User.objects.get()
    assert (olga.email, olga.name, who(client)) == ("olga@example.com", "Olga Ômega", olga)
    account = Account.objects.get()
    assert (account.slug, account.name, account.time_zone) == ("estudio-omega", "Estúdio Ômega", "America/Manaus")
    assert Membership.objects.get().role == "owner"
    assert client.get("/")["Location"].startswith("/estudio-omega/")


def test_without_scripts_a_changed_country_brings_its_own_suggestions(client: Client) -> None:
    client.post("/accounts/signup/", SIGN_UP | {"country": "CL"})
    account = Account.objects.get()
    assert (account.time_zone, account.currency, account.language) == ("America/Santiago", "CLP", "es")


def test_a_country_suggests_in_the_page(client: Client) -> None:
    fragment = client.get("/accounts/place/", {"country": "MX"}, headers={"hx-request": "true"}).content.decode()
    assert "America/Mexico_City" in fragment
    assert "<html" not in fragment
    assert client.get("/accounts/place/", {"country": "XX"}).status_code == 404
    assert client.get("/accounts/place/").status_code == 404
    assert "America/Tijuana" in client.get("/accounts/zones/?country=MX").content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("business", ""),
        ("business", "x" * 100_000),
        ("name", "O\x00lga"),
        ("email", "olga"),
        ("email", "olga@example.com\nBcc: all@example.com"),
        ("password1", "olga@example.com"),
        ("password1", "1234567890"),
        ("password1", "short"),
        ("country", "XX"),
        ("time_zone", "America/New_York"),
        ("currency", "XXX"),
        ("language", "fr"),
    ],
)
def test_refused_sign_ups_say_why_and_make_nothing(client: Client, field: str, value: str) -> None:
    answer = client.post("/accounts/signup/", SIGN_UP | {field: value})
    assert answer.status_code == 200
    assert answer.context["form"].errors[field]
    assert not User.objects.exists()
    assert not Account.objects.exists()


def test_fields_of_other_forms_are_ignored(client: Client) -> None:
    """A7: mass assignment."""
    extra = {"is_staff": "1", "slug": "boss", "role": "owner", "id": "0", "is_active": "0", "account": "x"}
    client.post("/accounts/signup/", SIGN_UP | extra)
    olga = User.objects.get()
    assert (olga.is_staff, olga.is_active) == (False, True)
    assert Account.objects.get().slug == "estudio-omega"


def test_text_stays_text(client: Client) -> None:
    """A2."""
    answer = client.post("/accounts/signup/", SIGN_UP | {"business": "<script>alert(1)</script>", "email": ""})
    assert b"<script>alert" not in answer.content


def test_where_mails_go_out_signing_up_tells_nothing(ana: User, settings: Any) -> None:
    """A11: the same answer for a known and a new address, and a hash in both."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    clients = [Client(), Client()]
    answers = [
        client.post("/accounts/signup/", SIGN_UP | {"email": email}, follow=True)
        for client, email in zip(clients, ("ana@example.com", "olga@example.com"), strict=True)
    ]
    assert page(answers[0]) == page(answers[1])
    assert [args["kind"] for args in waiting()] == ["exists", "confirm"]
    assert all(who(client).is_anonymous for client in clients)
    assert User.objects.count() == 2


def test_a_confirmed_address_is_in(settings: Any, client: Client) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client.post("/accounts/signup/", SIGN_UP)
    link = path_in(deliver()[0].body)
    assert "yours?" in client.get(link).content.decode()
    client.post(link)
    assert EmailAddress.objects.get().verified
    sign_in(client, "olga@example.com")
    assert who(client).email == "olga@example.com"


def test_a_link_for_the_password_confirms_the_address_as_well(settings: Any, client: Client) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    form = client.get(path_in(links.password_link(User.objects.create_user("new@example.com"))), follow=True)
    client.post(form.request["PATH_INFO"], {"password1": PASSWORD})
    assert who(client).email == "new@example.com"


def test_the_same_form_sent_twice_at_once_makes_one_login(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from carteira.accounts.forms import SignUpForm

    def looked_too_early(form: SignUpForm, value: str) -> str:
        return value

    client.post("/accounts/signup/", SIGN_UP)
    monkeypatch.setattr(SignUpForm, "validate_unique_email", looked_too_early)
    answer = Client().post("/accounts/signup/", SIGN_UP)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert (User.objects.count(), Account.objects.count()) == (1, 1)


def test_closed_means_closed(ana: User, client: Client, settings: Any) -> None:
    settings.SIGNUP_OPEN = False
    assert "Sign up" not in client.get("/accounts/login/").content.decode()
    for method in (client.get, client.post):
        assert "Signing up is closed here" in method("/accounts/signup/", SIGN_UP).content.decode()
    client.force_login(ana)
    assert "Signing up is closed here" in client.get("/accounts/new/").content.decode()
    assert client.post("/accounts/new/", SIGN_UP).status_code == 403
    assert not Account.objects.exists()


def test_every_unsafe_request_needs_its_token(ana: User) -> None:
    """A4: also signing in, up and out."""
    client = Client(enforce_csrf_checks=True)
    for path in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/logout/"):
        assert client.post(path, SIGN_UP | {"login": ana.email, "password": PASSWORD}).status_code == 403
    assert not waiting()
