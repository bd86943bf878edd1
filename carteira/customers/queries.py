"""Reading customers: one page of a list at a time, in any order, at any depth, live or as of a day.

A page is found in two steps. The first walks an index that holds the sorted column and everything the filters ask
(customers.models), and yields fifty keys; the second reads those fifty rows. So a filter that matches little costs a
walk over index pages, never one over the whole table.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import DateField, F, Q, QuerySet, UUIDField, Value
from django.db.models.expressions import RawSQL
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from carteira.core.walls.scope import require_account_id
from carteira.customers.lifecycle import State, View
from carteira.customers.models import Customer
from carteira.customers.owners import owners
from carteira.customers.querysets import CustomerQuerySet, Each
from carteira.customers.search import Found

PAGE = 50
# Counting what a filter matches stops here: "1,000+".
COUNT_LIMIT = 1000


@dataclass(frozen=True)
class Sort:
    """`column` orders the list, the id (`tie`) breaks ties. `may_be_null`: those without a value stand at the end of the
    ascending and of the descending list alike."""

    column: str
    tie: str = "id"
    may_be_null: bool = False
    # By a field of the business's own: `column` is one of its typed columns.
    field: UUID | None = None
    # Of several choices a customer stands where the first of them stands by alphabet, in the falling list where the last
    # does: so the walk begins with those that count.
    several: bool = False


SORTS = {
    "name": Sort("name_sort"),
    "number": Sort("number"),
    "registered": Sort("registered_on"),
    "paid": Sort("paid_on", tie="paid_id", may_be_null=True),
    # Only of the archive, and only as it is today: the days of former archivings stand elsewhere.
    "archived": Sort("archived_on"),
    # By the name of whoever is in charge, then by the customer's; see _keys_by_owner.
    "owner": Sort("name_sort"),
}


_OWN = re.compile(r"own_(text|number|on|first)_([0-9a-f]{32})")


def sort_of(name: str) -> Sort | None:
    """The order of this name: one of SORTS, or by an own field (customers.fields.listed)."""
    own = _OWN.fullmatch(name)
    if own is not None:
        several = own[1] == "first"
        column = "text" if several else own[1]
        return Sort(column, tie="own_id", may_be_null=True, field=UUID(own[2]), several=several)
    return SORTS.get(name)


def _sort(wanted: "Wanted") -> Sort:
    sort = sort_of(wanted.sort)
    if sort is None:
        raise KeyError(wanted.sort)
    return sort


@dataclass(frozen=True)
class Wanted:
    """Which customers, in which order. Days are the account's; `state` None is the tab All (S0-10)."""

    view: View
    state: State | None = None
    delinquent: bool = False
    # Of the archive: churn or lost, "" for both.
    reason: str = ""
    city: str = ""
    registered_from: date | None = None
    registered_until: date | None = None
    # In whose charge; `nobodys`: in nobody's.
    owner: UUID | None = None
    nobodys: bool = False
    # The last payment lies at most / more than so many days before the view's day.
    paid_within: int | None = None
    paid_before: int | None = None
    # Hardly anybody is in that tab (the bar counted them): see CustomerQuerySet.in_state.
    few: bool = False
    found: Found | None = None
    # What filters of rooms above ask (customers.list_filters).
    more: tuple[Q, ...] = ()
    sort: str = "name"
    descending: bool = False

    @property
    def filtered(self) -> bool:
        """Whether more than the tab narrows the list, so that the bar's count does not tell its length."""
        days = (self.registered_from, self.registered_until, self.paid_within, self.paid_before)
        both = self.delinquent and self.state is not None
        told = (self.city, self.found, self.reason, self.owner, self.nobodys, self.more, both)
        return any(told) or any(day is not None for day in days)


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


def matching(wanted: Wanted) -> CustomerQuerySet:
    """The customers asked for, unordered."""
    view, found = wanted.view, _narrowed(wanted)
    in_tab = found.not_archived(view)
    if wanted.state is not None:
        in_tab = found.in_state(wanted.state, view, few=wanted.few)
    since, before = _paid_days(wanted)
    if since is not None:
        in_tab = in_tab.paid_since(since, view)
    return in_tab if before is None else in_tab.paid_before(before, view)


def _narrowed(wanted: Wanted) -> CustomerQuerySet:
    """What does not ask for payments or the archive."""
    found: CustomerQuerySet = Customer.objects.all()
    for condition in wanted.more:
        found = found.filter(condition)
    if wanted.delinquent:
        found = found.owing(wanted.view, few=wanted.few)
    if wanted.reason:
        found = found.gone_for(wanted.reason, wanted.view)
    if wanted.city:
        found = found.filter(city_sort=wanted.city)
    if wanted.owner:
        found = found.filter(owner=wanted.owner)
    if wanted.nobodys:
        found = found.filter(owner=None)
    if wanted.registered_from:
        found = found.filter(registered_on__gte=wanted.registered_from)
    if wanted.registered_until:
        found = found.filter(registered_on__lte=wanted.registered_until)
    return found if wanted.found is None else found.filter(wanted.found.condition)


def _paid_days(wanted: Wanted) -> tuple[date | None, date | None]:
    """The last payment must lie in [since, before), as far as the filters say."""
    day = wanted.view.day
    since = None if wanted.paid_within is None else day - timedelta(days=wanted.paid_within)
    before = None if wanted.paid_before is None else day - timedelta(days=wanted.paid_before)
    return since, before


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
    """The next keys from a place on, in reading direction: one query, and a second one where a page runs from those
    with a value into those without."""
    if wanted.sort == "owner":
        return _keys_by_owner(wanted, start=start, backwards=backwards, size=size)
    parts = _parts(wanted)
    if backwards:
        parts = parts[::-1]
    if start is not None:
        here = start.value is None
        parts = parts[parts.index(here) :] if here in parts else parts[:0]
    if start is None:
        wanted = _first_of_a_search(wanted, size)
    found: list[Place] = []
    for nth, blank in enumerate(parts):
        if len(found) < size:
            query = _part(wanted, blank, start if nth == 0 else None, backwards=backwards)
            rows = query.values_list("key", "id")[: size - len(found)]
            found += [Place(value, id) for value, id in rows]
    return found


class Charge(NamedTuple):
    """Where one is in the list by the person in charge: at a customer of this name, of this person's or nobody's."""

    owner: UUID | None
    name: str

    def __str__(self) -> str:
        return f"{self.owner.hex if self.owner else ''}.{self.name}"


def _keys_by_owner(wanted: Wanted, *, start: Place | None, backwards: bool, size: int) -> list[Place]:
    """As _keys. Names of people stand outside the walls and change, so no index has them: the few people are put in
    order here, and their customers follow from an index by owner and name; nobody's come last in both directions."""
    falling = wanted.descending != backwards
    order: list[UUID | None] = list(owners()) if wanted.owner is None else [wanted.owner]
    order = [*(order[::-1] if wanted.descending else order), None]
    if wanted.nobodys or wanted.owner:
        order = [wanted.owner]
    if backwards:
        order.reverse()
    found: list[Place] = []
    if start is not None:
        if start.value.owner not in order:
            return []
        at = order.index(start.value.owner)
        found += _keys_in_charge([order[at]], wanted, beyond=start, falling=falling, size=size)
        order = order[at + 1 :]
    for people in ([None], [owner for owner in order if owner])[:: 1 if backwards else -1]:
        if people and people[0] in order and len(found) < size:
            found += _keys_in_charge(people, wanted, beyond=None, falling=falling, size=size - len(found))
    return found


def _keys_in_charge(
    people: Sequence[UUID | None], wanted: Wanted, *, beyond: Place | None, falling: bool, size: int
) -> list[Place]:
    """The next keys of these people's customers ([None]: of nobody's), person by person, from a place of the first on:
    one walk along an index for each, until there are enough."""
    whose = None if people == [None] else RawSQL("people.owner_id", (), output_field=UUIDField())
    found = matching(wanted).filter(owner_id=whose)
    if beyond is not None:
        further = TupleLessThan if falling else TupleGreaterThan
        found = found.filter(further(Tuple(F("name_sort"), F("id")), (beyond.value.name, beyond.id)))
    sign, order = ("-", "DESC") if falling else ("", "")
    sql, parameters = (
        found.order_by(f"{sign}name_sort", f"{sign}id").values_list("name_sort", "id").query.sql_with_params()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT people.owner_id, page.name_sort, page.id
            FROM unnest(%s::uuid[]) WITH ORDINALITY AS people(owner_id, nth)
            CROSS JOIN LATERAL ({sql} LIMIT %s) page
            ORDER BY people.nth, page.name_sort {order}, page.id {order} LIMIT %s""",
            [list(people), *parameters, size, size],
        )
        return [Place(Charge(owner, name), id) for owner, name, id in cursor.fetchall()]


def _first_of_a_search(wanted: Wanted, size: int) -> Wanted:
    """While one types, the list is by name and nothing else narrows it: then the first page needs no other hits."""
    by_name = wanted.sort == "name" and not wanted.descending and wanted.view.live
    alone = not replace(wanted, found=None).filtered and not wanted.delinquent
    if wanted.found is None or not (by_name and alone) or wanted.state not in (None, State.ARCHIVED):
        return wanted
    archived = wanted.state is State.ARCHIVED
    return replace(wanted, found=Found(wanted.found.first_by_name(size, archived=archived)))


def _parts(wanted: Wanted) -> tuple[bool, ...]:
    """What the list runs through: those with a value (False), those without (True), or one after the other."""
    sort = _sort(wanted)
    if not sort.may_be_null:
        return (False,)
    if sort.field is not None:
        return (False, True)
    if wanted.paid_within is not None or wanted.paid_before is not None:
        return (False,)
    if wanted.view.rule.kind == "payment" and wanted.state in (State.LEAD, State.ACTIVE, State.INACTIVE):
        return (wanted.state is State.LEAD,)
    return (False, True)


def _part(wanted: Wanted, blank: bool, start: Place | None, *, backwards: bool) -> QuerySet[Customer]:
    sort = _sort(wanted)
    by = sort.column
    if sort.field is not None:
        by, one = "own_key", ""
        if sort.several:
            one = "last" if wanted.descending else "first"
        probes = tuple(asked.one_by_one if isinstance(asked, Each) else asked for asked in wanted.more)
        found = matching(replace(wanted, more=probes)).by_own_field(sort.field, sort.column, blank=blank, one=one)
    else:
        found = _sorted_by_payment(wanted, blank) if sort.may_be_null else matching(wanted)
    falling = backwards if blank else wanted.descending != backwards
    columns = ["id"] if blank else [by, sort.tie]
    if start is not None:
        beyond = TupleLessThan if falling else TupleGreaterThan
        here = (start.id,) if blank else (start.value, start.id)
        found = found.filter(beyond(Tuple(*map(F, columns)), here))
    key = Value(None, output_field=DateField()) if blank else F(by)
    sign = "-" if falling else ""
    return found.annotate(key=key).order_by(*(sign + column for column in columns))


def _sorted_by_payment(wanted: Wanted, blank: bool) -> QuerySet[Customer]:
    """Active and inactive are then only ranges of the sorted column, as the filters on the last payment are."""
    view, state = wanted.view, wanted.state
    if blank:
        return matching(wanted).never_paid(view)
    by_payment = view.rule.kind == "payment" and state in (State.ACTIVE, State.INACTIVE)
    since, before = _paid_days(wanted)
    if by_payment and state is State.ACTIVE:
        since = max(since or view.active_since, view.active_since)
    elif by_payment:
        before = min(before or view.active_since, view.active_since)
    # Whoever is archived paid long ago: running along the payments would pass by everybody else's.
    few = wanted.few or state is State.ARCHIVED
    found = _narrowed(wanted)
    found = found.not_archived(view) if by_payment or state is None else found.in_state(state, view, few=few)
    return found.by_last_payment(view, since=since, before=before, few=few)


def count(wanted: Wanted) -> int:
    """How many match, counted up to COUNT_LIMIT + 1."""
    return matching(wanted).order_by()[: COUNT_LIMIT + 1].count()


class Row(NamedTuple):
    """What a line of the list shows of a customer, and what its story needs."""

    id: UUID
    number: int
    code: str
    name: str
    city: str
    registered_on: date
    counted_from: date
    first_paid_on: date | None
    last_paid_on: date | None
    first_subscribed_on: date | None
    # What the page's other columns ask for, by the column's name.
    values: dict[str, Any]


_COLUMNS = Row._fields[:-1]


def rows(ids: Sequence[UUID], more: Mapping[str, str] | None = None, *, day: date | None = None) -> list[Row]:
    """The lines of a page, in its order. `more`: SQL over `customers_customer c` by name, for their `values`; it may
    ask for the account and the `day`.

    Written by hand: composing it costs the page more than asking it.
    """
    names = tuple(more or ())
    wanted = ", ".join([*(f"c.{column}" for column in _COLUMNS), *(more or {}).values()])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {wanted} FROM customers_customer c WHERE c.account_id = %(account)s AND c.id = ANY(%(ids)s)",
            {"account": require_account_id(), "ids": list(ids), "day": day},
        )
        width = len(_COLUMNS)
        by_id = {row[0]: Row(*row[:width], dict(zip(names, row[width:], strict=True))) for row in cursor.fetchall()}
    return [by_id[id] for id in ids if id in by_id]


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
