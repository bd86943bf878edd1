"""Taking an invoice back before anybody paid it, and undoing that."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.holidays import calendar_of
from carteira.billing.hold import hold_customer, hold_invoice
from carteira.billing.models import Invoice
from carteira.core import dates
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.ui.formats import day as day_text
from carteira.customers import archive, facts
from carteira.customers.models import Customer


class CannotCancel(ValueError):
    """Refused; the text is a sentence for the user."""


CANCELED = kinds.register("invoice.canceled", gettext_lazy("Invoice {number} of {amount} canceled as of {on}. {note}"))
DELETED = kinds.register(
    "invoice.deleted", gettext_lazy("Invoice of {amount} scheduled for {issue_on} deleted. {note}")
)
RESTORED = kinds.register("invoice.restored", gettext_lazy("Invoice {number} of {amount} is valid again."))


def cancel_invoice(invoice: Invoice, *, reason: str, on: date | None = None, by: Any, now: datetime) -> Invoice:
    """Cancel an invoice nobody paid, as of `on` (account's day, default today; not before it was issued).

    One that is only scheduled never had a number: it is deleted, and needs no reason (product decision 5). Both stay
    listable. Raises CannotCancel. Records invoice.canceled or invoice.deleted.
    """
    with transaction.atomic():
        customer = hold_customer(Customer(pk=invoice.customer_id))
        invoice = hold_invoice(invoice.pk)
        today = customer.account.today(now)
        on = on or today
        if on > today:
            raise CannotCancel(_("The day of canceling cannot be in the future."))
        cancel_held(invoice, reason=reason, on=on, by=by, now=now)
        facts.refresh([customer.pk])
        return invoice


def cancel_held(invoice: Invoice, *, reason: str, on: date, by: Any, now: datetime) -> None:
    """The same, for whoever holds customer and invoice and refreshes the customer's facts."""
    if invoice.canceled_on is not None or invoice.deleted_at is not None:
        raise CannotCancel(_("This invoice was canceled already."))
    if invoice.paid_amount > 0:
        raise CannotCancel(
            _("Something was paid on this invoice. Take the payment back first; then it can be canceled.")
        )
    if invoice.issued_on is None:
        invoice.deleted_at, invoice.cancel_reason = now, reason
        invoice.save(update_fields=["deleted_at", "cancel_reason"])
        what = {"amount": invoice.amount, "issue_on": invoice.issue_on.isoformat()}
        _tell(DELETED, invoice, what, reason, by=by, now=now)
        return
    if not reason:
        raise CannotCancel(_("Say why the invoice is canceled."))
    if on < invoice.issued_on:
        raise CannotCancel(
            _("This invoice was issued on %(day)s: cancel it as of that day or later.")
            % {"day": day_text(invoice.issued_on)}
        )
    invoice.canceled_on, invoice.cancel_reason = on, reason
    invoice.save(update_fields=["canceled_on", "cancel_reason"])
    what = {"number": invoice.number, "amount": invoice.amount, "on": on.isoformat()}
    _tell(CANCELED, invoice, what, reason, by=by, now=now)


def restore_invoice(invoice: Invoice, *, by: Any, now: datetime) -> Invoice:
    """Make a canceled or deleted invoice valid again, as if it had never been canceled. Re-opens its customer.

    Raises CannotCancel when it is neither. Records invoice.restored.
    """
    with transaction.atomic():
        customer = hold_customer(Customer(pk=invoice.customer_id))
        invoice = hold_invoice(invoice.pk)
        if invoice.canceled_on is None and invoice.deleted_at is None:
            raise CannotCancel(_("This invoice is valid already."))
        invoice.canceled_on = invoice.deleted_at = None
        invoice.cancel_reason = ""
        # Holidays may have changed while it was not open.
        invoice.effective_due_on = dates.effective_due(invoice.due_on, calendar_of(customer.account))
        invoice.save(update_fields=["canceled_on", "deleted_at", "cancel_reason", "effective_due_on"])
        what = {"number": invoice.number, "amount": invoice.amount}
        _tell(RESTORED, invoice, what, "", by=by, now=now)
        today = customer.account.today(now)
        archive.reopen(customer, since=today, by=by, now=now, note=_("An invoice became valid again."))
        facts.refresh([customer.pk])
        return invoice


def _tell(kind: str, invoice: Invoice, what: dict[str, Any], note: str, *, by: Any, now: datetime) -> None:
    record(
        kind,
        by=by,
        now=now,
        customer_id=invoice.customer_id,
        subject_id=invoice.pk,
        what=what,
        personal={"note": note} if note else None,
    )
