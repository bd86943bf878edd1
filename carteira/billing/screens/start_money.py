"""Money on the first page: what came in this month, what is still to come, who owes."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from carteira.billing import ledger
from carteira.billing.ledger import Wanted
from carteira.billing.screens.rows import invoice_row
from carteira.billing.status import Status
from carteira.core import dates
from carteira.customers.lifecycle import view_of

SHOWN = 5


def month(request: HttpRequest) -> dict[str, Any]:
    """The month's invoices by the day they were paid and by the day they are due: two queries."""
    today = request.account.today(dates.now())  # type: ignore[attr-defined]
    first = today.replace(day=1)
    paid = ledger.totals(Wanted(today=today, month=first, by="paid"))[Status.PAID]
    due = ledger.totals(Wanted(today=today, month=first, by="due"))
    coming = due[Status.ISSUED] + due[Status.SCHEDULED]
    address = reverse("billing:all_invoices")
    return {
        "paid": paid,
        "coming": coming,
        "late": due[Status.OVERDUE],
        "paid_url": f"{address}?by=paid&status=paid",
        "coming_url": f"{address}?by=due&status=issued",
        "late_url": f"{address}?by=due&status=overdue",
    }


def debts(request: HttpRequest) -> dict[str, Any]:
    """The oldest debts, and what is owed in all: three queries."""
    account = request.account  # type: ignore[attr-defined]
    view = view_of(account, now=dates.now())
    page = ledger.page(Wanted(today=view.day, status=Status.OVERDUE, sort="due", descending=False), size=SHOWN)
    return {
        "rows": [invoice_row(invoice, view, account.currency) for invoice in ledger.rows(page.ids)],
        "total": ledger.open_totals(view.day)[Status.OVERDUE] if page.ids else None,
        "url": f"{reverse('billing:all_invoices')}?month=all&status=overdue",
    }
