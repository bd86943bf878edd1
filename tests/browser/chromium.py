"""Debian's Chromium through Playwright, for the browser tests and for `make tour`."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PATH = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
]
DEMO_EMAIL, DEMO_PASSWORD = "ana@aurora.example", "escola-aurora-demo"


@contextmanager
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PATH, args=_FLAGS)
        yield browser
        browser.close()


def new_page(browser: Any, url: str, *, width: int, scheme: str, complaints: list[str] | None = None) -> Any:
    context = browser.new_context(
        base_url=url,
        viewport={"width": width, "height": 800 if width > 600 else 844},
        color_scheme=scheme,
        locale="pt-BR",
        timezone_id="America/Sao_Paulo",
        has_touch=width < 600,
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    if complaints is not None:
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: complaints.append(f"{page.url}: {message.text}") if _complains(message) else None,
        )
    return page


def _complains(message: Any) -> bool:
    # A page that is not there says so in the console too, and so do a form that is refused and a value that somebody
    # else changed meanwhile: answers our pages show.
    expected = any(f"status of {status}" in message.text for status in (404, 409, 410, 422))
    return message.type == "error" and not expected


def sign_in(page: Any, email: str = DEMO_EMAIL, password: str = DEMO_PASSWORD) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.click("main button[type=submit]")
    page.wait_for_url("**/aurora/**")
