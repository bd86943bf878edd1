"""The kit page in a real browser: accessibility, content policy, behaviour. Needs Chromium, no database."""

import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from carteira.core.ui import kit
from carteira.core.ui.templatetags import ui

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class _Server(ThreadingMixIn, WSGIServer):
    """Browsers hold sockets open in reserve; one thread would wait for them."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Not on the tests' output."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    overrides = {
        "ROOT_URLCONF": "carteira.core.ui.tests.urls",
        "FORM_RENDERER": "carteira.core.ui.forms.Renderer",
        "STATIC_ROOT": tmp_path_factory.mktemp("static"),
        "WHITENOISE_USE_FINDERS": True,
        "ALLOWED_HOSTS": ["127.0.0.1"],
    }
    with override_settings(**overrides):
        server = _Server(("127.0.0.1", 0), _Quiet)
        server.set_app(WSGIHandler())
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any, address: str) -> Iterator[Any]:
    """open_page(width, theme, **context) -> the kit page; fails on anything the console complains about."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def open_(width: int = 1280, theme: str = "light", **options: Any) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": 860}, color_scheme=theme, locale="en-US", **options
        )
        context.add_cookies([{"name": "django_language", "value": "en", "url": address}])
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: complaints.extend([line.text] if line.type == "error" else []))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{address}/_kit/")
        return page

    yield open_
    for context in contexts:
        context.close()
    # A refused request is logged by the browser itself; tests that provoke one look at the toast instead.
    assert [text for text in complaints if "Failed to load resource" not in text] == []


def test_every_tag_and_filter_is_shown() -> None:
    """A component that is not on /_kit is looked at by nobody. What another one shows counts; the frame has the rest."""
    folder = Path(kit.__file__).parent
    shown = "".join((folder / name).read_text() for name in ("kit.html", "kit_samples.html", "kit_more.html"))
    # The frame of the page has these, or another component does.
    elsewhere = {"order_fields", "toasts", "search_box", "widget", "widget_kind"}
    tags = {tag for tag in ui.register.tags if not re.search(rf"{{%\s*{tag}\b", shown)}
    filters = {name for name in ui.register.filters if f"|{name}" not in shown}
    assert (tags | filters) - elsewhere == set()


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (360, "dark")])
def test_no_accessibility_violations(open_page: Any, width: int, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    page = open_page(width, theme)
    results = Axe().run(page, options={"runOnly": WCAG})
    assert [(v["id"], v["nodes"][0]["html"]) for v in results.response["violations"]] == []


def test_no_width_scrolls_sideways(open_page: Any) -> None:
    page = open_page()
    for width in (320, 360, 640, 720, 768, 900, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width


def test_auto_follows_the_system_and_a_choice_stays(open_page: Any) -> None:
    page = open_page(theme="dark", extra_http_headers={})
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="light")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": page.url}])
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def open_pops(page: Any) -> int:
    return int(page.locator(".pop-why:popover-open").count())


def test_why_by_hover_focus_and_escape(open_page: Any) -> None:
    """S0-09: the state says why, on hover and by keyboard."""
    page = open_page()
    page.hover(".why >> nth=0")
    page.wait_for_selector(".pop-why:popover-open")
    page.mouse.move(5, 5)
    page.wait_for_selector(".pop-why:popover-open", state="detached")
    page.focus(".row-link")
    page.keyboard.press("Tab")
    assert open_pops(page) == 1
    page.keyboard.press("Escape")
    assert open_pops(page) == 0
    page.keyboard.press("Enter")
    assert open_pops(page) == 1


def test_why_by_tap(open_page: Any) -> None:
    page = open_page(390, has_touch=True, is_mobile=True)
    page.tap(".why >> nth=0")
    assert open_pops(page) == 1
    page.tap("h1")
    assert open_pops(page) == 0


def test_why_without_scripts(open_page: Any) -> None:
    page = open_page(java_script_enabled=False)
    page.click(".why >> nth=0")
    assert page.locator(".pop-why").first.is_visible()


def test_the_menu_opens_and_closes_on_a_phone(open_page: Any) -> None:
    page = open_page(360)
    assert not page.locator("#side").is_visible()
    page.click(".top-burger")
    assert page.locator("#side").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#side").is_visible()


def test_search_by_keyboard(open_page: Any) -> None:
    """S2-19: search on top, from anywhere, by keyboard alone."""
    page = open_page()
    page.keyboard.press("/")
    page.keyboard.type("beto")
    page.wait_for_selector("#search-results a")
    assert page.get_attribute("#search", "aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    marked = page.get_attribute("#search", "aria-activedescendant")
    assert page.get_attribute(f"#{marked}", "aria-selected") == "true"
    page.keyboard.press("Escape")
    assert page.get_attribute("#search", "aria-expanded") == "false"
    page.fill("#search", "nobody at all")
    page.wait_for_selector("#search-results .search-none")
    page.keyboard.press("Control+a")
    page.keyboard.type("beto")
    page.wait_for_selector("#search-results a")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert page.url.endswith("#")


def test_a_new_search_aborts_the_one_under_way(open_page: Any) -> None:
    page = open_page()
    asked: list[str] = []
    aborted: list[str] = []
    page.on("request", lambda request: asked.extend([request.url] if "q=" in request.url else []))
    page.on("requestfailed", lambda request: aborted.append(request.url))
    held: list[Any] = []
    page.route("**/_kit/?q=a", lambda route: held.append(route))  # the first answer never comes
    page.focus("#search")
    page.keyboard.type("a")
    page.wait_for_timeout(300)
    page.keyboard.type("na")
    page.wait_for_selector("#search-results a")
    assert [url.rpartition("=")[2] for url in asked] == ["a", "ana"]
    assert [url.rpartition("=")[2] for url in aborted] == ["a"]


def test_a_refusal_is_said_and_an_undo_offered(open_page: Any) -> None:
    page = open_page()
    page.evaluate("htmx.ajax('GET', '/_kit/refuse/', {target: '.page-head'})")
    page.wait_for_selector("#toasts .toast-error >> text=Only the owner may do that.")
    assert page.inner_text("h1") == "UI kit", "the refusal is not swapped in"
    page.evaluate("htmx.ajax('POST', '/_kit/save/', {target: '.page-head', values: {what: 'it'}, source: 'body'})")
    page.wait_for_selector("#toasts .toast-success >> text=Saved it.")
    assert page.locator("#toasts .toast-success form").count() == 1


def test_a_whole_page_is_gone_to_not_swapped_in(open_page: Any) -> None:
    page = open_page()
    page.evaluate("htmx.ajax('GET', '/_kit/?sort=-name', {target: '.page-head'})")
    page.wait_for_url("**/_kit/?sort=-name")
    assert page.locator("h1").count() == 1


def test_a_dialog_opens_and_keeps_the_focus(open_page: Any) -> None:
    page = open_page()
    page.click("button[commandfor=light-dialog]")
    assert page.locator("#light-dialog").is_visible()
    assert page.evaluate("document.getElementById('light-dialog').contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert not page.locator("#light-dialog").is_visible()


def test_the_skip_link_leads_to_the_content(open_page: Any) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_phones_keep_the_table_a_table(open_page: Any) -> None:
    page = open_page(360)
    assert page.get_attribute(".ledger", "role") == "table"
    assert page.get_attribute(".ledger tbody td", "role") == "cell"
    row = page.locator(".ledger tbody tr").first.bounding_box()
    assert row["height"] < 90, "two lines a row"
