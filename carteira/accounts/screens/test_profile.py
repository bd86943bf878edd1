import pytest
from django.test import Client

from carteira.accounts.models import User
from carteira.accounts.tests.mailbox import waiting
from conftest import Cast

URL = "/aurora/settings/profile/"
PASSWORD = "correct horse battery"


def test_every_member_may_change_name_and_language(cast: Cast) -> None:
    caio = cast.client(cast.caio)
    assert caio.post(URL, {"name": " Caio  Prado ", "language": "es"}).status_code == 302
    cast.caio.refresh_from_db()
    assert (cast.caio.name, cast.caio.language) == ("Caio Prado", "es")
    assert caio.get(URL)["Content-Language"] == "es"
    caio.post(URL, {"name": "Caio", "language": ""})
    assert caio.get(URL)["Content-Language"] == "pt-br"


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "a\x00"}, {"language": "xx"}, {"name": "x" * 201}])
def test_what_cannot_be_is_refused(cast: Cast, wrong: dict[str, str]) -> None:
    answer = cast.client(cast.caio).post(URL, {"name": "Caio", "language": ""} | wrong)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == list(wrong)


def test_other_fields_are_ignored(cast: Cast) -> None:
    """A7: mass assignment."""
    sent = {"name": "C", "language": "", "is_staff": "1", "email": "x@example.com", "role": "owner", "id": "1"}
    cast.client(cast.caio).post(URL, sent)
    caio = User.objects.get(pk=cast.caio.pk)
    assert (caio.is_staff, caio.email, caio.memberships.get().role) == (False, "caio@example.com", "viewer")


def test_a_new_password_wants_the_old_one_and_signs_other_browsers_out(cast: Cast) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        client.post("/accounts/login/", {"login": cast.caio.email, "password": PASSWORD})
    refused = here.post(
        "/aurora/settings/security/password/", {"oldpassword": "wrong", "password1": "another long one"}
    )
    assert refused.status_code == 422
    assert "not your current password" in refused.content.decode()
    assert (
        here.post("/aurora/settings/security/password/", {"oldpassword": PASSWORD, "password1": "caio"}).status_code
        == 422
    )
    assert (
        here.post(
            "/aurora/settings/security/password/", {"oldpassword": PASSWORD, "password1": "another long one"}
        ).status_code
        == 302
    )
    assert here.get(URL).status_code == 200
    assert there.get(URL).status_code == 302
    assert [args["kind"] for args in waiting()] == ["changed"]


def test_guessing_the_old_password_is_limited(cast: Cast) -> None:
    """A11."""
    caio = cast.client(cast.caio)
    answers = [
        caio.post(
            "/aurora/settings/security/password/", {"oldpassword": "guess", "password1": "another long one"}
        ).status_code
        for _ in range(6)
    ]
    assert answers == [422] * 5 + [429]
