"""What every page's frame needs, as one lazy context processor: theme, menu, languages, where its forms go.

Rights are asked of `request.membership.may(right)`, which accounts puts there; the kit knows no roles.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject

from carteira.core import registries
from carteira.core.ui import theme
from carteira.core.urls import root_url


@dataclass(frozen=True)
class Line:
    label: str | Promise
    icon: str
    url: str
    current: bool
    # Put there by this person, below the entry before it.
    own: bool = False


@dataclass
class Section:
    label: str | Promise
    lines: list[Line] = field(default_factory=list)


def layout(request: HttpRequest) -> dict[str, Any]:
    return {
        "theme": theme.chosen(request),
        "themes": theme.THEMES,
        "languages": settings.LANGUAGES,
        "menu": SimpleLazyObject(lambda: sections(request)),
        "search_url": SimpleLazyObject(lambda: _own_url("search")),
        "help": SimpleLazyObject(lambda: _help(request)),
        "support_url": settings.SUPPORT_URL,
        "palette_url": SimpleLazyObject(lambda: _own_url("palette")),
        "profile_url": SimpleLazyObject(lambda: _own_url("accounts:profile")),
        "choose_url": SimpleLazyObject(lambda: _root_url("choose_account")),
        "switch_url": SimpleLazyObject(lambda: _root_url("switch_account")),
        "logout_url": SimpleLazyObject(lambda: _root_url("account_logout")),
        "theme_url": SimpleLazyObject(lambda: _root_url("theme")),
        "language_url": SimpleLazyObject(lambda: _root_url("set_language")),
        "account": getattr(request, "account", None),
    }


def sections(request: HttpRequest) -> list[Section]:
    """The left menu: registered entries this person may follow, in order, grouped by their section."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return []
    found: list[Section] = []
    here = request.path
    for name in registries.menu.names():
        entry = registries.menu[name]
        if entry.right and not membership.may(entry.right):
            continue
        url = _own_url(entry.url_name)
        if not url:
            continue
        if not found or str(found[-1].label) != str(entry.section):
            found.append(Section(entry.section))
        found[-1].lines.append(Line(entry.label, entry.icon, url, current=False))
        if own := registries.own_lines.get(name):
            found[-1].lines += [Line(line.label, line.icon, line.url, line.current, own=True) for line in own(request)]
    # The longest address that begins this page's own is where we are: /customers/imports/, not /customers/.
    # The first page's address begins all others, so it is here only where it is the page's own.
    lines = [line for section in found for line in section.lines]
    urls = [] if any(line.current for line in lines) else [line.url for line in lines if not line.own]
    first = _own_url("start")
    best = max((url for url in urls if url == here or (url != first and here.startswith(url))), key=len, default="")
    for section in found:
        section.lines = [replace(line, current=line.current or line.url == best) for line in section.lines]
    return found


def _help(request: HttpRequest) -> dict[str, Any]:
    """Where the question mark leads: the page about this screen, else all of them."""
    match = request.resolver_match
    name = registries.help_for(match.view_name) if match else ""
    if name:
        return {"url": _own_url("help:page", name), "label": registries.help_pages[name].label}
    return {"url": _own_url("help:index"), "label": ""}


def _own_url(name: str, *args: Any) -> str:
    """The address of an account's screen, or nothing where that room does not exist (yet)."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _root_url(name: str) -> str:
    try:
        return root_url(name)
    except NoReverseMatch:
        return ""
