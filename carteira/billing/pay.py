"""Money that arrives, and money that goes back."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.holidays import calendar_of
from carteira.accounts.models import Account
from carteira.billing.cancel import cancel_held
from carteira.billing.hold import hold_customer, hold_invoice
from carteira.billing.issue import issue_held
from carteira.billing.models import Invoice, Payment
from carteira.core import dates
from carteira.core.counters import take_numbers
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.ui.formats import day as day_text
from carteira.core.ui.formats import money
from carteira.core.walls.insert import insert
from carteira.customers import archive, facts
from carteira.customers.models import Customer
from carteira.customers.payment_arrived import payment_arrived


class CannotPay(ValueError):
    """Refused; the text is a sentence for the user."""


class CannotReverse(ValueError):
    """Refused; the text is a sentence for the user."""


class SentBefore(CannotPay):
    """The key was used for another payment; with a new key the same is accepted."""


RECEIVED = kinds.register(
    "payment.received", gettext_lazy("Payment of {amount} of {paid_on} recorded for invoice {invoice}. {note}")
)
REVERSED = kinds.register(
    "payment.reversed",
    gettext_lazy("Payment of {amount} taken back as of {on}: invoice {invoice} owes it again. {note}"),
)
REFUNDED = kinds.register(
    "payment.refunded", gettext_lazy("{amount} refunded as of {on}: invoice {invoice} stays paid. {note}")
)


def record_payment(
    customer: Customer,
    *,
    amount: int,
    paid_on: date,
    method: str,
    invoice: Invoice | None = None,
    note: str = "",
    key: UUID | None = None,
    by: Any,
    now: datetime,
) -> Payment:
    """Record money that arrived on `paid_on` (account's day; the future is refused, product decision 2).

    With an invoice it reduces that invoice's balance (never below zero); without one it makes a one-off invoice paid
    by it, as an import does. `amount` in minor units, above 0. A payment on or after the day of archiving re-opens
    the customer. Both rows are read again by id, so references (`Customer(pk=…)`) are enough.

    `key` becomes the payment's id: the same call with the same key records nothing and returns the payment made
    before. Raises CannotPay (SentBefore when the key belongs to another payment), Customer.DoesNotExist,
    Invoice.DoesNotExist. Records payment.received.
    """
    try:
        with transaction.atomic():
            customer = hold_customer(customer)
            _refuse_impossible(customer.account, amount=amount, paid_on=paid_on, method=method, now=now)
            if invoice is None:
                paid = _paid_one_off(customer, amount=amount, on=paid_on, now=now)
            else:
                paid = hold_invoice(invoice.pk)
                _refuse_unpayable(paid, customer, amount)
                if paid.issued_on is None:
                    # Money before the issue day is the click that issues it: what is paid has a number.
                    issue_held([paid], today=customer.account.today(now), by=by, now=now)
            payment = Payment(
                customer=customer,
                invoice=paid,
                amount=amount,
                paid_on=paid_on,
                method=method,
                note=note,
                recorded_at=now,
            )
            if key is not None:
                payment.pk = key
            insert(payment)
            if invoice is not None:
                settle(paid)
            archive.reopen(customer, since=paid_on, by=by, now=now, note=_("A payment arrived."))
            payment_arrived(customer.pk, on=paid_on, debts=invoice is not None)
            record(
                RECEIVED,
                by=by,
                now=now,
                customer_id=customer.pk,
                subject_id=payment.pk,
                what={
                    "amount": amount,
                    "paid_on": paid_on.isoformat(),
                    "method": method,
                    "invoice": paid.number,
                },
                personal={"note": note} if note else None,
            )
            return payment
    except (CannotPay, IntegrityError):
        made = made_before(key)
        if made is None:
            raise
        same = (made.customer_id, made.amount, made.paid_on) == (customer.pk, amount, paid_on)
        if same and made.reverses_id is None and (invoice is None or invoice.pk == made.invoice_id):
            return made
        raise SentBefore(_told_before(made, customer.account)) from None


def reverse_payment(
    payment: Payment,
    *,
    amount: int | None = None,
    on: date | None = None,
    owed_again: bool = True,
    note: str = "",
    key: UUID | None = None,
    by: Any,
    now: datetime,
) -> Payment:
    """Take a payment back, wholly or in part, as of `on` (account's day, default today): a row of its own.

    The invoice owes that much again (a chargeback, a bounced cheque) and an archived customer comes back, unless
    `owed_again` is false: a refund, after which it stays paid. `key` as in record_payment. Raises CannotReverse.
    Records payment.reversed or payment.refunded.
    """
    try:
        with transaction.atomic():
            customer = hold_customer(Customer(pk=payment.customer_id))
            today = customer.account.today(now)
            on = on or today
            if on > today:
                raise CannotReverse(_("A reversal cannot be dated in the future."))
            reversal = _take_back(
                payment, customer, amount=amount, on=on, owed_again=owed_again, note=note, key=key, by=by, now=now
            )
            if owed_again:
                archive.reopen(customer, since=on, by=by, now=now, note=_("A payment was taken back."))
            facts.refresh([customer.pk])
            return reversal
    except (CannotReverse, IntegrityError) as error:
        made = made_before(key)
        if made is not None and made.reverses_id == payment.pk:
            return made
        if made is None or isinstance(error, CannotReverse):
            raise
        raise CannotReverse(_told_before(made, customer.account)) from None


def undo_payment(payment: Payment, *, by: Any, now: datetime) -> Payment:
    """Take a payment recorded by mistake wholly back as of its own day: as if it had never counted.

    Still a reversing row. An invoice that was made together with the payment is canceled as of its issue day, so that
    nobody owes it. Raises CannotReverse. Records payment.reversed, and invoice.canceled.
    """
    with transaction.atomic():
        customer = hold_customer(Customer(pk=payment.customer_id))
        payment = Payment.objects.select_related("invoice").get(pk=payment.pk)
        if payment.reversals.exists():
            raise CannotReverse(_("A part of this payment was taken back already. Take back what is left of it."))
        note = _("Recorded by mistake.")
        reversal = _take_back(payment, customer, on=payment.paid_on, note=note, by=by, now=now)
        if payment.invoice is not None and born_together(payment, payment.invoice):
            invoice = hold_invoice(payment.invoice_id)
            cancel_held(invoice, reason=note, on=invoice.issued_on, by=by, now=now)
        facts.refresh([customer.pk])
        return reversal


def born_together(payment: Payment, invoice: Invoice) -> bool:
    """Whether the invoice was made by recording this payment, for nothing else."""
    return invoice.created_at == payment.recorded_at


def made_before(key: UUID | None) -> Payment | None:
    """The payment a form with this key made when it was sent the first time."""
    return Payment.objects.filter(pk=key).first() if key is not None else None


SETTLING = Q(reverses=None) | Q(owed_again=True)
"""Entries that move an invoice's balance: all but refunds after which nothing is owed."""


def settle(invoice: Invoice, account: Account | None = None) -> None:
    """Rewrite the invoice's caches from its payments: what is paid, and since when nothing is owed.

    With `account`, an invoice that is open after it gets the effective due date its calendar gives today: holidays may
    have changed while it was settled, and a paid one-off invoice never had one (product decision 6).
    """
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
    changed = ["paid_amount", "settled_on"]
    if account is not None and settled_on is None:
        invoice.effective_due_on = dates.effective_due(invoice.due_on, calendar_of(account))
        changed.append("effective_due_on")
    invoice.save(update_fields=changed)


def _take_back(
    payment: Payment,
    customer: Customer,
    *,
    amount: int | None = None,
    on: date,
    owed_again: bool = True,
    note: str,
    key: UUID | None = None,
    by: Any,
    now: datetime,
) -> Payment:
    """The reversing row and the invoice's caches. Whoever calls holds the customer and refreshes its facts."""
    payment = Payment.objects.select_related("invoice").get(pk=payment.pk)
    if payment.reverses_id is not None:
        raise CannotReverse(_("This is a reversal itself."))
    left = payment.amount + (payment.reversals.aggregate(sum=Sum("amount"))["sum"] or 0)
    amount = left if amount is None else amount
    if left <= 0:
        raise CannotReverse(_("This payment was taken back already."))
    if amount <= 0:
        raise CannotReverse(_("The amount must be above zero."))
    if amount > left:
        raise CannotReverse(
            _("More than what is left of the payment cannot be taken back: %(left)s.")
            % {"left": money(left, customer.account.currency)}
        )
    if on < payment.paid_on:
        raise CannotReverse(_("A reversal cannot be dated before the payment."))
    reversal = Payment(
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
    if key is not None:
        reversal.pk = key
    insert(reversal)
    if payment.invoice_id is not None and owed_again:
        settle(hold_invoice(payment.invoice_id), customer.account)
    record(
        REVERSED if owed_again else REFUNDED,
        by=by,
        now=now,
        customer_id=customer.pk,
        subject_id=reversal.pk,
        what={
            "amount": amount,
            "on": on.isoformat(),
            "invoice": payment.invoice.number if payment.invoice else "",
        },
        personal={"note": note} if note else None,
    )
    return reversal


def _paid_one_off(customer: Customer, *, amount: int, on: date, now: datetime) -> Invoice:
    invoice = Invoice(
        customer=customer,
        number=str(take_numbers("invoice")),
        amount=amount,
        issue_on=on,
        issued_at=now,
        issued_on=on,
        due_on=on,
        effective_due_on=on,
        created_at=now,
        paid_amount=amount,
        settled_on=on,
    )
    insert(invoice)
    return invoice


def _refuse_impossible(account: Account, *, amount: int, paid_on: date, method: str, now: datetime) -> None:
    if amount <= 0:
        raise CannotPay(_("The amount must be above zero."))
    if paid_on > account.today(now):
        raise CannotPay(_("A payment cannot be dated in the future."))
    if method not in Payment.Method.values:
        raise CannotPay(_("Unknown payment method."))


def _refuse_unpayable(invoice: Invoice, customer: Customer, amount: int) -> None:
    if invoice.customer_id != customer.pk:
        raise CannotPay(_("This invoice belongs to another customer."))
    if invoice.deleted_at is not None or invoice.canceled_on is not None:
        raise CannotPay(_("This invoice was canceled."))
    if invoice.balance == 0:
        raise CannotPay(_("This invoice is paid already."))
    if amount > invoice.balance:
        raise CannotPay(
            _("That is more than what is left to pay on this invoice: %(left)s.")
            % {"left": money(invoice.balance, customer.account.currency)}
        )


def _told_before(made: Payment, account: Account) -> str:
    return _("This form recorded a payment of %(amount)s on %(day)s already. Send it again to record another one.") % {
        "amount": money(made.amount, account.currency),
        "day": day_text(made.paid_on),
    }
