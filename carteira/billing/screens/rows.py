"""Invoices and payments as the rows of a table show them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from carteira.billing import why
from carteira.billing.models import Invoice, Payment
from carteira.billing.status import Status, status_of
from carteira.customers.lifecycle import View


@dataclass(frozen=True)
class InvoiceRow:
    """`balance` in minor units: what is still owed as of the view's day, 0 for what nobody owes."""

    invoice: Invoice
    title: str
    status: Status
    label: str
    why: str
    balance: int


@dataclass(frozen=True)
class PaymentRow:
    """`reverses` tells what a reversal takes back; `taken_back` what went back of a payment, in minor units."""

    payment: Payment
    day: date
    reverses: str
    taken_back: int
    left: int


def invoice_row(invoice: Any, view: View, currency: str) -> InvoiceRow:
    """`invoice` as billing.queries reads it."""
    paid = invoice.paid_then
    status = status_of(invoice, view.day, paid=None if view.live else paid)
    owed = status in (Status.OVERDUE, Status.ISSUED, Status.SCHEDULED)
    return InvoiceRow(
        invoice,
        why.title(invoice),
        status,
        why.status_label(invoice, status, invoice.refunded),
        why.why(invoice, status, paid=paid, refunded=invoice.refunded, currency=currency),
        max(invoice.amount - paid, 0) if owed else 0,
    )


def payment_row(payment: Any) -> PaymentRow:
    """`payment` as billing.queries reads it."""
    reverses = why.reversal_text(payment, payment.reverses) if payment.reverses is not None else ""
    taken_back = int(payment.taken_back)
    return PaymentRow(payment, payment.paid_on, reverses, taken_back, payment.amount - taken_back)
