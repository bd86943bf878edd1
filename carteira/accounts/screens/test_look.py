"""In a real browser: what the country suggests, and the rare screens that tests/browser does not come by."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(chromium.PATH is None, reason="Chromium is not installed"),
]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
RARE = (
    "/accounts/password/reset/sent/",
    "/accounts/password/reset/key/0-made-up/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/made-up/",
    "/accounts/inactive/",
)


@pytest.fixture
def page(live_server: Any) -> Iterator[Any]:
    complaints: list[str] = []
    with chromium.browser() as browser:
        yield chromium.new_page(browser, live_server.url, width=390, scheme="dark", complaints=complaints)
    assert complaints == []


def test_a_country_brings_its_suggestions(page: Any) -> None:
    page.goto("/accounts/signup/")
    assert page.input_value("[name=currency]") == "BRL"
    page.select_option("[name=country]", "MX")
    expect(page.locator("[name=currency]")).to_have_value("MXN")
    assert page.input_value("[name=time_zone]") == "America/Mexico_City"
    assert page.input_value("[name=suggested_for]") == "MX"


def test_rare_screens_are_accessible(page: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    for path in RARE:
        page.goto(path)
        violations = Axe().run(page, options=RULES).response["violations"]
        assert [(path, found["id"], found["nodes"][0]["html"]) for found in violations] == []
