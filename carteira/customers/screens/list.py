"""The list of customers under the activity bar (S0-06, S0-07, S0-09 to S0-14, S2-02 to S2-07, S2-10, S2-29, S2-30)."""

from dataclasses import fields, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.ui.formats import number
from carteira.customers import activity, list_filters, queries, registries
from carteira.customers.bulk.verbs import verbs
from carteira.customers.lifecycle import STATE_NAMES, State
from carteira.customers.models import ArchivePeriod
from carteira.customers.owners import owners
from carteira.customers.screens.asked import Asked, read, text_of
from carteira.customers.screens.list_chips import chips
from carteira.customers.screens.list_columns import layout_of
from carteira.customers.screens.list_rows import REASONS, rows
from carteira.customers.screens.list_views import first_view, views_shown

# A tab with less than one customer in so many is searched from its own few.
FEW = 20
# What "clear all filters" takes away: everything but the tab, the day and the order.
FILTERS = ("q", "reason", "city", "owner", "registered_from", "registered_until", "paid", "days")

# What the small forms of the page carry along, besides what they ask themselves.
KEPT = ("as_of", "sort", "view", "columns", "dense")
CARRIED = ("state", "delinquent", *FILTERS[1:], *KEPT)


@require(Right.SEE_CUSTOMERS)
@require_safe
def list_customers(request: HttpRequest) -> HttpResponse:
    now = dates.now()
    if not request.GET and (first := first_view(request, now)):
        return first
    asked = read(request, now)
    fragment = bool(request.htmx) and not request.htmx.boosted  # type: ignore[attr-defined]
    counts = (_counts_shown(request) if fragment else None) or activity.counts(asked.wanted.view)
    wanted = replace(asked.wanted, few=_few(asked, counts))
    page = queries.page(wanted, after=asked.after, before=asked.before)
    layout = layout_of(request.membership, wanted, asked.parameters)  # type: ignore[attr-defined]
    bulk_verbs = _verbs(request)
    may_export = request.membership.may(Right.EXPORT)  # type: ignore[attr-defined]
    # Typing changes the rows only, not the filters to choose from.
    people = {} if fragment and not wanted.owner else owners()
    may_pick = bool(bulk_verbs) or may_export
    context: dict[str, Any] = {
        "asked": asked,
        "view": asked.wanted.view,
        "bar": _bar(asked, counts),
        "layout": layout,
        "verbs": bulk_verbs,
        "may_export": may_export,
        "may_pick": may_pick,
        "rows": rows(page.ids, asked, layout, request.account, pick=may_pick),  # type: ignore[attr-defined]
        "back": asked.address().removeprefix("?"),
        # The same customers in any order: whom "all of the filter" means.
        "everyone": asked.address(sort="").removeprefix("?"),
        "sort": asked.sort,
        "today": asked.wanted.view.day if asked.wanted.view.live else request.account.today(now),  # type: ignore[attr-defined]
        "today_url": asked.address(as_of=""),
        "clear_url": asked.address(**dict.fromkeys((*FILTERS, *list_filters.list_filters.names(), *asked.chosen), "")),
        "elsewhere_url": asked.address(state=State.ARCHIVED, delinquent="") if _may_be_archived(asked, counts) else "",
        "people": people,
        "chips": chips(asked, people),
        "reasons": _reasons(asked, counts),
        "archived_url": asked.address(state=State.ARCHIVED, delinquent="", q=""),
        "archived_count": counts.archived,
        "may_edit": request.membership.may(Right.EDIT_CUSTOMERS),  # type: ignore[attr-defined]
        "actions": _actions(request),
        "nobody": asked.wanted.view.live and not counts.all and not counts.archived,
        **_pager(asked, page, counts),
        **views_shown(request, asked, fragment=fragment),
    }
    if fragment:
        response = render(request, "customers/screens/list_typed.html", context)
        # Typing on replaces the address of the search before; the first letter makes a new step of the history.
        searching = "q=" in (request.htmx.current_url or "")  # type: ignore[attr-defined]
        response["HX-Replace-Url" if searching else "HX-Push-Url"] = request.path + asked.address()
    else:
        context.update(_more_filters(request, asked))
        context["panels"] = [panel for panel in registries.list_panels if request.membership.may(panel.right)]  # type: ignore[attr-defined]
        context["counts_shown"] = ".".join(map(str, counts.as_dict().values()))
        context["states"] = [(state, STATE_NAMES[state]) for state in State]
        response = render(request, "customers/screens/list.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _counts_shown(request: HttpRequest) -> activity.Counts | None:
    """The bar's numbers as the page that is typed on shows them: typing does not change them, so it need not wait for
    them to be counted again. They come from the browser and are only shown there again."""
    texts = text_of(request.GET, "bar").split(".")
    if len(texts) != len(fields(activity.Counts)) or not all(text.isdecimal() and len(text) < 12 for text in texts):
        return None
    return activity.Counts(*map(int, texts))


def _few(asked: Asked, counts: activity.Counts) -> bool:
    """Whether the tab, or the delinquent among it, is a small part of everybody."""
    count = counts.delinquent if asked.wanted.delinquent else counts.as_dict()[asked.wanted.state or "all"]
    return count * FEW < counts.all + counts.archived


def _may_be_archived(asked: Asked, counts: activity.Counts) -> bool:
    """Whoever looks for somebody among the living may be told to look among the archived too."""
    return bool(asked.query) and asked.wanted.state is not State.ARCHIVED and counts.archived > 0


def _bar(asked: Asked, counts: activity.Counts) -> list[dict[str, Any]]:
    """The six tabs. All but the last two are states; delinquent lies over the first three."""
    wanted = asked.wanted
    tabs = [
        ("all", _("All"), counts.all, "", ""),
        (State.LEAD, _("Leads"), counts.lead, State.LEAD, ""),
        (State.ACTIVE, pgettext("several customers", "Active"), counts.active, State.ACTIVE, ""),
        (State.INACTIVE, pgettext("several customers", "Inactive"), counts.inactive, State.INACTIVE, ""),
        ("delinquent", pgettext("several customers", "Delinquent"), counts.delinquent, "", "1"),
        (State.ARCHIVED, pgettext("several customers", "Archived"), counts.archived, State.ARCHIVED, ""),
    ]
    here = (wanted.state or "", "1" if wanted.delinquent and wanted.state is None else "")
    return [
        {
            "key": str(key),
            "label": label,
            "count": count,
            "url": asked.address(state=state, delinquent=delinquent, reason=""),
            "selected": (state, delinquent) == here,
        }
        for key, label, count, state, delinquent in tabs
    ]


def _reasons(asked: Asked, counts: activity.Counts) -> list[dict[str, Any]]:
    """Above the archive: everyone, or those who left for one of the two reasons (S0-14)."""
    if asked.wanted.state is not State.ARCHIVED:
        return []
    shown = [
        ("", pgettext("several customers", "All archived"), counts.archived),
        (ArchivePeriod.Reason.CHURN, REASONS["churn"], counts.churn),
        (ArchivePeriod.Reason.LOST, REASONS["lost"], counts.lost),
    ]
    return [
        {"label": label, "count": count, "url": asked.address(reason=key), "selected": asked.wanted.reason == key}
        for key, label, count in shown
    ]


def _pager(asked: Asked, page: queries.Page, counts: activity.Counts) -> dict[str, Any]:
    shown = len(page.ids)
    first = asked.first if page.previous else 1
    back = max(first - queries.PAGE, 1)
    total = _total(asked, page, counts) if shown else ""
    return {
        "previous": asked.page_address(page.previous, way="before", first=back),
        "next": asked.page_address(page.next, way="after", first=first + shown),
        "summary": _summary(first, shown, total) if shown else "",
        "total": total,
    }


def _total(asked: Asked, page: queries.Page, counts: activity.Counts) -> str:
    """How many there are: from the bar, or counted as long as that is cheap; else nothing."""
    wanted = asked.wanted
    if not wanted.filtered:
        key = "delinquent" if wanted.delinquent else (wanted.state or "all")
        return number(counts.as_dict()[key])
    if page.previous is None and page.next is None:
        return number(len(page.ids))
    if wanted.found is not None:
        return ""
    found = queries.count(wanted)
    return f"{number(queries.COUNT_LIMIT)}+" if found > queries.COUNT_LIMIT else number(found)


def _summary(first: int, shown: int, total: str) -> str:
    shown_now = f"{number(first)}–{number(first + shown - 1)}"
    return _("%(shown)s of %(total)s") % {"shown": shown_now, "total": total} if total else shown_now


def _more_filters(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """Those of rooms above: to choose from in the dialog, or to carry along there; and all the small forms carry."""
    membership, account = request.membership, request.account  # type: ignore[attr-defined]
    known = {name: list_filters.list_filters[name] for name in list_filters.list_filters.names()}
    found = {name: one for name, one in known.items() if membership.may(one.right)}
    offered = [
        {
            "name": name,
            "label": one.label,
            "value": asked.parameters.get(name, ""),
            "options": options,
            "tick": one.tick,
        }
        for name, one in found.items()
        if (options := one.options(account)) or one.tick
    ]
    elsewhere = set(found) - {one["name"] for one in offered}
    return {
        "more_filters": offered,
        "own_carried": [name for name in asked.chosen if name not in known],
        "carried": [*CARRIED, *found, *asked.chosen],
        "carried_elsewhere": [*elsewhere, *KEPT],
    }


def _actions(request: HttpRequest) -> list[dict[str, Any]]:
    membership = request.membership  # type: ignore[attr-defined]
    return [
        {"label": action.label, "icon": action.icon, "url": reverse(action.url_name), "first": action.first}
        for action in registries.list_actions
        if membership.may(action.right)
    ]


def _verbs(request: HttpRequest) -> list[dict[str, Any]]:
    """What this person may do to many at once."""
    membership = request.membership  # type: ignore[attr-defined]
    found = ((name, verbs[name]) for name in verbs.names())
    return [
        {"name": name, "label": verb.label, "icon": verb.icon} for name, verb in found if membership.may(verb.right)
    ]
