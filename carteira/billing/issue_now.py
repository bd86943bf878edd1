"""Issuing a scheduled invoice before its day, by a click."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from carteira.billing.hold import hold_customer, hold_invoice
from carteira.billing.issue import CannotInvoice, issue_held
from carteira.billing.models import Invoice
from carteira.customers import facts
from carteira.customers.models import Customer


def issue_now(invoice: Invoice, *, by: Any, now: datetime) -> Invoice:
    """Give a scheduled invoice its number today (product decision 5); today becomes its issue day, the due day stays.

    Raises CannotInvoice when it is issued, canceled or deleted already. Records invoice.issued.
    """
    with transaction.atomic():
        customer = hold_customer(Customer(pk=invoice.customer_id))
        invoice = hold_invoice(invoice.pk)
        if invoice.deleted_at is not None or invoice.canceled_on is not None:
            raise CannotInvoice(_("This invoice was canceled."))
        if invoice.issued_on is not None:
            raise CannotInvoice(_("This invoice was issued already."))
        today = customer.account.today(now)
        issue_held([invoice], today=today, by=by, now=now)
        facts.refresh([customer.pk])
        return invoice
