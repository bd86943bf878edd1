"""The search on top of every page (S2-19): the best hits of every room while one types; the list on Enter."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import registries
from carteira.customers import search
from carteira.customers.screens.asked import text_of

HITS = 8


@require(Right.SEE_CUSTOMERS)
@require_safe
def find_customers(request: HttpRequest) -> HttpResponse:
    text = search.shortened(text_of(request.GET, "q"))
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(reverse("customers:list") + ("?" + urlencode({"q": text}) if text else ""))
    may = request.membership.may  # type: ignore[attr-defined]
    groups = [
        {"label": source.label, "hits": source.find(text, HITS)}
        for source in registries.search_sources
        if text and (not source.right or may(source.right))
    ]
    return render(request, "core/ui/search_results.html", {"groups": groups})
