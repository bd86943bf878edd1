"""Reading all invoices of the account: a month at a time, or every month, by status, with counts and totals.

Planned for a million invoices in one account: everything counted or sorted stands in an index (models.Invoice), and a
page is found in two steps, fifty keys first, then those fifty rows. Over all months only what is few is summed (open,
canceled, deleted); paid ones are counted as far as COUNT_LIMIT.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    DateField,
    F,
    Field,
    Func,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from carteira.billing import queries
from carteira.billing.models import Invoice
from carteira.billing.status import BALANCE, OPEN, Status, with_status

PAGE = 50
# Over all months, counting paid invoices stops here: "10,000+".
COUNT_LIMIT = 10_000
COUNT_ASKED = 1_000

# Which day of an invoice puts it into a month (product decision 5).
DAY_OF = {"issue": "issue_on", "due": "due_on", "paid": "settled_on"}
_COLUMNS: dict[str, Field] = {
    "issue_on": DateField(),
    "due_on": DateField(),
    "settled_on": DateField(),
    "amount": BigIntegerField(),
}
SORTS = {"issue": "issue_on", "due": "due_on", "paid": "settled_on", "amount": "amount"}
# What "all" leaves out: they are counted apart.
GONE = (Status.CANCELED, Status.DELETED)
_KEPT = Q(deleted_at=None, canceled_on=None)
_IS_OPEN = (Status.SCHEDULED, Status.ISSUED, Status.OVERDUE)


@dataclass(frozen=True)
class Wanted:
    """Which invoices, in which order. `today` is the account's. `month` is a month's first day; None: every month.

    `by` says which day counts for the month. `who` narrows to what was searched for: few invoices.
    """

    today: date
    month: date | None = None
    by: str = "issue"
    status: Status | None = None
    who: Q | None = None
    # Of many customers (a group): each invoice that is passed by is asked. Paid ones over all months are then counted
    # only as far as COUNT_ASKED.
    group: Q | None = None
    sort: str = "issue"
    descending: bool = True

    @property
    def sorts(self) -> tuple[str, ...]:
        """The orders there are: within a month any, over all months the one an index has."""
        if self.who is not None or self.month is not None:
            return ("issue", "due", "amount", "paid") if self.by == "paid" else ("issue", "due", "amount")
        return ("due",) if self.status in _IS_OPEN else ("issue",)


@dataclass(frozen=True)
class Total:
    """`amount` and `left` (still owed) in minor units; `bounded`: there are more than were counted, nothing is summed."""

    count: int = 0
    amount: int = 0
    left: int = 0
    bounded: bool = False

    def __add__(self, other: "Total") -> "Total":
        bounded = self.bounded or other.bounded
        return Total(self.count + other.count, self.amount + other.amount, self.left + other.left, bounded)


@dataclass(frozen=True)
class Place:
    """Where a page begins or ends: the sorted column's value there and the id."""

    value: Any
    id: UUID


@dataclass(frozen=True)
class Page:
    ids: list[UUID] = field(default_factory=list)
    previous: Place | None = None
    next: Place | None = None


def month_after(month: date, count: int = 1) -> date:
    """The first day of the month so many months later (or, negative, before)."""
    years, index = divmod(month.month - 1 + count, 12)
    return date(month.year + years, index + 1, 1)


def matching(wanted: Wanted) -> QuerySet[Invoice]:
    """The invoices of the month and of the search, whatever their status."""
    found = Invoice.objects.all()
    if wanted.who is not None:
        found = found.filter(wanted.who)
    if wanted.group is not None:
        found = found.filter(wanted.group)
    if wanted.month is not None:
        column, last = DAY_OF[wanted.by], month_after(wanted.month) - timedelta(days=1)
        found = found.filter(**{f"{column}__gte": wanted.month, f"{column}__lte": last})
    return found


def totals(wanted: Wanted) -> dict[Status, Total]:
    """Count, amounts and what is left of each status, whichever is chosen: one query for a month, three for all."""
    if wanted.month is not None or wanted.who is not None:
        return _summed(matching(wanted), wanted.today, tuple(Status))
    found = matching(wanted)
    sums = _summed(found.filter(OPEN), wanted.today, _IS_OPEN)
    gone = found.filter(Q(canceled_on__isnull=False) | Q(deleted_at__isnull=False))
    return {**sums, **_summed(gone, wanted.today, GONE), Status.PAID: _paid(found, wanted)}


def open_totals(today: date) -> dict[Status, Total]:
    """Of every month: what is scheduled, issued and overdue. One query."""
    return _summed(Invoice.objects.filter(OPEN), today, _IS_OPEN)


def page(wanted: Wanted, *, after: Place | None = None, before: Place | None = None, size: int = PAGE) -> Page:
    """The page after or before a place, else the first one."""
    start, backwards = before or after, before is not None
    rows = _keys(wanted, start, backwards=backwards, size=size + 1)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        if not more:
            return page(wanted, size=size)
        rows.reverse()
    if not rows:
        return Page()
    return Page(
        [place.id for place in rows],
        previous=rows[0] if (more if backwards else after is not None) else None,
        next=rows[-1] if more or backwards else None,
    )


def rows(ids: Sequence[UUID]) -> list[Any]:
    """These invoices with their customers, in this order, as billing.screens.rows shows them."""
    found = {invoice.pk: invoice for invoice in queries.told(Invoice.objects.filter(pk__in=ids))}
    return [found[id] for id in ids if id in found]


def months(by: str) -> tuple[date, date] | None:
    """The first and the last month in which there is an invoice; two steps into an index."""
    column = DAY_OF[by]
    ends = Invoice.objects.filter(**{f"{column}__isnull": False}).aggregate(first=Min(column), last=Max(column))
    if ends["first"] is None:
        return None
    return ends["first"].replace(day=1), ends["last"].replace(day=1)


def any_at_all() -> bool:
    return Invoice.objects.exists()


def _summed(found: QuerySet[Invoice], today: date, statuses: Sequence[Status]) -> dict[Status, Total]:
    named = Case(
        *(When(with_status(status, today), then=Value(status.value)) for status in statuses), output_field=CharField()
    )
    rows = (
        found.order_by()
        .annotate(shown=named)
        .values("shown")
        .annotate(count=Count("*"), sum=Sum("amount"), left=Sum(BALANCE))
    )
    sums = {row["shown"]: Total(row["count"], int(row["sum"]), int(row["left"])) for row in rows}
    return {status: sums.get(status.value, Total()) for status in statuses}


def _paid(found: QuerySet[Invoice], wanted: Wanted) -> Total:
    most = COUNT_LIMIT if wanted.group is None else COUNT_ASKED
    some = found.filter(with_status(Status.PAID, wanted.today)).order_by().values("amount")[: most + 1]
    counted = some.aggregate(count=Count("*"), sum=Sum("amount"))
    if counted["count"] > most:
        return Total(most, bounded=True)
    return Total(counted["count"], int(counted["sum"] or 0))


def _keys(wanted: Wanted, start: Place | None, *, backwards: bool, size: int) -> list[Place]:
    column = SORTS[wanted.sort]
    found = matching(wanted).filter(_KEPT if wanted.status is None else with_status(wanted.status, wanted.today))
    key: Any = F(column)
    if wanted.who is not None or (wanted.month is not None and column != DAY_OF[wanted.by]):
        # Sorted once read. As a bare column the planner would walk that column's index through every other month.
        key = Func(F(column), template="(%(expressions)s + 0)", output_field=_COLUMNS[column])
    falling = wanted.descending != backwards
    found = found.annotate(key=key)
    if start is not None:
        beyond = TupleLessThan if falling else TupleGreaterThan
        found = found.filter(beyond(Tuple(key, F("id")), (start.value, start.id)))
    order = (F("key").desc(), F("id").desc()) if falling else (F("key").asc(), F("id").asc())
    return [Place(value, id) for value, id in found.order_by(*order).values_list("key", "id")[:size]]
