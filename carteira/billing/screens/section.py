"""The section "Payments" of a customer's card (S2-20, S2-31): what was paid, what is open, and what can be done."""

from typing import Any

from django.http import HttpRequest

from carteira.accounts.roles import Right
from carteira.billing import queries
from carteira.billing.screens.rows import invoice_row, payment_row
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer

SHOWN = 8


def context(request: HttpRequest, customer: Customer, view: View) -> dict[str, Any]:
    """Two queries, however much there is. As of a past day only what had happened by then, and nothing to do."""
    currency = request.account.currency  # type: ignore[attr-defined]
    invoices, older_invoices = queries.invoices(customer.pk, view, size=SHOWN, summed=True)
    payments, older_payments = queries.payments(customer.pk, view, size=SHOWN, summed=True)
    return {
        "summary": queries.summary(invoices, payments),
        "last_paid_on": payments[0].last_paid_on if payments else None,
        "invoices": [invoice_row(invoice, view, currency) for invoice in invoices],
        "payments": [payment_row(payment) for payment in payments],
        "older_invoices": older_invoices,
        "older_payments": older_payments,
        "may_record": view.live and request.membership.may(Right.RECORD_PAYMENTS),  # type: ignore[attr-defined]
    }
