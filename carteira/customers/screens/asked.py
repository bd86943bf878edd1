"""What the address of a list asks for, and addresses that ask for something else.

Nothing a person can write into an address is an error: what makes no sense is left out, and said in `notices` where
leaving it out would show something else than was meant.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from carteira.accounts.roles import Right
from carteira.core import dates, people
from carteira.customers import columns, list_filters, search
from carteira.customers.lifecycle import FutureDay, State, View, view_of
from carteira.customers.list_filters import Chosen
from carteira.customers.models import ArchivePeriod
from carteira.customers.owners import NOBODY
from carteira.customers.queries import Charge, Place, Wanted, sort_of
from carteira.customers.saved import liked

MAX_DAYS = 36_500
MAX_COLUMNS = 1500
NO_VIEW = "none"
LIVING = tuple(state for state in State if state is not State.ARCHIVED)


@dataclass
class Asked:
    """`parameters` are the ones understood, as text; every link of the page is made from them."""

    wanted: Wanted
    query: str
    city: str
    after: Place | None
    before: Place | None
    first: int
    parameters: dict[str, str]
    notices: list[str] = field(default_factory=list)
    # What filters of rooms above understood, by their parameter.
    chosen: dict[str, Chosen] = field(default_factory=dict)
    # The saved view it began with.
    saved: UUID | None = None

    @property
    def sort(self) -> str:
        return f"-{self.wanted.sort}" if self.wanted.descending else self.wanted.sort

    def address(self, **changes: str) -> str:
        """The address of this list with some parameters changed ("" takes one away), from its first page on."""
        parameters = {key: value for key, value in {**self.parameters, **changes}.items() if value}
        return "?" + urlencode(parameters)

    def page_address(self, place: Place | None, *, way: str, first: int) -> str:
        if place is None:
            return ""
        return self.address(**{way: place_text(place), "from": str(first)})


def day_asked(request: HttpRequest, now: Any) -> tuple[View, list[str]]:
    """The day the page is looked at (`as_of`, a day of the account's zone), and what to say when it cannot be."""
    return _day_asked(request.GET, request.account, now)  # type: ignore[attr-defined]


def _day_asked(given: Mapping[str, str], account: Any, now: Any) -> tuple[View, list[str]]:
    written = text_of(given, "as_of")
    if not written:
        return view_of(account, now=now), []
    try:
        return view_of(account, now=now, day=dates.parse_date(written, language=get_language() or "")), []
    except FutureDay:
        sentence = _("That day has not come yet. Here is today.")
    except ValidationError as error:
        sentence = _("%(problem)s Here is today.") % {"problem": " ".join(error.messages)}
    return view_of(account, now=now), [sentence]


def read(request: HttpRequest, now: Any) -> Asked:
    """Read the address of a list; a filter whose right this person has not is left out."""
    given = permitted(request.GET, request.membership.may)  # type: ignore[attr-defined]
    if not given.get("view") and liked.default(request.membership):  # type: ignore[attr-defined]
        # An address without anything is that of the view this person's list begins with.
        given["view"] = NO_VIEW
    return understand(given, request.account, now)  # type: ignore[attr-defined]


def permitted(given: Mapping[str, str], may: Callable[[Right], bool]) -> dict[str, str]:
    """Without the filters this person may not ask."""
    hidden = {name for name, one in list_filters.known(given).items() if not may(one.right)}
    return {name: given[name] for name in given if name not in hidden}


def understand(given: Mapping[str, str], account: Any, now: Any) -> Asked:
    """What parameters of a list's address mean, wherever they were kept (an export's filter)."""
    view, notices = _day_asked(given, account, now)
    query = search.shortened(text_of(given, "q"))
    state = text_of(given, "state")
    city = text_of(given, "city")[: people.addresses.MAX_CITY]
    sort, descending = _sort(text_of(given, "sort"))
    paid, days = text_of(given, "paid"), _number(text_of(given, "days"), MAX_DAYS)
    if paid not in ("older", "newer") or days is None:
        paid, days = "", None
    in_archive = state == State.ARCHIVED
    if sort == "archived" and not (in_archive and view.live):
        sort, descending = "name", False
    owner = _owner(text_of(given, "owner"), notices)
    reason = text_of(given, "reason") if in_archive else ""
    chosen = _chosen(given, account, view, notices)
    names = text_of(given, "columns")[:MAX_COLUMNS]
    saved = _id(text_of(given, "view"))
    wanted = Wanted(
        view=view,
        state=State(state) if state in State else None,
        delinquent=text_of(given, "delinquent") == "1",
        reason=reason if reason in ArchivePeriod.Reason.values else "",
        city=people.city_sort(city),
        registered_from=_day(given, "registered_from", notices),
        registered_until=_day(given, "registered_until", notices),
        owner=owner if isinstance(owner, UUID) else None,
        nobodys=owner == NOBODY,
        paid_within=days if paid == "newer" else None,
        paid_before=days if paid == "older" else None,
        found=search.found_by(query) if query else None,
        more=tuple(one.condition for one in chosen.values()),
        sort=sort,
        descending=descending,
    )
    parameters = {
        "q": query,
        "state": wanted.state or "",
        "delinquent": "1" if wanted.delinquent else "",
        "reason": wanted.reason,
        "city": city,
        "registered_from": wanted.registered_from.isoformat() if wanted.registered_from else "",
        "registered_until": wanted.registered_until.isoformat() if wanted.registered_until else "",
        "owner": str(owner),
        "paid": paid,
        "days": "" if days is None else str(days),
        **{name: text_of(given, name) if name in chosen else "" for name in list_filters.known(given)},
        "as_of": "" if view.live else view.day.isoformat(),
        # What the list looks like where it is not as this person likes it: of a saved view.
        "columns": names,
        "dense": "1" if names and text_of(given, "dense") == "1" else "",
        "view": str(saved) if saved else NO_VIEW if text_of(given, "view") == NO_VIEW else "",
        "sort": "" if (sort, descending) == ("name", False) else f"-{sort}" if descending else sort,
    }
    after, before = place_of(text_of(given, "after"), sort), place_of(text_of(given, "before"), sort)
    first = (_number(text_of(given, "from"), 10**9) or 1) if after or before else 1
    return Asked(wanted, query, city, None if before else after, before, first, parameters, notices, chosen, saved)


def _chosen(given: Mapping[str, str], account: Any, view: View, notices: list[str]) -> dict[str, Chosen]:
    found = {}
    for name, filter in list_filters.known(given).items():
        if written := text_of(given, name):
            if (chosen := filter.read(written, account, view)) is not None:
                found[name] = chosen
            else:
                text = _("The filter “%(filter)s” asks for something that is not there. It was left out.")
                notices.append(text % {"filter": filter.label})
    return found


def text_of(given: Mapping[str, str], name: str) -> str:
    """A parameter without blanks around it and without what PostgreSQL cannot hold."""
    return given.get(name, "").replace("\x00", "").strip()


def place_text(place: Place) -> str:
    return f"{'' if place.value is None else place.value}~{place.id.hex}"


def place_of(text: str, sort: str) -> Place | None:
    """The place a page's address names; None for what is none of this order (then the list begins anew)."""
    value, _mark, id = text.rpartition("~")
    try:
        return Place(_value(value, sort), UUID(id))
    except ValueError:
        return None


def _owner(written: str, notices: list[str]) -> UUID | str:
    """Somebody's id, NOBODY, or "" for everybody's."""
    if written in ("", NOBODY):
        return written
    try:
        return UUID(written)
    except ValueError:
        notices.append(_("Nobody is known by that name here. The list shows everybody's customers."))
        return ""


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _value(text: str, sort: str) -> Any:
    if sort == "name":
        return text[:200]
    if sort == "owner":
        owner, _mark, name = text.partition(".")
        return Charge(UUID(owner) if owner else None, name[:200])
    if sort == "number":
        number = int(text)
        if not 0 <= number < 2**63:
            raise ValueError(text)
        return number
    known = sort_of(sort)
    if known is None or (not text and known.may_be_null):
        return None
    if known.field is not None and known.column == "text":
        return text[:200]
    if known.field is not None and known.column == "number":
        return int(text)
    return date.fromisoformat(text)


def _sort(text: str) -> tuple[str, bool]:
    name = text.removeprefix("-")
    known = sort_of(name)
    if known is None or (known.field is not None and not _offered(name)):
        return "name", False
    return name, text.startswith("-")


def _offered(sort: str) -> bool:
    """Whether a column of the account has that order: what a field holds would show in the places of pages."""
    return any(column.sort == sort for column in columns.known([sort]).values())


def _number(text: str, most: int) -> int | None:
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        return None
    return min(int(text), most)


def _day(given: Mapping[str, str], name: str, notices: list[str]) -> date | None:
    written = text_of(given, name)
    if not written:
        return None
    try:
        return dates.parse_date(written, language=get_language() or "")
    except ValidationError as error:
        notices.append(" ".join(error.messages))
        return None
