"""Which columns the list shows, in which order, how dense: chosen by a person for one business."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.accounts.tastes import remember
from carteira.core import dates
from carteira.customers import columns, queries
from carteira.customers.screens.asked import Asked, understand
from carteira.customers.screens.list_columns import TASTE, choice_of


@require(Right.SEE_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def list_layout(request: HttpRequest) -> HttpResponse:
    """POST: `column` (several, in order) and `dense`, or `usual`: everything as it was at first."""
    membership = request.membership  # type: ignore[attr-defined]
    now = dates.now()
    if request.method == "POST":
        offered = columns.offered(membership.may)
        chosen = [name for name in dict.fromkeys(request.POST.getlist("column")) if name in offered]
        liked: dict[str, Any] = {"columns": chosen, "dense": request.POST.get("dense") == "1"}
        asked = _asked(request, request.POST.get("back", ""), now)
        usual = "usual" in request.POST
        if asked.saved is None:
            remember(membership, TASTE, {} if usual else liked)
            return redirect(reverse("customers:list") + asked.address())
        # A saved view has its own, in its address, until they are saved into it.
        own = columns.usual() if usual else chosen or [columns.NAME]
        dense = "1" if liked["dense"] and not usual else ""
        return redirect(reverse("customers:list") + asked.address(columns=".".join(own), dense=dense))
    asked = _asked(request, request.GET.get("back", ""), now)
    liked = choice_of(membership, asked.parameters)
    context = {
        "choices": _choices(membership.may, liked.get("columns")),
        "dense": bool(liked.get("dense")),
        "query": request.GET.get("back", ""),
        "back": reverse("customers:list") + asked.address(),
        "of_view": asked.saved is not None,
    }
    return render(request, "customers/screens/list_layout.html", context)


def _choices(may: Any, liked: Any) -> list[dict[str, Any]]:
    """The chosen ones in their order, then the others."""
    offered = columns.offered(may)
    names = [name for name in liked if name in offered] if isinstance(liked, list) else columns.usual()
    names = [name for name in names if name in offered]
    if columns.NAME not in names:
        names.insert(0, columns.NAME)
    return [
        {
            "name": name,
            "label": offered[name].label,
            "chosen": name in names,
            "fixed": name == columns.NAME,
            "today_only": offered[name].today_only,
        }
        for name in [*names, *(name for name in offered if name not in names)]
    ]


def _asked(request: HttpRequest, query: str, now: datetime) -> Asked:
    return understand(QueryDict(query[:4000]), request.account, now)  # type: ignore[attr-defined]


@require(Right.SEE_CUSTOMERS)
@require_safe
def cities(request: HttpRequest) -> HttpResponse:
    """The cities to choose from, as options: asked for when somebody is about to choose one."""
    return render(request, "customers/screens/list_cities.html", {"cities": queries.cities()})
