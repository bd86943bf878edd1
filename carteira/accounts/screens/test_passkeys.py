"""Passkeys in a real browser, with an authenticator that Chromium plays."""

from collections.abc import Iterator
from typing import Any

import pytest

from conftest import make_cast
from tests.browser import chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(chromium.PATH is None, reason="Chromium is not installed"),
]
PASSWORD = "correct horse battery"


@pytest.fixture
def page(live_server: Any) -> Iterator[Any]:
    make_cast()
    complaints: list[str] = []
    with chromium.browser() as browser:
        page = chromium.new_page(browser, live_server.url, width=390, scheme="dark", complaints=complaints)
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        yield page
    assert complaints == []


def test_a_passkey_is_made_and_signs_in_alone(page: Any, live_server: Any) -> None:
    """Added after a fresh proof; then it opens the door without a password, proves once more, and is removed."""
    assert "localhost" in live_server.url, "a passkey belongs to a name, not to a number"
    page.goto("/accounts/login/")
    page.fill("[name=login]", "ana@example.com")
    page.fill("[name=password]", PASSWORD)
    page.click("form:has([name=password]) button[type=submit]")
    page.wait_for_url("**/aurora/**")
    page.goto("/accounts/security/passkeys/add/")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/passkeys/add/")
    page.fill("[name=name]", "Notebook")
    page.click("form[data-passkey=create] button[type=submit]")
    page.wait_for_url("**/accounts/security/codes/")
    assert page.locator(".codes li").count() == 10
    page.goto("/aurora/settings/security/")
    assert "Notebook" in page.inner_text("main")

    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.click("form[data-passkey=get] button[type=submit]")
    page.wait_for_url("**/aurora/**")
    page.goto("/aurora/settings/security/")
    assert "with a passkey" in page.inner_text("main")

    page.goto("/accounts/again/passkey/?next=/accounts/security/")
    page.click("form[data-passkey=get] button[type=submit]")
    page.wait_for_url("**/aurora/settings/security/")
    page.click("text=Remove")
    page.wait_for_url("**/remove/")
    page.click("main button[type=submit]")
    page.wait_for_url("**/aurora/settings/security/")
    assert "Notebook" not in page.inner_text("main dl")


def test_a_device_that_knows_no_key_says_so(page: Any) -> None:
    page.goto("/accounts/login/")
    page.click("form[data-passkey=get] button[type=submit]")
    page.wait_for_selector("[data-passkey-error]:visible")
    assert "did not work" in page.inner_text("main")
