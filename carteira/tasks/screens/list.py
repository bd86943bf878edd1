"""All tasks of the business: mine, everyone's, done ones."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.customers.screens.asked import text_of
from carteira.tasks import queries
from carteira.tasks.assignees import assignees
from carteira.tasks.queries import Place, Wanted
from carteira.tasks.screens.rows import may_work, shown, task_rows

WEEK = timedelta(days=6)


@require(Right.SEE_CUSTOMERS)
@require_safe
def list_tasks(request: HttpRequest) -> HttpResponse:
    """`who`: me (the default for who may have tasks), all, none or a person's id; `due`: late, today or week."""
    account = request.account  # type: ignore[attr-defined]
    today = account.today(dates.now())
    given = {name: text_of(request.GET, name) for name in ("who", "due", "done")}
    who = _who(given["who"], may_work(request))
    wanted = _wanted(request, who, given["due"], done=given["done"] == "1", today=today)
    parameters = {"who": who, "due": "" if wanted.done else given["due"], "done": "1" if wanted.done else ""}
    found = queries.page(wanted, after=_place(request, "after"), before=_place(request, "before"))
    context = {
        **shown(request, task_rows(request, found.tasks, today), "list"),
        "tabs": _tabs(request, who, wanted),
        "who": who,
        "due": parameters["due"],
        "done": wanted.done,
        "people": [(str(person.pk), str(person)) for person in assignees(account) if person.pk != request.user.pk],
        "filtered": bool(parameters["due"]) or who not in ("me", "all"),
        "all_url": _address({"who": "all"}),
        "previous": _page_address(parameters, found.previous, "before"),
        "next": _page_address(parameters, found.next, "after"),
    }
    part = "#found" if request.htmx else ""  # type: ignore[attr-defined]
    response = render(request, f"tasks/screens/list.html{part}", context)
    if part:
        response["HX-Push-Url"] = request.path + _address(parameters)
    return response


def _who(text: str, may_have: bool) -> str:
    if text in ("me", "all", "none") or _uuid(text):
        return text
    return "me" if may_have else "all"


def _wanted(request: HttpRequest, who: str, due: str, *, done: bool, today: date) -> Wanted:
    wanted = Wanted(done=done, nobodys=who == "none")
    if who == "me":
        wanted = replace(wanted, assignee=request.user.pk)
    elif person := _uuid(who):
        wanted = replace(wanted, assignee=person)
    if done:
        return wanted
    if due == "late":
        return replace(wanted, due_until=today - timedelta(days=1))
    if due == "today":
        return replace(wanted, due_from=today, due_until=today)
    if due == "week":
        return replace(wanted, due_from=today, due_until=today + WEEK)
    return wanted


def _tabs(request: HttpRequest, who: str, wanted: Wanted) -> list[dict[str, Any]]:
    """Mine and everyone's with how many are open; who has none of their own sees no tab for them."""
    kinds = [("me", _("Mine"), request.user.pk), ("all", _("Everyone's"), None)]
    tabs = [
        {
            "label": label,
            "url": _address({"who": name}),
            "selected": name == who and not wanted.done,
            "count": _count(Wanted(assignee=person)),
        }
        for name, label, person in (kinds if may_work(request) else kinds[1:])
    ]
    return [*tabs, {"label": _("Done ones"), "url": _address({"who": "all", "done": "1"}), "selected": wanted.done}]


def _count(wanted: Wanted) -> int | None:
    """More than it is worth to count is not told."""
    found = queries.count(wanted)
    return found if found <= queries.COUNT_LIMIT else None


def _address(parameters: dict[str, str]) -> str:
    return "?" + urlencode({name: value for name, value in parameters.items() if value})


def _page_address(parameters: dict[str, str], place: Place | None, way: str) -> str:
    return _address({**parameters, way: f"{place.day.isoformat()}~{place.id.hex}"}) if place else ""


def _place(request: HttpRequest, way: str) -> Place | None:
    day, _tilde, id = text_of(request.GET, way).partition("~")
    found = _uuid(id)
    try:
        return Place(date.fromisoformat(day), found) if found else None
    except ValueError:
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
