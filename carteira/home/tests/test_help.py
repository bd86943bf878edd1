"""Help in three languages, reached from the screen it speaks of (S0-16, S0-17)."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.template.loader import get_template
from django.utils import translation

from carteira.core.registries import HelpPage, help_for, help_pages
from tests.urls_table import routes

LANGUAGES = [code for code, _name in settings.LANGUAGES]
# What the sources explain, each on a page of its own.
TASKS = ("register", "search", "archive", "delete", "activity", "import")
# What a newcomer asks next.
FURTHER = ("bulk", "columns", "take-back", "members", "security", "first-page")


@pytest.fixture
def ana(cast):
    return cast.client(cast.ana)


def words(name: str, language: str) -> str:
    page = help_pages[name]
    return get_template(f"{page.folder}/{language}/{name}.html").template.source


def test_every_task_has_a_page():
    """S0-17: how to register, search, archive, delete, read the bar, import."""
    assert {*TASKS, *FURTHER} <= set(help_pages.names())


@pytest.mark.parametrize("name", help_pages.names())
def test_a_page_says_the_same_in_every_language(name):
    """The same steps and headings, and the same labels of screens and links, which are translated strings."""
    shapes = {}
    for language in LANGUAGES:
        text = words(name, language)
        assert text.startswith('<p class="lead">')
        shapes[language] = (
            re.findall(r"<(ol|ul|li|h2)>", text),
            re.findall(r"{% (?:translate|url) (.*?) %}", text),
        )
    first = shapes[LANGUAGES[0]]
    assert all(shape == first for shape in shapes.values()), shapes


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_opens_in_the_readers_language(ana, language):
    ana.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    index = ana.get("/aurora/help/", headers={"accept-language": language}).content.decode()
    seen = set()
    for name in help_pages.names():
        assert f'href="/aurora/help/{name}/"' in index
        page = ana.get(f"/aurora/help/{name}/", headers={"accept-language": language})
        article = re.search(r"<article.*?</article>", page.content.decode(), re.S)[0]
        seen.add(article)
        with translation.override(language):
            assert article.count("<li>") == words(name, language).count("<li>")
    assert len(seen) == len(help_pages)


def test_links_of_the_pages_lead_somewhere(ana, cast, make_customer):
    make_customer(cast.aurora)
    for name in help_pages.names():
        article = re.search(r"<article.*?</article>", ana.get(f"/aurora/help/{name}/").content.decode(), re.S)[0]
        for address in re.findall(r'href="([^"]+)"', article):
            assert ana.get(address).status_code == 200, (name, address)


def test_every_label_a_page_names_stands_on_a_screen():
    """A button that is called otherwise by now would send its reader on a search."""
    package = Path(apps.get_app_config("home").path).parent
    files = [file for kind in ("*.html", "*.py") for file in package.rglob(kind) if "help" not in file.parts]
    screens = "".join(file.read_text() for file in files)
    for name in help_pages.names():
        for label in re.findall(r'{% translate "(.*?)"', words(name, LANGUAGES[0])):
            assert f'"{label}"' in screens or f"'{label}'" in screens, (name, label)


def test_the_question_mark_leads_to_the_page_about_the_screen(ana, cast, make_customer):
    maria = make_customer(cast.aurora)
    for screen, page in {
        "customers/": "activity",
        "customers/new/": "register",
        f"customers/{maria.pk}/": "card",
        f"customers/{maria.pk}/archive/": "archive",
        "imports/": "import",
        "billing/invoices/": "invoices",
        "settings/holidays/": "business",
        "": "first-page",
        "customers/columns/": "columns",
        "customers/bulk/": "bulk",
        "settings/members/": "members",
        "settings/security/": "security",
    }.items():
        top = ana.get(f"/aurora/{screen}").content.decode().split('<header class="top">')[1].split("</header>")[0]
        assert f'href="/aurora/help/{page}/"' in top, screen
    assert 'href="/aurora/help/"' in ana.get("/aurora/help/").content.decode().split("</header>")[0]


def test_every_route_a_page_names_exists():
    there = set(routes(settings.ACCOUNT_URLCONF))
    for page in help_pages:
        for screen in page.screens:
            known = {name for name in there if help_for(name) or name == screen}
            assert screen in there or any(name.startswith(screen.removesuffix("*")) for name in known), screen


def test_what_no_room_wrote_is_not_there(ana):
    assert ana.get("/aurora/help/nothing-here/").status_code == 404


def test_the_most_exact_page_wins():
    help_pages.add("x", HelpPage("X", "", "x", "help", ("customers:ne*",)))
    try:
        assert help_for("customers:new") == "register"
        assert help_for("customers:next") == "x"
        assert help_for("customers:card_tab") == "card"
        assert help_for("elsewhere") == ""
    finally:
        help_pages.remove("x")


def test_the_palette_finds_help(ana):
    found = ana.get("/aurora/palette/?q=archive", headers={"hx-request": "true"}).content.decode()
    assert "/aurora/help/archive/" in found


def test_the_operator_sets_where_support_is(ana, client, settings):
    """S0-16."""
    assert "Talk to support" not in ana.get("/aurora/help/").content.decode()
    settings.SUPPORT_URL = "https://wa.me/5541999990000"
    for page in (ana.get("/aurora/help/"), ana.get("/aurora/help/import/"), client.get("/accounts/login/")):
        assert 'href="https://wa.me/5541999990000"' in page.content.decode()
