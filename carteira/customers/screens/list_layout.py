"""Which columns the list shows, in which order, how dense: chosen by a person for one business."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.accounts.tastes import remember, taste
from carteira.core import dates
from carteira.customers import columns, queries
from carteira.customers.screens.asked import understand
from carteira.customers.screens.list_columns import TASTE


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
        remember(membership, TASTE, {} if "usual" in request.POST else liked)
        return redirect(_back(request, request.POST.get("back", ""), now))
    liked = taste(membership, TASTE)
    context = {
        "choices": _choices(membership.may, liked.get("columns")),
        "dense": bool(liked.get("dense")),
        "query": request.GET.get("back", ""),
        "back": _back(request, request.GET.get("back", ""), now),
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
            "label": columns.columns[name].label,
            "chosen": name in names,
            "fixed": name == columns.NAME,
            "today_only": columns.columns[name].today_only,
        }
        for name in [*names, *(name for name in offered if name not in names)]
    ]


def _back(request: HttpRequest, query: str, now: datetime) -> str:
    asked = understand(QueryDict(query[:2000]), request.account, now)  # type: ignore[attr-defined]
    return reverse("customers:list") + asked.address()


@require(Right.SEE_CUSTOMERS)
@require_safe
def cities(request: HttpRequest) -> HttpResponse:
    """The cities to choose from, as options: asked for when somebody is about to choose one."""
    return render(request, "customers/screens/list_cities.html", {"cities": queries.cities()})
