"""Reading customers: one page of a list at a time, in any order, at any depth, live or as of a day.

A page is found in two steps. The first walks an index that holds the sorted column and everything the filters ask
(customers.models), and yields fifty keys; the second reads those fifty rows. So a filter that matches little costs a
walk over index pages, never one over the whole table.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet, Value
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from carteira.core.walls.scope import require_account_id
from carteira.customers.lifecycle import State, View
from carteira.customers.models import Customer

PAGE = 50
# Counting what a filter matches stops here: "1,000+".
COUNT_LIMIT = 1000


@dataclass(frozen=True)
class Sort:
    """`column` orders the list, the id breaks ties. `may_be_null`: those without a value stand at the end of the
    ascending and of the descending list alike."""

    column: str
    may_be_null: bool = False


SORTS = {
    "name": Sort("name_sort"),
    "number": Sort("number"),
    "registered": Sort("registered_on"),
    "paid": Sort("fact_last_paid_on", may_be_null=True),
}


@dataclass(frozen=True)
class Wanted:
    """Which customers, in which order. Days are the account's; `state` None is the tab All (S0-10)."""

    view: View
    state: State | None = None
    delinquent: bool = False
    city: str = ""
    registered_from: date | None = None
    registered_until: date | None = None
    # The last payment lies at most / more than so many days before the view's day.
    paid_within: int | None = None
    paid_before: int | None = None
    # A condition of customers.search.
    found: Q | None = None
    sort: str = "name"
    descending: bool = False

    @property
    def filtered(self) -> bool:
        """Whether more than the tab narrows the list, so that the bar's count does not tell its length."""
        tab = replace(
            self,
            city="",
            registered_from=None,
            registered_until=None,
            paid_within=None,
            paid_before=None,
            found=None,
        )
        return tab != self or (self.delinquent and self.state is not None)


@dataclass(frozen=True)
class Place:
    """Where a page begins or ends: the sorted column's value there (None: among those without one) and the id."""

    value: Any
    id: UUID


@dataclass(frozen=True)
class Page:
    """Keys of one page in order; `previous` and `next` are the places of its ends where there is more beyond."""

    ids: list[UUID]
    previous: Place | None
    next: Place | None


def matching(wanted: Wanted) -> QuerySet[Customer]:
    """The customers asked for, unordered."""
    view = wanted.view
    if wanted.state is None:
        found = Customer.objects.not_archived(view)
    else:
        found = Customer.objects.in_state(wanted.state, view)
    if wanted.delinquent:
        found = found.owing(view)
    if wanted.city:
        found = found.filter(city_sort=wanted.city)
    if wanted.registered_from:
        found = found.filter(registered_on__gte=wanted.registered_from)
    if wanted.registered_until:
        found = found.filter(registered_on__lte=wanted.registered_until)
    if wanted.paid_within is not None:
        found = found.paid_since(view.day - timedelta(days=wanted.paid_within), view)
    if wanted.paid_before is not None:
        found = found.paid_before(view.day - timedelta(days=wanted.paid_before), view)
    if wanted.found is not None:
        found = found.filter(wanted.found)
    return found


def page(wanted: Wanted, *, after: Place | None = None, before: Place | None = None, size: int = PAGE) -> Page:
    """The page after or before a place, else the first one."""
    rows = _keys(wanted, start=before or after, backwards=before is not None, size=size + 1)
    more, rows = len(rows) > size, rows[:size]
    if before is not None:
        if not more:
            return page(wanted, size=size)
        rows.reverse()
    if not rows:
        return Page([], None, None)
    return Page(
        [place.id for place in rows],
        previous=rows[0] if (more if before is not None else after is not None) else None,
        next=rows[-1] if more or before is not None else None,
    )


def _keys(wanted: Wanted, *, start: Place | None, backwards: bool, size: int) -> list[Place]:
    """The next keys from a place on, in reading direction: one query, also where a page runs from those with a value
    into those without."""
    parts = _parts(wanted)
    if backwards:
        parts = parts[::-1]
    if start is not None:
        here = start.value is None
        parts = parts[parts.index(here) :] if here in parts else parts[:0]
    queries = [
        _part(wanted, blank, start if nth == 0 else None, backwards=backwards).annotate(part=Value(nth))
        for nth, blank in enumerate(parts)
    ]
    if not queries:
        return []
    rows = [query.values_list("part", "key", "id")[:size] for query in queries]
    found = sorted(rows[0] if len(rows) == 1 else rows[0].union(*rows[1:], all=True), key=lambda row: row[0])
    return [Place(value, id) for _part, value, id in found[:size]]


def _parts(wanted: Wanted) -> tuple[bool, ...]:
    """What the list runs through: those with a value (False), those without (True), or one after the other."""
    if not SORTS[wanted.sort].may_be_null:
        return (False,)
    if wanted.view.rule.kind == "payment" and wanted.state in (State.LEAD, State.ACTIVE, State.INACTIVE):
        return (wanted.state is State.LEAD,)
    return (False, True)


def _part(wanted: Wanted, blank: bool, start: Place | None, *, backwards: bool) -> QuerySet[Customer]:
    sort, found = SORTS[wanted.sort], matching(wanted)
    if sort.may_be_null:
        found = found.with_last_paid(wanted.view).filter(**{f"{sort.column}__isnull": blank})
    falling = backwards if blank else wanted.descending != backwards
    if start is not None:
        beyond = TupleLessThan if falling else TupleGreaterThan
        here: tuple[tuple[str, Any], ...] = (("id", start.id),)
        if not blank:
            here = ((sort.column, start.value), *here)
        found = found.filter(beyond(Tuple(*(F(name) for name, _ in here)), tuple(value for _, value in here)))
    sign = "-" if falling else ""
    order = [f"{sign}id"] if blank else [f"{sign}{sort.column}", f"{sign}id"]
    return found.annotate(key=F(sort.column)).order_by(*order)


def count(wanted: Wanted) -> int:
    """How many match, counted up to COUNT_LIMIT + 1."""
    return matching(wanted).order_by()[: COUNT_LIMIT + 1].count()


def cities(limit: int = 300) -> list[str]:
    """The account's cities in order, each once: one index probe a city, however many customers live there."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE found AS (
                (SELECT city_sort, city, 1 AS nth FROM customers_customer
                WHERE account_id = %(account)s AND city_sort > '' ORDER BY city_sort LIMIT 1)
                UNION ALL
                SELECT next.city_sort, next.city, found.nth + 1 FROM found CROSS JOIN LATERAL (
                    SELECT city_sort, city FROM customers_customer
                    WHERE account_id = %(account)s AND city_sort > found.city_sort ORDER BY city_sort LIMIT 1
                ) next WHERE found.nth < %(limit)s
            ) SELECT city FROM found""",
            {"account": require_account_id(), "limit": limit},
        )
        return [row[0] for row in cursor.fetchall()]
