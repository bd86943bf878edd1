import pytest
from django.test import Client

from conftest import Cast


def test_signed_out_a_cookie_keeps_the_language(client: Client, db: None) -> None:
    assert client.get("/accounts/login/")["Content-Language"] == "pt-br"
    answer = client.post("/me/language/", {"language": "es", "next": "/accounts/signup/"})
    assert answer["Location"] == "/accounts/signup/"
    page = client.get("/accounts/login/")
    assert page["Content-Language"] == "es"
    assert '<html lang="es"' in page.content.decode()


def test_signed_in_the_person_keeps_it(cast: Cast) -> None:
    ana = cast.client(cast.ana)
    ana.post("/me/language/", {"language": "en", "next": "/aurora/settings/"})
    assert cast.client(cast.ana).get("/aurora/settings/")["Content-Language"] == "en"


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "/\\evil.example", ""])
def test_it_leads_back_to_this_site_only(client: Client, db: None, to: str) -> None:
    """A6."""
    assert client.post("/me/language/", {"language": "es", "next": to})["Location"] == "/"


def test_other_languages_are_refused(client: Client, db: None) -> None:
    assert client.post("/me/language/", {"language": "xx"}).status_code == 400
    assert client.get("/me/language/").status_code == 405
    client.cookies["django_language"] = "../../etc"
    assert client.get("/accounts/login/")["Content-Language"] == "pt-br"
