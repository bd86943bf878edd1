"""One sum of money for several invoices of a customer: a payment of its own for each, all of them or none."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from carteira.billing.hold import hold_customer
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import CannotPay, SentBefore, record_payment, undo_payment
from carteira.customers.models import Customer

MOST = 50
# (invoice's id, or None for a new one-off invoice paid by it; minor units)
Part = tuple[UUID | None, int]


def record_split(
    customer: Customer,
    parts: Sequence[Part],
    *,
    paid_on: date,
    method: str,
    note: str = "",
    key: UUID,
    by: Any,
    now: datetime,
) -> list[Payment]:
    """Record a payment for each part, in their order, each as pay.record_payment does. Atomic.

    The payments' ids are `key` and the ids after it: the same parts with the same key record nothing and return the
    payments made before; other parts raise SentBefore. Raises CannotPay, Customer.DoesNotExist, Invoice.DoesNotExist.
    """
    with transaction.atomic():
        customer = hold_customer(customer)
        if not 0 < len(parts) <= MOST:
            raise CannotPay(_("Say how much goes to which invoice: at most %(most)s of them.") % {"most": MOST})
        if len({invoice for invoice, _amount in parts}) < len(parts):
            raise CannotPay(_("Each invoice gets one part."))
        made = _made(key)
        if made:
            if _same(made, customer, parts, paid_on):
                return made
            raise SentBefore(_("This form recorded payments already. Send it again to record others."))
        return [
            record_payment(
                customer,
                amount=amount,
                paid_on=paid_on,
                method=method,
                invoice=Invoice(pk=invoice) if invoice else None,
                note=note,
                key=_after(key, nth),
                by=by,
                now=now,
            )
            for nth, (invoice, amount) in enumerate(parts)
        ]


def undo_split(first: Payment, *, by: Any, now: datetime) -> list[Payment]:
    """Take every payment of a split back as of its own day, as if none had counted: pay.undo_payment of each.

    Raises CannotReverse where a part was taken back already; then nothing changes.
    """
    with transaction.atomic():
        hold_customer(Customer(pk=first.customer_id))
        return [undo_payment(payment, by=by, now=now) for payment in _made(first.pk)]


def distribute(amount: int, invoices: Sequence[Invoice]) -> tuple[list[int], int]:
    """How a sum is spread: the first invoice is paid first; what each gets and what is left over, in minor units."""
    gets = []
    for invoice in invoices:
        part = min(amount, invoice.balance)
        gets.append(part)
        amount -= part
    return gets, amount


def _after(key: UUID, nth: int) -> UUID:
    return UUID(int=key.int + nth)


def _made(key: UUID) -> list[Payment]:
    """The payments of one split: those recorded together with the first, under the ids from `key` on."""
    found = Payment.objects.filter(pk__gte=key, pk__lte=_after(key, MOST - 1), reverses=None).order_by("pk")
    payments = list(found)
    return [payment for payment in payments if payment.recorded_at == payments[0].recorded_at]


def _same(made: Sequence[Payment], customer: Customer, parts: Sequence[Part], paid_on: date) -> bool:
    """Whether these payments are what the parts ask for, in whatever order."""
    if any((payment.customer_id, payment.paid_on) != (customer.pk, paid_on) for payment in made):
        return False
    got = {payment.invoice_id: payment.amount for payment in made}
    rest = [amount for invoice, amount in parts if invoice is None]
    if any(got.pop(invoice, None) != amount for invoice, amount in parts if invoice is not None):
        return False
    return list(got.values()) == rest
