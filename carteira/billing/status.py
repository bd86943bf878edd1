"""The status an invoice shows (S0-05), derived from its facts and a day; the first that holds (product decision 5)."""

from datetime import date
from enum import StrEnum

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from carteira.billing.models import Invoice


class Status(StrEnum):
    DELETED = "deleted"
    CANCELED = "canceled"
    SCHEDULED = "scheduled"
    PAID = "paid"
    OVERDUE = "overdue"
    ISSUED = "issued"


STATUS_NAMES = {
    Status.DELETED: _("Deleted"),
    Status.CANCELED: _("Canceled"),
    Status.SCHEDULED: _("Scheduled"),
    Status.PAID: _("Paid"),
    Status.OVERDUE: pgettext_lazy("invoice", "Overdue"),
    Status.ISSUED: _("Issued"),
}


def status_of(invoice: Invoice, day: date, *, paid: int | None = None) -> Status:
    """The status on the account's day `day`: today, unless `paid` says what was paid by the end of a past day."""
    if invoice.deleted_at is not None:
        return Status.DELETED
    if invoice.canceled_on is not None and invoice.canceled_on <= day:
        return Status.CANCELED
    if invoice.issued_on is None or invoice.issued_on > day:
        return Status.SCHEDULED
    if invoice.settled_on is not None if paid is None else paid >= invoice.amount:
        return Status.PAID
    return Status.OVERDUE if invoice.effective_due_on < day else Status.ISSUED


def with_status(status: Status, today: date) -> Q:
    """The same rule as a condition on invoices, for today."""
    kept, running = Q(deleted_at=None), Q(deleted_at=None, canceled_on=None)
    issued = running & Q(issued_on__isnull=False)
    return {
        Status.DELETED: Q(deleted_at__isnull=False),
        Status.CANCELED: kept & Q(canceled_on__isnull=False),
        Status.SCHEDULED: running & Q(issued_on=None),
        Status.PAID: issued & Q(settled_on__isnull=False),
        Status.OVERDUE: issued & Q(settled_on=None, effective_due_on__lt=today),
        Status.ISSUED: issued & Q(settled_on=None, effective_due_on__gte=today),
    }[status]


OPEN = Q(deleted_at=None, canceled_on=None, settled_on=None)
"""Scheduled, issued or overdue: what archiving waits for."""

BALANCE = F("amount") - F("paid_amount")
