"""Saved views beside the list: which there are, which one this is, and whether it still shows what was saved."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from carteira.core.registries import OwnLine
from carteira.core.ui.toast import toast
from carteira.customers import columns
from carteira.customers.owners import owners
from carteira.customers.saved import liked, reading
from carteira.customers.saved.change import may_change, may_share
from carteira.customers.saved.models import SavedView
from carteira.customers.screens.asked import Asked, permitted, understand
from carteira.customers.screens.list_columns import choice_of


def views_shown(request: HttpRequest, asked: Asked, *, fragment: bool) -> dict[str, Any]:
    """One query: all views for a page, only the one in the address for a fragment."""
    membership = request.membership  # type: ignore[attr-defined]
    if fragment:
        found = reading.seen_by(request.user).filter(pk=asked.saved) if asked.saved else []
        return {"saved_here": _here(next(iter(found), None), asked, membership)}
    views = reading.views_of(request.user)
    request.saved_views = views  # type: ignore[attr-defined]
    here = next((view for view in views if view.pk == asked.saved), None)
    if asked.saved and here is None:
        asked.notices.append(_("That saved list is not there any more. What it showed is still here."))
    return {
        "saved_here": _here(here, asked, membership),
        "saved_own": [view for view in views if not view.shared],
        "saved_shared": [view for view in views if view.shared],
        "plain_url": reverse("customers:list") + asked.address(**_nothing(asked), view=_no_view(membership)),
    }


def _nothing(asked: Asked) -> dict[str, str]:
    return dict.fromkeys((name for name in asked.parameters if name != "view"), "")


def _no_view(membership: Any) -> str:
    return "none" if liked.default(membership) else ""


def _here(view: SavedView | None, asked: Asked, membership: Any) -> dict[str, Any] | None:
    if view is None:
        return None
    return {
        "view": view,
        "changed": _compared(view.parameters) != _compared(asked.parameters),
        "may_change": may_change(view, membership),
        "may_share": may_share(view, membership),
        "pinned": view.pk in liked.pins(membership),
        "first": view.pk == liked.default(membership),
        "leave_url": asked.address(view=_no_view(membership), columns="", dense=""),
    }


def _compared(parameters: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if value and name != "view"}


def parameters_of(request: HttpRequest, asked: Asked) -> dict[str, str]:
    """What a view keeps: the list's address, and what it looks like to this person."""
    liked_columns = choice_of(request.membership, asked.parameters)  # type: ignore[attr-defined]
    names = liked_columns.get("columns")
    chosen = names if isinstance(names, list) else columns.usual()
    dense = "1" if liked_columns.get("dense") else ""
    return _compared({**asked.parameters, "columns": ".".join(chosen), "dense": dense})


def first_view(request: HttpRequest, now: datetime) -> HttpResponseRedirect | None:
    """The view this person's list begins with; nothing where there is none (any more)."""
    id = liked.default(request.membership)  # type: ignore[attr-defined]
    view = reading.seen_by(request.user).filter(pk=id).first() if id else None
    return view and opened(request, view, now)


def opened(request: HttpRequest, view: SavedView, now: datetime) -> HttpResponseRedirect:
    """To the list as it was saved. What is not there any more is said, and the rest is shown."""
    may = request.membership.may  # type: ignore[attr-defined]
    asked = understand(permitted(view.parameters, may), request.account, now)  # type: ignore[attr-defined]
    changes = {"view": str(view.pk)}
    gone = list(asked.notices)
    if asked.wanted.owner and asked.wanted.owner not in owners():
        gone.append(_("Whoever was in charge is not here any more: the list shows everybody's customers."))
        changes["owner"] = ""
    names = asked.parameters["columns"].split(".")
    there = columns.known(names)
    if left := [name for name in names if name and name not in there]:
        gone.append(_("A column of this list is not there any more."))
        changes["columns"] = ".".join(name for name in names if name not in left) or columns.NAME
    for sentence in gone:
        toast(request, sentence, level="warning")
    return redirect(reverse("customers:list") + asked.address(**changes))


def menu_lines(request: HttpRequest) -> Iterator[OwnLine]:
    """What this person pinned, below "Customers"."""
    membership = request.membership  # type: ignore[attr-defined]
    ids = liked.pins(membership)
    known = getattr(request, "saved_views", None)
    views = reading.pinned(membership) if known is None else sorted(
        (view for view in known if view.pk in ids), key=lambda view: ids.index(view.pk)
    )  # fmt: skip
    at_list = request.resolver_match is not None and request.resolver_match.view_name == "customers:list"
    here = request.GET.get("view", "") if at_list else ""
    for view in views:
        url = reverse("customers:view", args=[view.pk])
        yield OwnLine(view.name, "bookmark", url, current=str(view.pk) == here)
