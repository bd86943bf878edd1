"""Making invoices: one-off ones by hand, and giving the number when the issue day has come."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.holidays import calendar_of
from carteira.billing.models import Invoice
from carteira.core import dates
from carteira.core.counters import take_numbers
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.customers import archive, facts
from carteira.customers.models import Customer


class CannotInvoice(ValueError):
    """Refused; the text is a sentence for the user."""


SCHEDULED = kinds.register("invoice.scheduled", gettext_lazy("Invoice of {amount} scheduled for {issue_on}."))
ISSUED = kinds.register("invoice.issued", gettext_lazy("Invoice {number} of {amount} issued, due {due_on}."))


def invoice_once(
    customer: Customer,
    *,
    amount: int,
    due_on: date,
    issue_on: date | None = None,
    description: str = "",
    by: Any,
    now: datetime,
) -> Invoice:
    """Make a one-off invoice (S2-23), issued at once when its issue day has come, else scheduled.

    `amount` in minor units, above 0. A new invoice re-opens an archived customer. Raises CannotInvoice.
    Records invoice.scheduled or invoice.issued.
    """
    with transaction.atomic():
        customer = Customer.objects.select_for_update().select_related("account").get(pk=customer.pk)
        today = customer.account.today(now)
        issue_on = issue_on or today
        if amount <= 0:
            raise CannotInvoice(_("The amount must be above zero."))
        if due_on < issue_on:
            raise CannotInvoice(_("The due date cannot be before the issue date."))
        invoice = Invoice.objects.create(
            customer=customer,
            description=description,
            amount=amount,
            issue_on=issue_on,
            due_on=due_on,
            effective_due_on=dates.effective_due(due_on, calendar_of(customer.account)),
            created_at=now,
        )
        if issue_on <= today:
            _issue(invoice, today=today, by=by, now=now)
        else:
            record(
                SCHEDULED,
                by=by,
                now=now,
                customer_id=customer.pk,
                subject_id=invoice.pk,
                what={"amount": amount, "issue_on": issue_on.isoformat(), "due_on": due_on.isoformat()},
            )
        archive.reopen(customer, since=today, by=by, now=now, note=_("A new invoice."))
        facts.refresh([customer.pk])
        return invoice


def issue_due(account: Any, now: datetime) -> int:
    """The hourly clock: issue every scheduled invoice whose issue day has come in the account's zone; how many."""
    today = account.today(now)
    issued = 0
    while True:
        with transaction.atomic():
            due = list(
                Invoice.objects.select_for_update(skip_locked=True)
                .filter(issued_on=None, deleted_at=None, canceled_on=None, issue_on__lte=today)
                .order_by("issue_on", "id")[:500]
            )
            for invoice in due:
                _issue(invoice, today=today, by=None, now=now)
            facts.refresh(list({invoice.customer_id for invoice in due}))
        issued += len(due)
        if len(due) < 500:
            return issued


def _issue(invoice: Invoice, *, today: date, by: Any, now: datetime) -> None:
    """Give the number. Whoever calls holds the invoice's row and refreshes the customer's facts."""
    invoice.number = invoice.number or str(take_numbers("invoice"))
    invoice.issued_at, invoice.issued_on = now, today
    invoice.save(update_fields=["number", "issued_at", "issued_on"])
    record(
        ISSUED,
        by=by,
        now=now,
        customer_id=invoice.customer_id,
        subject_id=invoice.pk,
        what={"number": invoice.number, "amount": invoice.amount, "due_on": invoice.due_on.isoformat()},
    )
