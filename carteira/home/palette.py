"""What the palette (Ctrl+K) lists: records of every room's search, acts and screens, for whom may follow them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from carteira.core import people, registries
from carteira.core.registries import SearchHit, Text
from carteira.core.sheets.registry import kinds as sheet_kinds
from carteira.customers.registries import CardAct, card_acts

# Of each sort: what is read at a glance. Screens and acts are few; of records the best are shown.
RECORDS, RECENT = 6, 6
May = Callable[[str], bool]

_IMPORT = gettext_noop("Import %(what)s")


@dataclass(frozen=True)
class Group:
    label: Text
    hits: list[SearchHit]


def step_of(name: str, may: May) -> CardAct | None:
    """The act that waits for a customer, where this person may do it."""
    act = card_acts.get(name)
    return act if act is not None and not act.post and may(act.right) else None


def offered(text: str, recent: Iterable[str], may: May) -> list[Group]:
    """For a typed text what it finds; for none what was opened lately, and everything that can be done."""
    doing = Group(_("Acts"), _fitting(text, [*_acts(may), *_customer_acts(may), *_imports(may)]))
    going = Group(_("Screens"), _fitting(text, _screens(may)))
    if text:
        helping = Group(_("Help"), _fitting(text, _help()))
        return [doing, going, *_records(text, may), helping]
    return [Group(_("Recent"), _recalled(recent, may)), doing, going]


def customers_for(name: str, act: CardAct, text: str, recent: Iterable[str], may: May) -> list[Group]:
    """The second step: whom the act is for. Each line leads to the act's screen of that customer."""
    source = registries.search_sources.get("customers")
    if source is None or not may(source.right):
        return []
    hits = source.find(text, RECORDS) if text else _recalled(recent, may, only="customers")
    led = [
        SearchHit(hit.title, hit.detail, reverse(act.url_name, args=[hit.id]), badge=hit.badge, id=hit.id)
        for hit in hits
        if hit.id is not None
    ]
    return [Group(source.label if text else _("Recent"), led)]


def _records(text: str, may: May) -> list[Group]:
    return [
        Group(source.label, source.find(text, RECORDS))
        for source in registries.search_sources
        if not source.right or may(source.right)
    ]


def _recalled(recent: Iterable[str], may: May, *, only: str = "") -> list[SearchHit]:
    """What is still there of "customers:<id>", …, in that order: the latest first."""
    wanted = list(dict.fromkeys(_keys(recent)))[:RECENT]
    found: dict[tuple[str, UUID], SearchHit] = {}
    for name in dict.fromkeys(name for name, _id in wanted):
        source = registries.search_sources.get(name)
        if source is None or source.recall is None or (only and name != only) or not may(source.right):
            continue
        hits = source.recall([id for other, id in wanted if other == name])
        found |= {(name, hit.id): hit for hit in hits if hit.id is not None}
    return [found[key] for key in wanted if key in found]


def _keys(recent: Iterable[str]) -> Iterator[tuple[str, UUID]]:
    """What a browser says it opened. Whatever makes no sense is passed over."""
    for key in recent:
        name, _colon, id = key.partition(":")
        try:
            yield name, UUID(id)
        except ValueError:
            continue


def _fitting(text: str, lines: Iterable[tuple[SearchHit, Text]]) -> list[SearchHit]:
    """Those in whose words every typed word begins one."""
    typed = people.name_sort(text).split()
    return [hit for hit, words in lines if all(any(w.startswith(t) for w in _words(hit.title, words)) for t in typed)]


def _words(*texts: Text) -> list[str]:
    return people.name_sort(" ".join(map(str, texts))).split()


def _acts(may: May) -> Iterator[tuple[SearchHit, Text]]:
    for name in registries.palette_acts.names():
        act = registries.palette_acts[name]
        if step_of(name, may) is not None:
            continue  # the card has it under the same name: choosing the customer is done here
        if (not act.right or may(act.right)) and (url := _url(act.url_name)):
            yield SearchHit(act.label, "", url, icon=act.icon), act.words


def _customer_acts(may: May) -> Iterator[tuple[SearchHit, Text]]:
    for name in card_acts.names():
        if act := step_of(name, may):
            url = f"{reverse('palette')}?act={name}"
            same = registries.palette_acts.get(name)
            words = same.words if same is not None else ""
            yield SearchHit(act.label, _("choose a customer"), url, icon=act.icon, act=name), words


def _imports(may: May) -> Iterator[tuple[SearchHit, Text]]:
    for kind in sheet_kinds:
        if may(kind.right):
            label = _(_IMPORT) % {"what": str(kind.label).lower()}
            yield SearchHit(label, "", reverse("imports:new", args=[kind.name]), icon="upload"), ""


def _screens(may: May) -> Iterator[tuple[SearchHit, Text]]:
    for entry in registries.menu:
        if (not entry.right or may(entry.right)) and (url := _url(entry.url_name)):
            yield SearchHit(entry.label, entry.section, url, icon=entry.icon), entry.section
    settings = _("Settings")
    for page in registries.settings_pages:
        if (not page.right or may(page.right)) and (url := _url(page.url_name)):
            yield SearchHit(page.label, settings, url, icon="settings"), settings


def _help() -> Iterator[tuple[SearchHit, Text]]:
    for name in registries.help_pages.names():
        page = registries.help_pages[name]
        yield SearchHit(page.label, "", reverse("help:page", args=[name]), icon=page.icon), page.text


def _url(name: str) -> str:
    """Nothing where that room does not exist (yet)."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
