"""Reading tasks: a page of the list from indexes alone, those of one customer, those that are due."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from carteira.tasks.models import OPEN, Task

PAGE = 50
COUNT_LIMIT = 1000


@dataclass(frozen=True)
class Wanted:
    """`assignee`: a person's; with `nobodys` those that are no person's; else everyone's. Due days are inclusive, and
    asked of open tasks only."""

    done: bool = False
    assignee: UUID | None = None
    nobodys: bool = False
    due_from: date | None = None
    due_until: date | None = None


class Place(NamedTuple):
    """Where a page begins or ends: the day a list is sorted by, and the task's id."""

    day: date
    id: UUID


class Page(NamedTuple):
    tasks: list[Task]
    previous: Place | None
    next: Place | None


def matching(wanted: Wanted) -> QuerySet[Task]:
    found = Task.objects.filter(done_on__isnull=False) if wanted.done else Task.objects.filter(OPEN)
    if wanted.nobodys:
        found = found.filter(assignee=None)
    elif wanted.assignee is not None:
        found = found.filter(assignee=wanted.assignee)
    if wanted.due_from is not None:
        found = found.filter(due_on__gte=wanted.due_from)
    if wanted.due_until is not None:
        found = found.filter(due_on__lte=wanted.due_until)
    return found


def page(wanted: Wanted, *, after: Place | None = None, before: Place | None = None, size: int = PAGE) -> Page:
    """Open ones by their due day, the earliest first; done ones by the day they were done, the latest first."""
    column = "done_on" if wanted.done else "due_on"
    falling = wanted.done != (before is not None)
    found = matching(wanted)
    if start := before or after:
        beyond = TupleLessThan if falling else TupleGreaterThan
        found = found.filter(beyond(Tuple(F(column), F("id")), (start.day, start.id)))
    sign = "-" if falling else ""
    rows = list(_with_people(found.order_by(f"{sign}{column}", f"{sign}id"))[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if before is not None:
        if not more:
            return page(wanted, size=size)
        rows.reverse()
    if not rows:
        return Page([], None, None)
    first, last = (Place(getattr(row, column), row.pk) for row in (rows[0], rows[-1]))
    return Page(
        rows,
        previous=first if (more if before is not None else after is not None) else None,
        next=last if more or before is not None else None,
    )


def count(wanted: Wanted) -> int:
    """How many match, counted up to COUNT_LIMIT + 1."""
    return matching(wanted).order_by()[: COUNT_LIMIT + 1].count()


def open_about(customer_id: UUID, *, limit: int) -> list[Task]:
    """A customer's open tasks, the earliest due first."""
    return list(_with_people(Task.objects.filter(OPEN, customer=customer_id).order_by("due_on", "id"))[:limit])


def _with_people(found: QuerySet[Task]) -> QuerySet[Task]:
    return found.select_related("customer", "assignee")
