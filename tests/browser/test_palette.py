"""The palette in a real browser: by keyboard alone, and typing never waits for what was typed before."""

from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.test_screens import RULES


def lines(page):
    return page.locator("#palette-results a .hit-title").all_inner_texts()


def typed(page, text):
    page.keyboard.type(text, delay=25)
    page.locator("#palette-input:not([data-stale])").wait_for()


@pytest.fixture
def opened(open_page):
    page = open_page()
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette-results a")
    return page


def test_a_customer_and_back_to_it_by_keyboard_alone(opened):
    page = opened
    assert page.evaluate("document.activeElement.id") == "palette-input"
    typed(page, "maria")
    name = page.locator("#palette-results [aria-selected=true] .hit-title").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/*-*/")
    assert page.locator("#card-name").inner_text() == name
    page.goto("/aurora/settings/")
    page.keyboard.press("Control+k")
    page.locator("#palette-results a").first.wait_for()
    assert lines(page)[0] == name, "what was opened last stands first"
    page.keyboard.press("Escape")
    assert not page.locator("#palette").is_visible()
    page.keyboard.press("Control+k")
    page.keyboard.press("Control+k")
    assert not page.locator("#palette").is_visible()


def test_an_act_of_two_steps_by_keyboard_alone(opened):
    page = opened
    typed(page, "registrar pag")
    assert lines(page)[0] == "Registrar pagamento"
    page.keyboard.press("Enter")
    page.locator("[data-palette-step]").wait_for()
    page.keyboard.press("Backspace")
    page.locator("[data-palette-step]").wait_for(state="hidden")
    typed(page, "registrar pag")
    page.keyboard.press("Enter")
    page.locator("[data-palette-step]").wait_for()
    typed(page, "maria")
    second = lines(page)[1]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/billing/customers/*/pay/")
    assert second in page.locator("main").inner_text()


def test_typing_never_waits_for_what_was_typed_before(opened):
    """A text whose answer is slow is given up for the next one: nothing queues, nothing late is shown."""
    page, asked, held = opened, [], []

    def slow(route):
        asked.append(parse_qs(urlsplit(route.request.url).query)["q"][0])
        if asked[-1] == "mar":
            held.append(route)
        else:
            route.continue_()

    page.route("**/palette/?*", slow)
    page.keyboard.type("mar", delay=10)
    page.wait_for_timeout(400)
    assert asked == ["mar"], "three letters in a row are one question"
    page.keyboard.type("iana zzz", delay=10)
    page.wait_for_selector("#palette-results .search-none")
    for route in held:
        route.continue_()
    page.wait_for_timeout(400)
    assert lines(page) == []
    assert asked == ["mar", "mariana zzz"]


def test_enter_before_the_answer_follows_the_new_one(opened):
    page = opened
    page.keyboard.type("novo cliente")
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/new/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(open_page, scheme):
    page = open_page(scheme=scheme)
    page.locator("[data-palette-open]").click()
    page.wait_for_selector("#palette-results a")
    assert Axe().run(page, options=RULES).response["violations"] == []
    typed(page, "a")
    assert Axe().run(page, options=RULES).response["violations"] == []


def test_opened_before_htmx_has_begun_it_asks_when_it_has(open_page):
    """Somebody quicker than the page: the press must not be lost."""
    page = open_page()
    page.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => document.dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'k', ctrlKey: true})))"
    )
    page.reload()
    page.wait_for_selector("#palette-results a")
