"""The frame of every page: menu, theme, error pages, files from npm. No database."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import translation

from carteira.core import registries
from carteira.core.registries import MenuEntry
from carteira.core.ui import context, errors, npm
from carteira.core.ui.forms import Renderer

ROOT = Path(__file__).resolve().parents[4]
URLS = "carteira.core.ui.tests.urls"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def client(settings: Any, tmp_path: Path) -> Client:
    settings.ROOT_URLCONF = URLS
    settings.STATIC_ROOT = tmp_path
    settings.FORM_RENDERER = f"{Renderer.__module__}.{Renderer.__name__}"
    return Client()


@pytest.fixture
def menu(monkeypatch: pytest.MonkeyPatch) -> Any:
    fresh = registries.Registry[MenuEntry]("Menu entry")
    monkeypatch.setattr(registries, "menu", fresh)
    return fresh


def page(path: str, *rights: str) -> Any:
    request = RequestFactory().get(path)
    request.membership = SimpleNamespace(may=lambda right: right in rights)  # type: ignore[attr-defined]
    return request


def test_the_menu_shows_what_exists_and_what_one_may(menu: Any, settings: Any) -> None:
    settings.ROOT_URLCONF = URLS
    menu.add("kit", MenuEntry("Kit", "users", "kit", section="Relationship"), order=1)
    menu.add("theme", MenuEntry("Theme", "sun", "theme", section="Relationship", right="see"), order=2)
    menu.add("gone", MenuEntry("Boards", "users", "no-such-route"), order=3)
    shown = context.sections(page("/_kit/", "see"))
    assert [(section.label, [line.label for line in section.lines]) for section in shown] == [
        ("Relationship", ["Kit", "Theme"])
    ]
    assert [line.current for line in shown[0].lines] == [True, False]
    assert [line.label for section in context.sections(page("/_kit/")) for line in section.lines] == ["Kit"]
    assert context.sections(RequestFactory().get("/")) == [], "nobody signed in, nothing to follow"


def test_the_theme_is_remembered_and_leads_back(client: Client) -> None:
    answer = client.post("/me/theme/", {"theme": "dark", "next": "/_kit/?a=1"})
    assert (answer.status_code, answer["Location"]) == (302, "/_kit/?a=1")
    assert answer.cookies["theme"].value == "dark"
    assert 'data-bs-theme="dark"' in client.get("/_kit/").content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_the_theme_never_leads_elsewhere(client: Client, elsewhere: str) -> None:
    assert client.post("/me/theme/", {"theme": "light", "next": elsewhere})["Location"] == "/"


def test_the_theme_refuses_what_it_does_not_know(client: Client) -> None:
    assert client.post("/me/theme/", {"theme": "<script>"}).status_code == 400
    assert client.get("/me/theme/").status_code == 405
    client.cookies["theme"] = '"><script>'
    assert 'data-bs-theme="auto"' in client.get("/_kit/").content.decode()


def test_an_error_is_a_page_for_a_person_and_a_sentence_for_htmx(client: Client) -> None:
    whole = client.get("/_kit/refuse/")
    assert whole.status_code == 403
    assert "Only the owner may do that." in whole.content.decode()
    part = client.get("/_kit/refuse/", headers={"HX-Request": "true"})
    assert (part.status_code, part.content.decode()) == (403, "Only the owner may do that.")
    assert part["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (errors.bad_request, 400),
        (errors.permission_denied, 403),
        (errors.csrf_failure, 403),
        (errors.page_not_found, 404),
        (errors.server_error, 500),
    ],
)
def test_every_error_page_renders_without_database_or_sign_in(view: Any, status: int) -> None:
    answer = view(RequestFactory().get("/x/"))
    assert answer.status_code == status
    assert f"Error {status}" in answer.content.decode()


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(client: Client) -> None:
    html = client.get("/_kit/").content.decode()
    assert " style=" not in html
    assert "<style" not in html
    assert not re.search(r"<[^>]+\son\w+=", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    for address in re.findall(r'(?:src|href)="([^"]*)"', html):
        assert not re.match(r"(?:https?:)?//|data:|javascript:", address), address


def test_ids_on_a_page_are_unique(client: Client) -> None:
    ids = re.findall(r'\sid="([^"]+)"', client.get("/_kit/").content.decode())
    assert len(ids) == len(set(ids)), sorted({one for one in ids if ids.count(one) > 1})


def test_only_the_files_we_need_come_from_npm() -> None:
    finder = npm.NpmFinder()
    assert finder.check() == []
    listed = dict(finder.list(None))
    assert set(listed) == set(npm.FILES)
    assert Path(finder.find("npm/htmx.min.js")).is_file()
    assert finder.find("npm/../package.json") == []


def test_the_lock_file_pins_and_names_no_registry() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    pinned = {name: entry for name, entry in packages.items() if name}
    assert all(entry["integrity"].startswith("sha512-") for entry in pinned.values())
    assert not any("resolved" in entry for entry in pinned.values())
