"""The palette (Ctrl+K): whatever somebody wants to reach or do, by keyboard alone. Without scripts it is a page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.customers.search import shortened
from carteira.home.palette import RECENT, customers_for, offered, step_of

_LONGEST = 1000  # of what the browser says was opened lately


@require(Right.ENTER)
@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """GET q=text, recent=customers:<id>,…, act=<name of an act that waits for a customer>."""
    may = request.membership.may  # type: ignore[attr-defined]
    text = shortened(request.GET.get("q", "").replace("\0", ""))
    recent = request.GET.get("recent", "")[:_LONGEST].split(",")[:RECENT]
    name = request.GET.get("act", "")
    act = step_of(name, may)
    groups = customers_for(name, act, text, recent, may) if act else offered(text, recent, may)
    context = {
        "groups": groups,
        "prefix": "go",
        "text": text,
        "act": act,
        "act_name": name if act else "",
        "found": any(group.hits for group in groups),
    }
    htmx = request.htmx  # type: ignore[attr-defined]
    return render(request, "core/ui/search_results.html" if htmx else "home/screens/palette.html", context)
