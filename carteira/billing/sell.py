"""A one-off invoice together with the data its payment method asked for: both or neither."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.billing.hold import hold_customer, hold_invoice
from carteira.billing.issue import CannotInvoice, invoice_once
from carteira.billing.models import Invoice, Payment
from carteira.billing.required_data import Payer, complete_with
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.customers.models import Customer

CHOSEN = kinds.register("invoice.method_chosen", gettext_lazy("Chosen how invoice {number} of {amount} is to be paid."))


def sell(
    customer: Customer, *, payer: Payer, data: Mapping[str, Any], by: Any, now: datetime, **invoice: Any
) -> Invoice:
    """Complete the payer's data (cleaned, may be empty) and make the invoice (issue.invoice_once)."""
    with transaction.atomic():
        complete_with(customer, payer, data, by=by, now=now)
        return invoice_once(customer, by=by, now=now, **invoice)


def choose_method(invoice: Invoice, *, method: str, by: Any, now: datetime) -> Invoice:
    """How an open invoice is to be paid ("": not decided). Raises CannotInvoice. Records invoice.method_chosen."""
    with transaction.atomic():
        hold_customer(Customer(pk=invoice.customer_id))
        invoice = hold_invoice(invoice.pk)
        if method and method not in Payment.Method.values:
            raise CannotInvoice(_("Unknown payment method."))
        if invoice.canceled_on or invoice.deleted_at or invoice.settled_on:
            raise CannotInvoice(_("Nothing is left to pay on this invoice."))
        if invoice.method != method:
            invoice.method = method
            invoice.save(update_fields=["method"])
            what = {"number": invoice.number, "amount": invoice.amount, "method": method}
            record(CHOSEN, by=by, now=now, customer_id=invoice.customer_id, subject_id=invoice.pk, what=what)
        return invoice
