"""Requests no browser of ours would send (reliability A6, A9, A22): refused with a page, never our mistake."""

from io import BytesIO
from typing import Any
from urllib.parse import quote
from wsgiref.util import setup_testing_defaults

import pytest
from django.conf import settings
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import Client

from carteira.config.wsgi import application
from carteira.core.walls import scope
from carteira.customers.register import register
from conftest import NOW, Cast

NO_ADDRESS = "http://["


def test_signed_out_with_a_referer_that_is_no_address(db: None) -> None:
    answer = Client().post("/aurora/customers/", headers={"referer": NO_ADDRESS})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/")


@pytest.mark.parametrize("path", ["/aurora/customers/", "/aurora/billing/customers/{id}/pay/", "/"])
@pytest.mark.parametrize(
    "headers",
    [
        {"hx-request": "true", "hx-current-url": NO_ADDRESS},
        {"hx-request": "true", "hx-current-url": "http%3A//%5B", "hx-current-url-uri-autoencoded": "true"},
    ],
)
def test_a_fragment_for_a_page_that_is_no_address(cast: Cast, path: str, headers: dict[str, str]) -> None:
    with scope(cast.aurora.pk):
        customer = register(cast.aurora, name="Maria", by=None, now=NOW)
    for client in (Client(), cast.client(cast.ana)):
        assert client.get(path.format(id=customer.pk), headers=headers).status_code in {302, 400}


@pytest.mark.parametrize(
    "wanted",
    [
        NO_ADDRESS,
        "http://localhost/",
        "http://testserver/",
        "//evil.example/",
        "/\\evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example/",
    ],
)
def test_signing_in_leads_to_paths_of_this_site_only(cast: Cast, wanted: str) -> None:
    """A6."""
    answer = cast.client(cast.ana).get(f"/accounts/login/?next={quote(wanted)}")
    assert (answer.status_code, answer["Location"]) == (302, "/")


def served(method: str, path: str, body: bytes = b"", **environ: str) -> int:
    """The status from the application that the server runs, which the test client goes past."""
    told: list[int] = []
    request_started.disconnect(close_old_connections)  # the test's own transaction would go with it
    asked: dict[str, Any] = {"REQUEST_METHOD": method, "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    asked |= {"PATH_INFO": path, "HTTP_HOST": "testserver", **environ}
    setup_testing_defaults(asked)
    try:
        application(asked, lambda status, _headers: told.append(int(status[:3])))
    finally:
        request_started.connect(close_old_connections)
    return told[0]


@pytest.mark.parametrize(
    "charset",
    ["zlib", "hex", "idna", "unicode_escape", "raw_unicode_escape", "utf-16", "none", "x" * 20_000],
)
def test_a_request_is_utf_8_whatever_it_says(cast: Cast, charset: str) -> None:
    """A22: "unicode_escape" would bring lone surrogates as far as the database."""
    session = {"HTTP_COOKIE": f"sessionid={cast.client(cast.ana).cookies['sessionid'].value}"}
    search = {"QUERY_STRING": "q=%5Cud800%FF", "CONTENT_TYPE": f"text/html; charset={charset}", **session}
    assert served("GET", "/aurora/customers/", **search) == 200
    form = f"multipart/form-data; boundary=XX; charset={charset}"
    part = '--XX\r\nContent-Disposition: form-data; name="login"\r\n\r\n\\ud800@x\r\n--XX--\r\n'
    assert served("POST", "/accounts/login/", part.encode(), CONTENT_TYPE=form, HTTP_COOKIE="csrftoken=x") == 403


def upload(client: Client, size: int) -> Any:
    """As if so many bytes were on their way; none of them must be read to say no."""
    stated = {"CONTENT_LENGTH": str(size), "CONTENT_TYPE": "multipart/form-data; boundary=XX"}
    return client.generic("POST", "/accounts/login/", b"", **stated)


def test_somebody_signed_out_fills_no_disk(db: None) -> None:
    """A9: Django writes uploads to disk while it looks for the form's token, before any view."""
    assert upload(Client(), settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1).status_code == 413


def test_a_member_has_a_limit_too(cast: Cast) -> None:
    answer = upload(cast.client(cast.caio), settings.MAX_UPLOAD + 1)
    assert answer.status_code == 413
    assert "That file is too large" in answer.content.decode()


@pytest.mark.parametrize("size", ["-1", "x", "", "9" * 30])
def test_a_stated_length_that_is_none(db: None, size: str) -> None:
    answer = Client().generic("POST", "/accounts/login/", b"", CONTENT_LENGTH=size, CONTENT_TYPE="text/plain")
    assert 400 <= answer.status_code < 500 or answer.status_code == 200


@pytest.mark.parametrize("path", ["/aurora/customers/", "/aurora/settings/", "/accounts/", "/aurora/none/"])
def test_private_pages_are_kept_by_nobody(cast: Cast, path: str) -> None:
    """Signed out, "back" shows nothing; a shared proxy keeps nothing."""
    assert "no-store" in cast.client(cast.ana).get(path)["Cache-Control"]
