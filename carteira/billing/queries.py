"""Reading one customer's money: invoices and payments newest first, page by page, live or as of a day."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, Window
from django.db.models.expressions import Combinable
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan
from django.db.models.functions import Coalesce, Greatest, RowNumber

from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import SETTLING
from carteira.billing.status import OPEN
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer

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
class Totals:
    """A customer's money as of the view's day, in minor units. `open` is issued and unpaid, `overdue` a part of it
    (`debts` invoices); `next_amount` falls due on `next_on`, later than the overdue ones."""

    paid: int = 0
    paid_last_on: date | None = None
    open: int = 0
    overdue: int = 0
    debts: int = 0
    next_amount: int = 0
    next_on: date | None = None


def _sum(rows: QuerySet, column: str = "amount") -> Combinable:
    """A correlated sum, 0 where there are no rows."""
    summed = rows.order_by().values("account_id").annotate(sum=Sum(column)).values("sum")
    return Coalesce(Subquery(summed, output_field=BigIntegerField()), Value(0), output_field=BigIntegerField())


def invoices(customer_id: UUID, view: View, *, after: Place | None = None, size: int) -> tuple[list[Any], Place | None]:
    """Invoices, newest issue day first, and where older ones begin (None at the end). One query.

    Each carries `paid_then` (minor units paid by the view's day, what was refunded since included) and `refunded`
    (given back without being owed again). A past view has those issued or to be issued by then.
    """
    found = _as_of(view, Invoice.objects.filter(customer_id=customer_id))
    if not view.live:
        found = found.filter(issue_on__lte=view.day)
    return _page(_with_refunds(view, found), "issue_on", after, size)


def debts(customer_id: UUID, view: View, *, limit: int) -> list[Any]:
    """What is overdue (S2-31), the oldest due day first; each as in `invoices`. One query."""
    found = _overdue(view, _as_of(view, Invoice.objects.filter(customer_id=customer_id)))
    return list(_with_refunds(view, found).order_by("effective_due_on", "id")[:limit])


def _as_of(view: View, found: QuerySet) -> QuerySet:
    """Adds `paid_then` (minor units paid by the view's day) and `left_then`."""
    entries = Payment.objects.filter(invoice_id=OuterRef("id"), paid_on__lte=view.day)
    then = F("paid_amount") if view.live else _sum(entries.filter(SETTLING))
    found = found.annotate(paid_then=then)
    return found.annotate(left_then=Greatest(F("amount") - F("paid_then"), Value(0), output_field=BigIntegerField()))


def _with_refunds(view: View, found: QuerySet) -> QuerySet:
    entries = Payment.objects.filter(invoice_id=OuterRef("id"), paid_on__lte=view.day)
    return found.annotate(refunded=-_sum(entries.filter(reverses__isnull=False, owed_again=False)))


def _owed(view: View, found: QuerySet) -> QuerySet:
    """Issued and unpaid on the view's day. Live, an index holds just these."""
    if view.live:
        return found.filter(OPEN, issued_on__isnull=False)
    kept = Q(canceled_on=None) | Q(canceled_on__gt=view.day)
    return found.filter(kept, deleted_at=None, issued_on__lte=view.day, left_then__gt=0)


def _overdue(view: View, found: QuerySet) -> QuerySet:
    return _owed(view, found).filter(effective_due_on__lt=view.day)


def totals(customer_id: UUID, view: View) -> Totals:
    """One query."""
    own = Payment.objects.filter(customer_id=OuterRef("id"), paid_on__lte=view.day)
    back = -_sum(Payment.objects.filter(reverses_id=OuterRef("id"), paid_on__lte=view.day))
    counting = own.filter(reverses=None).annotate(back=back).filter(amount__gt=F("back"))
    invoices = _as_of(view, Invoice.objects.filter(customer_id=OuterRef("id")))
    owed, overdue = _owed(view, invoices), _overdue(view, invoices)
    # Live, what is only scheduled comes too; of a past day nobody knew.
    coming = (invoices.filter(OPEN) if view.live else owed).filter(effective_due_on__gte=view.day)
    coming = coming.order_by("effective_due_on", "id")
    found = Customer.objects.filter(pk=customer_id).values(
        paid=_sum(own),
        paid_last_on=Subquery(counting.order_by("-paid_on").values("paid_on")[:1]),
        open=_sum(owed, "left_then"),
        overdue=_sum(overdue, "left_then"),
        debts=Coalesce(Subquery(overdue.order_by().values("account_id").annotate(n=Count("id")).values("n")), Value(0)),
        next_amount=Coalesce(Subquery(coming.values("left_then")[:1]), Value(0), output_field=BigIntegerField()),
        next_on=Subquery(coming.values("due_on")[:1]),
    )
    return Totals(**(found.first() or {}))


def told(found: QuerySet) -> QuerySet:
    """Invoices with their customer, and with what was paid and refunded of them until today."""
    refunds = Payment.objects.filter(invoice_id=OuterRef("id"), reverses__isnull=False, owed_again=False)
    return (
        found.select_related("customer")
        .defer("customer__search")
        .annotate(paid_then=F("paid_amount"), refunded=-_sum(refunds))
    )


def payments(customer_id: UUID, view: View, *, after: Place | None = None, size: int) -> tuple[list[Any], Place | None]:
    """Payments and reversals, newest day first, and where older ones begin (None at the end). One query.

    Each carries `taken_back` (minor units of it that went back by the view's day), its invoice, and what it reverses.
    """
    own = Payment.objects.filter(customer_id=customer_id)
    if not view.live:
        own = own.filter(paid_on__lte=view.day)
    reversals = Payment.objects.filter(reverses_id=OuterRef("id"), paid_on__lte=view.day)
    found = own.select_related("invoice", "reverses").annotate(taken_back=-_sum(reversals))
    return _page(found, "paid_on", after, size)


def _page(found: QuerySet, column: str, after: Place | None, size: int) -> tuple[list[Any], Place | None]:
    if after is not None:
        found = found.filter(TupleLessThan(Tuple(F(column), F("id")), (after.day, after.id)))
    rows = list(found.order_by(f"-{column}", "-id")[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    return rows, Place(getattr(rows[-1], column), rows[-1].pk) if more else None


def open_invoices(customer_id: UUID, *, limit: int = OFFERED) -> list[Invoice]:
    """What can be paid: issued ones first, the one due first on top; then those only scheduled."""
    unpaid = Invoice.objects.filter(OPEN, customer_id=customer_id)
    return list(unpaid.order_by(F("issued_on").asc(nulls_last=True), "effective_due_on", "id")[:limit])


def open_invoices_of_many(customers: Sequence[UUID], *, each: int) -> list[Invoice]:
    """The first `each` of every customer, as `open_invoices` gives them."""
    order = (F("issued_on").asc(nulls_last=True), "effective_due_on", "id")
    nth = Window(RowNumber(), partition_by=F("customer_id"), order_by=order)
    unpaid = Invoice.objects.filter(OPEN, customer_id__in=customers).annotate(nth=nth).filter(nth__lte=each)
    return list(unpaid.order_by("customer_id", "nth"))


def named_in(texts: list[str], *, customer_id: UUID) -> list[Invoice]:
    """This customer's invoices among texts that may be ids."""
    ids = []
    for text in texts[:200]:
        with suppress(ValueError):
            ids.append(UUID(text))
    return list(Invoice.objects.filter(pk__in=ids, customer_id=customer_id)) if ids else []


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
