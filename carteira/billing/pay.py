"""Money that arrives, and money that goes back."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.billing.models import Invoice, Payment
from carteira.core.counters import take_numbers
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.customers import archive, facts
from carteira.customers.models import Customer


class CannotPay(ValueError):
    """Refused; the text is a sentence for the user."""


class CannotReverse(ValueError):
    """Refused; the text is a sentence for the user."""


RECEIVED = kinds.register("payment.received", gettext_lazy("Payment of {amount} received on {paid_on}."))
REVERSED = kinds.register("payment.reversed", gettext_lazy("Payment of {amount} taken back on {on}. {note}"))


def record_payment(
    customer: Customer,
    *,
    amount: int,
    paid_on: date,
    method: str,
    invoice: Invoice | None = None,
    note: str = "",
    by: Any,
    now: datetime,
) -> Payment:
    """Record money that arrived on `paid_on` (account's day; the future is refused, product decision 2).

    With an invoice it reduces that invoice's balance (never below zero); without one it makes a one-off invoice paid
    by it, as an import does. `amount` in minor units, above 0. A payment on or after the day of archiving re-opens
    the customer. Raises CannotPay. Records payment.received.
    """
    with transaction.atomic():
        customer = Customer.objects.select_for_update().select_related("account").get(pk=customer.pk)
        today = customer.account.today(now)
        if amount <= 0:
            raise CannotPay(_("The amount must be above zero."))
        if paid_on > today:
            raise CannotPay(_("A payment cannot be dated in the future."))
        if method not in Payment.Method.values:
            raise CannotPay(_("Unknown payment method."))
        if invoice is None:
            invoice = _paid_one_off(customer, amount=amount, on=paid_on, now=now)
        else:
            invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
            _refuse_unpayable(invoice, customer, amount)
        payment = Payment.objects.create(
            customer=customer,
            invoice=invoice,
            amount=amount,
            paid_on=paid_on,
            method=method,
            note=note,
            recorded_at=now,
        )
        settle(invoice)
        archive.reopen(customer, since=paid_on, by=by, now=now, note=_("A payment arrived."))
        facts.refresh([customer.pk])
        record(
            RECEIVED,
            by=by,
            now=now,
            customer_id=customer.pk,
            subject_id=payment.pk,
            what={"amount": amount, "paid_on": paid_on.isoformat(), "method": method, "invoice": invoice.number},
        )
        return payment


def reverse_payment(
    payment: Payment,
    *,
    amount: int | None = None,
    on: date | None = None,
    owed_again: bool = True,
    note: str = "",
    by: Any,
    now: datetime,
) -> Payment:
    """Take a payment back, wholly or in part, as of `on` (account's day, default today): a row of its own.

    The invoice owes that much again, unless `owed_again` is false: a refund, after which it stays paid. Raises CannotReverse. Records payment.reversed.
    """
    with transaction.atomic():
        customer = Customer.objects.select_for_update().select_related("account").get(pk=payment.customer_id)
        payment = Payment.objects.get(pk=payment.pk)
        today = customer.account.today(now)
        on = on or today
        if payment.reverses_id is not None:
            raise CannotReverse(_("This is a reversal itself."))
        left = payment.amount + (payment.reversals.aggregate(sum=Sum("amount"))["sum"] or 0)
        amount = left if amount is None else amount
        if left <= 0:
            raise CannotReverse(_("This payment was taken back already."))
        if not 0 < amount <= left:
            raise CannotReverse(_("More than what is left of the payment cannot be taken back."))
        if on > today:
            raise CannotReverse(_("A reversal cannot be dated in the future."))
        if on < payment.paid_on:
            raise CannotReverse(_("A reversal cannot be dated before the payment."))
        reversal = Payment.objects.create(
            customer=customer,
            invoice_id=payment.invoice_id,
            reverses=payment,
            owed_again=owed_again,
            amount=-amount,
            paid_on=on,
            method=payment.method,
            note=note,
            recorded_at=now,
        )
        if payment.invoice_id is not None:
            settle(Invoice.objects.select_for_update().get(pk=payment.invoice_id))
        facts.refresh([customer.pk])
        record(
            REVERSED,
            by=by,
            now=now,
            customer_id=customer.pk,
            subject_id=reversal.pk,
            what={"amount": amount, "on": on.isoformat()},
            personal={"note": note} if note else None,
        )
        return reversal


SETTLING = Q(reverses=None) | Q(owed_again=True)
"""Entries that move an invoice's balance: all but refunds after which nothing is owed."""


def settle(invoice: Invoice) -> None:
    """Rewrite the invoice's caches from its payments: what is paid, and since when nothing is owed."""
    paid, settled_on = 0, None
    entries = invoice.payments.filter(SETTLING).order_by("paid_on")
    by_day: dict[date, int] = {}
    for day, amount in entries.values_list("paid_on", "amount"):
        by_day[day] = by_day.get(day, 0) + amount
    for day, amount in by_day.items():
        was_settled = paid >= invoice.amount
        paid += amount
        if paid < invoice.amount:
            settled_on = None
        elif not was_settled or settled_on is None:
            settled_on = day
    invoice.paid_amount, invoice.settled_on = paid, settled_on
    invoice.save(update_fields=["paid_amount", "settled_on"])


def _paid_one_off(customer: Customer, *, amount: int, on: date, now: datetime) -> Invoice:
    return Invoice.objects.create(
        customer=customer,
        number=str(take_numbers("invoice")),
        amount=amount,
        issue_on=on,
        issued_at=now,
        issued_on=on,
        due_on=on,
        effective_due_on=on,
        created_at=now,
    )


def _refuse_unpayable(invoice: Invoice, customer: Customer, amount: int) -> None:
    if invoice.customer_id != customer.pk:
        raise CannotPay(_("This invoice belongs to another customer."))
    if invoice.deleted_at is not None or invoice.canceled_on is not None:
        raise CannotPay(_("This invoice was canceled."))
    if invoice.balance == 0:
        raise CannotPay(_("This invoice is paid already."))
    if amount > invoice.balance:
        raise CannotPay(_("That is more than what is left to pay on this invoice."))
