"""A one-off invoice begun from the list of invoices: whom it is for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.billing.screens.asked import found_by_name
from carteira.customers import search
from carteira.customers.screens.asked import text_of

SHOWN = 20


@require(Right.RECORD_PAYMENTS)
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    query = search.shortened(text_of(request.GET, "q"))
    found = found_by_name(query, SHOWN + 1)
    rows = [
        {"customer": customer, "url": reverse("billing:new_invoice", args=[customer.pk])} for customer in found[:SHOWN]
    ]
    context = {"query": query, "rows": rows, "more": len(found) > SHOWN}
    name = "choose_customer_found" if request.htmx else "choose_customer"  # type: ignore[attr-defined]
    return render(request, f"billing/screens/{name}.html", context)
