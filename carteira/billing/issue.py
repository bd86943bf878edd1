"""Making invoices: one-off ones by hand, and giving the number when the issue day has come."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.holidays import calendar_of
from carteira.billing.hold import hold_customer
from carteira.billing.models import Invoice
from carteira.core import dates
from carteira.core.counters import take_numbers
from carteira.core.events import kinds
from carteira.core.events.record import record, record_many
from carteira.customers import archive, facts
from carteira.customers.models import Customer


class CannotInvoice(ValueError):
    """Refused; the text is a sentence for the user."""


SCHEDULED = kinds.register(
    "invoice.scheduled", gettext_lazy("Invoice of {amount} scheduled for {issue_on}, due {due_on}.")
)
ISSUED = kinds.register("invoice.issued", gettext_lazy("Invoice {number} of {amount} issued, due {due_on}."))

_BATCH = 500


def invoice_once(
    customer: Customer,
    *,
    amount: int,
    due_on: date,
    issue_on: date | None = None,
    description: str = "",
    method: str = "",
    key: UUID | None = None,
    by: Any,
    now: datetime,
) -> Invoice:
    """Make a one-off invoice (S2-23), issued at once when its issue day has come, else scheduled.

    `amount` in minor units, above 0. A new invoice re-opens an archived customer. `key` becomes the invoice's id: the
    same key again makes nothing and returns the invoice made before. `method`: how it is to be paid. Raises CannotInvoice, Customer.DoesNotExist.
    Records invoice.scheduled or invoice.issued.
    """
    try:
        with transaction.atomic():
            customer = hold_customer(customer)
            today = customer.account.today(now)
            issue_on = issue_on or today
            if amount <= 0:
                raise CannotInvoice(_("The amount must be above zero."))
            if due_on < issue_on:
                raise CannotInvoice(_("The due date cannot be before the issue date."))
            invoice = Invoice(
                customer=customer,
                description=description,
                method=method,
                amount=amount,
                issue_on=issue_on,
                due_on=due_on,
                effective_due_on=dates.effective_due(due_on, calendar_of(customer.account)),
                created_at=now,
            )
            if key is not None:
                invoice.pk = key
            invoice.save(force_insert=True)
            if issue_on <= today:
                issue_held([invoice], today=today, by=by, now=now)
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
    except IntegrityError:
        made = Invoice.objects.filter(pk=key).first() if key is not None else None
        if made is None:
            raise
        if (made.customer_id, made.amount, made.due_on) == (customer.pk, amount, due_on):
            return made
        raise CannotInvoice(_("This form made an invoice already. Open it again to make another one.")) from None


def issue_due(account: Any, now: datetime) -> int:
    """The hourly clock: issue every scheduled invoice whose issue day has come in the account's zone; how many."""
    today = account.today(now)
    issued = 0
    while True:
        with transaction.atomic():
            found, some = _issue_some(today, now)
        issued += some
        if found < _BATCH:
            return issued


def _issue_some(today: date, now: datetime) -> tuple[int, int]:
    """Issue at most a batch; how many were due and how many of them were still to be issued once held."""
    scheduled = Invoice.objects.filter(issued_on=None, deleted_at=None, canceled_on=None, issue_on__lte=today)
    due = list(scheduled.order_by("issue_on", "id").values_list("id", "customer_id")[:_BATCH])
    if not due:
        return 0, 0
    customers = {customer_id for _id, customer_id in due}
    # Customers first, in the order in which everybody takes them (billing.hold).
    held = Customer.objects.select_for_update(no_key=True).filter(pk__in=customers).order_by("pk")
    list(held.values_list("pk"))
    invoices = list(
        scheduled.select_for_update(no_key=True).filter(pk__in=[id for id, _customer in due]).order_by("issue_on", "id")
    )
    issue_held(invoices, today=today, by=None, now=now)
    facts.refresh(sorted({invoice.customer_id for invoice in invoices}))
    return len(due), len(invoices)


def issue_held(invoices: Sequence[Invoice], *, today: date, by: Any, now: datetime) -> None:
    """Give the numbers. What is issued before its day (a click, a payment) has today as its issue day; the due day stays.

    Whoever calls holds the customers and the invoices, and refreshes the facts.
    """
    if not invoices:
        return
    nameless = [invoice for invoice in invoices if not invoice.number]  # imported ones brought theirs
    first = take_numbers("invoice", len(nameless)) if nameless else 0
    for nth, invoice in enumerate(nameless):
        invoice.number = str(first + nth)
    for invoice in invoices:
        invoice.issued_at, invoice.issued_on = now, today
        invoice.issue_on = min(invoice.issue_on, today)
    Invoice.objects.bulk_update(invoices, ["number", "issued_at", "issued_on", "issue_on"])
    record_many(
        ISSUED,
        [
            {
                "customer_id": invoice.customer_id,
                "subject_id": invoice.pk,
                "what": {
                    "number": invoice.number,
                    "amount": invoice.amount,
                    "due_on": invoice.due_on.isoformat(),
                },
            }
            for invoice in invoices
        ],
        by=by,
        now=now,
    )
