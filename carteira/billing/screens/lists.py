"""All invoices, and all payments, of one customer: pages of their own, and the older rows of the card's section."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.billing import queries
from carteira.billing.screens.rows import invoice_row, payment_row
from carteira.core import dates
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer
from carteira.customers.screens.asked import day_asked, text_of

PAGE = 25


@require(Right.SEE_MONEY)
@require_safe
def list_invoices(request: HttpRequest, id: UUID) -> HttpResponse:
    currency = request.account.currency  # type: ignore[attr-defined]

    def read(view: View, after: Any) -> tuple[list[Any], Any]:
        found, older = queries.invoices(id, view, after=after, size=PAGE)
        return [invoice_row(invoice, view, currency) for invoice in found], older

    return _list(request, id, "invoice", read)


@require(Right.SEE_MONEY)
@require_safe
def list_payments(request: HttpRequest, id: UUID) -> HttpResponse:
    def read(view: View, after: Any) -> tuple[list[Any], Any]:
        found, older = queries.payments(id, view, after=after, size=PAGE)
        return [payment_row(payment) for payment in found], older

    return _list(request, id, "payment", read)


def _list(
    request: HttpRequest, id: UUID, what: str, read: Callable[[View, Any], tuple[list[Any], Any]]
) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=id)
    view, notices = day_asked(request, dates.now())
    rows, older = read(view, queries.place_of(text_of(request.GET, "older")))
    context = {
        "customer": customer,
        "view": view,
        "notices": notices,
        "rows": rows,
        "older": older,
        "may_record": view.live and request.membership.may(Right.RECORD_PAYMENTS),  # type: ignore[attr-defined]
        "kind": what,
        "table": f"billing/screens/{what}_table.html",
    }
    template = f"billing/screens/{what}_rows.html" if request.htmx else "billing/screens/lists.html"  # type: ignore[attr-defined]
    return render(request, template, context)
