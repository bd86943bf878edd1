"""Reading one customer's money: invoices and payments newest first, page by page, live or as of a day."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, Window
from django.db.models.expressions import Combinable
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.db.models.functions import Coalesce, Greatest

from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import SETTLING
from carteira.billing.status import OPEN
from carteira.customers.lifecycle import View

# How many open invoices the form of a payment offers.
OFFERED = 50


@dataclass(frozen=True)
class Place:
    """Where a page ends: the day its last row is sorted by, and its id."""

    day: date
    id: UUID

    def __str__(self) -> str:
        return f"{self.day.isoformat()}~{self.id.hex}"


def place_of(text: str) -> Place | None:
    """The place an address names; None for none (then the list begins anew)."""
    day, _mark, id = text.partition("~")
    try:
        return Place(date.fromisoformat(day), UUID(id))
    except ValueError:
        return None


@dataclass(frozen=True)
class Summary:
    """A customer's money as of the view's day, in minor units. `open` is issued and unpaid, `overdue` a part of it."""

    paid: int = 0
    open: int = 0
    overdue: int = 0


def _sum(rows: QuerySet) -> Combinable:
    """A correlated sum of payments' amounts, 0 where there are none."""
    summed = rows.order_by().values("account_id").annotate(sum=Sum("amount")).values("sum")
    return Coalesce(Subquery(summed, output_field=BigIntegerField()), Value(0), output_field=BigIntegerField())


def _over_all(rows: Combinable | str, condition: Q) -> Window:
    return Window(Sum(rows, filter=condition, output_field=BigIntegerField()))


def invoices(
    customer_id: UUID, view: View, *, after: Place | None = None, size: int, summed: bool = False
) -> tuple[list[Any], Place | None]:
    """Invoices, newest issue day first, and where older ones begin (None at the end). One query.

    Each carries `paid_then` (minor units paid by the view's day, what was refunded since included) and `refunded`
    (given back without being owed again); with `summed` also `open_in_all` and `overdue_in_all` of the customer. A
    past view has those issued or to be issued by then.
    """
    found = Invoice.objects.filter(customer_id=customer_id)
    entries = Payment.objects.filter(invoice_id=OuterRef("id"), paid_on__lte=view.day)
    if view.live:
        found = found.annotate(paid_then=F("paid_amount"))
    else:
        found = found.filter(issue_on__lte=view.day).annotate(paid_then=_sum(entries.filter(SETTLING)))
    found = found.annotate(refunded=-_sum(entries.filter(reverses__isnull=False, owed_again=False)))
    if summed:
        owed = Q(deleted_at=None, issued_on__lte=view.day) & (Q(canceled_on=None) | Q(canceled_on__gt=view.day))
        left = Greatest(F("amount") - F("paid_then"), Value(0), output_field=BigIntegerField())
        found = found.annotate(left_then=left).annotate(
            open_in_all=_over_all("left_then", owed),
            overdue_in_all=_over_all("left_then", owed & Q(effective_due_on__lt=view.day)),
        )
    return _page(found, "issue_on", after, size)


def payments(
    customer_id: UUID, view: View, *, after: Place | None = None, size: int, summed: bool = False
) -> tuple[list[Any], Place | None]:
    """Payments and reversals, newest day first, and where older ones begin (None at the end). One query.

    Each carries `taken_back` (minor units of it that went back by the view's day), its invoice, and what it reverses;
    with `summed` also `paid_in_all` and `last_paid_on` of the customer.
    """
    own = Payment.objects.filter(customer_id=customer_id)
    if not view.live:
        own = own.filter(paid_on__lte=view.day)
    reversals = Payment.objects.filter(reverses_id=OuterRef("id"), paid_on__lte=view.day)
    found = own.select_related("invoice", "reverses").annotate(taken_back=-_sum(reversals))
    if summed:
        # Questions of their own, not windows: those would look up the invoice of every payment there ever was.
        counting = own.filter(reverses=None).annotate(back=-_sum(reversals)).filter(amount__gt=F("back"))
        found = found.annotate(
            paid_in_all=_sum(own), last_paid_on=Subquery(counting.order_by("-paid_on").values("paid_on")[:1])
        )
    return _page(found, "paid_on", after, size)


def _page(found: QuerySet, column: str, after: Place | None, size: int) -> tuple[list[Any], Place | None]:
    if after is not None:
        found = found.filter(TupleLessThan(Tuple(F(column), F("id")), (after.day, after.id)))
    rows = list(found.order_by(f"-{column}", "-id")[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    return rows, Place(getattr(rows[-1], column), rows[-1].pk) if more else None


def summary(invoices: list[Any], payments: list[Any]) -> Summary:
    """From the first pages, read with `summed`."""
    return Summary(
        paid=int(payments[0].paid_in_all or 0) if payments else 0,
        open=int(invoices[0].open_in_all or 0) if invoices else 0,
        overdue=int(invoices[0].overdue_in_all or 0) if invoices else 0,
    )


def open_invoices(customer_id: UUID, *, limit: int = OFFERED) -> list[Invoice]:
    """What can be paid: issued ones first, the one due first on top; then those only scheduled."""
    unpaid = Invoice.objects.filter(OPEN, customer_id=customer_id)
    return list(unpaid.order_by(F("issued_on").asc(nulls_last=True), "effective_due_on", "id")[:limit])


def payments_of(invoice: Invoice) -> list[Any]:
    """Every payment and reversal of one invoice, in the order of their days."""
    reversals = Payment.objects.filter(reverses_id=OuterRef("id"))
    return list(
        Payment.objects.filter(invoice=invoice)
        .select_related("reverses")
        .annotate(taken_back=-_sum(reversals))
        .order_by("paid_on", "id")
    )


def left_of(payment: Payment) -> int:
    """What was not taken back yet, in minor units."""
    back = Payment.objects.filter(reverses=payment).aggregate(sum=Sum("amount"))["sum"] or 0
    return payment.amount + int(back)


def last_method(customer_id: UUID) -> str:
    """How this customer paid the last time, else ""."""
    paid = Payment.objects.filter(customer_id=customer_id, reverses=None).order_by("-paid_on", "-id")
    return paid.values_list("method", flat=True).first() or ""
