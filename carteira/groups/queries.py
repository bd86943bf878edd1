"""Reading groups: the panel with its counts, one customer's groups, who came and went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from carteira.core.events.models import Event
from carteira.core.walls.scope import require_account_id
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer
from carteira.groups.belong import ADDED, REMOVED, UNPINNED
from carteira.groups.cached import all_fresh, groupless, is_fresh
from carteira.groups.models import Group, Member, Pin
from carteira.groups.moves import ENTERED, LEFT
from carteira.groups.truth import Truth

MOVES = (ENTERED, LEFT, ADDED, REMOVED, UNPINNED)


@dataclass(frozen=True)
class Counted:
    """A group of the panel (None: those without one), how many of it are not archived, and delinquent (S3-04)."""

    group: Group | None
    members: int
    delinquent: int


def panel(view: View) -> list[Counted]:
    """All living groups by name, then those without one. Three queries, however many there are.

    Counts come from the cache, which is of today: a group whose rule time has changed since is counted by its rule, and
    so are those without one.
    """
    groups = list(Group.objects.filter(deleted_at=None).select_related("account").order_by("name_sort", "id"))
    owing = _delinquents(view)
    counted = []
    for group in groups:
        if is_fresh(group, view):
            counted.append(Counted(group, group.members, owing.get(group.pk, 0)))
        else:
            truth = Truth.of(group.account, view, groups=groups)
            living = truth.members(group).filter(archived_on=None)
            counted.append(Counted(group, living.count(), living.delinquent(view).count()))
    if all_fresh(groups, view):
        nobodys = Member.objects.filter(group=None, resting=False).count()
        counted.append(Counted(None, nobodys, owing.get(None, 0)))
    elif groups:
        living = Customer.objects.filter(groupless(groups, groups[0].account, view), archived_on=None)
        counted.append(Counted(None, living.count(), living.delinquent(view).count()))
    return counted


def _delinquents(view: View) -> Mapping[UUID | None, int]:
    """From the few who owe, not from the many members."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT m.group_id, count(*) FROM customers_customer c
            JOIN groups_member m ON m.account_id = c.account_id AND m.customer_id = c.id
            WHERE c.account_id = %(account)s AND c.archived_on IS NULL AND c.oldest_due_on < %(day)s
            GROUP BY m.group_id""",
            {"account": require_account_id(), "day": view.day},
        )
        return dict(cursor.fetchall())


class Belonging(NamedTuple):
    """A group and one customer: whether it is in it, and why: its rule, or somebody's hand."""

    id: UUID
    name: str
    colour: str
    by_rule: bool
    inside: bool
    # None: nobody said anything; True: pinned in; False: pinned out.
    pinned: bool | None


def of_customer(customer: UUID) -> list[Belonging]:
    """All living groups by name, with whether the customer is in each. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT g.id, g.name, g.colour, g.rule IS NOT NULL, m.id IS NOT NULL, p.inside FROM groups_group g
            LEFT JOIN groups_pin p ON p.account_id = g.account_id AND p.group_id = g.id AND p.customer_id = %(id)s
            LEFT JOIN groups_member m ON m.account_id = g.account_id AND m.group_id = g.id AND m.customer_id = %(id)s
            WHERE g.account_id = %(account)s AND g.deleted_at IS NULL ORDER BY g.name_sort, g.id""",
            {"account": require_account_id(), "id": customer},
        )
        return [Belonging(*row) for row in cursor.fetchall()]


class Moved(NamedTuple):
    id: UUID
    # "" for whom nobody knows any more.
    name: str
    # Keeps its groups, but is not counted in them.
    archived: bool


class Moves(NamedTuple):
    """Who came or went at one moment by one cause: when a rule is made or the day turns, that may be thousands."""

    kind: str
    at: datetime
    people: list[Moved]
    # There are older ones, of this moment or before, that were not read.
    more: bool = False

    @property
    def archived(self) -> int:
        return sum(one.archived for one in self.people)


def moves(group: Group, since: datetime, *, limit: int = 400) -> list[Moves]:
    """Who came and went since a moment, and by what: the latest first, `limit` customers at most. Two queries."""
    found = (
        Event.objects.filter(subject_id=group.pk, kind__in=MOVES, at__gte=since)
        .order_by("-id")
        .values_list("customer_id", "kind", "at")[: limit + 1]
    )
    rows = list(found)
    known = _known({customer for customer, _kind, _at in rows if customer})
    told: list[Moves] = []
    for customer, kind, at in rows[:limit]:
        if not told or (told[-1].kind, told[-1].at) != (kind, at):
            told.append(Moves(kind, at, []))
        told[-1].people.append(Moved(customer, *known.get(customer, ("", False))))
    if len(rows) > limit:
        told[-1] = told[-1]._replace(more=True)
    return told


def _known(ids: set[UUID]) -> dict[UUID, tuple[str, bool]]:
    found = Customer.objects.filter(pk__in=ids).values_list("pk", "name", "archived_on")
    return {id: (name, archived_on is not None) for id, name, archived_on in found}


def pins(group: Group, *, limit: int = 400) -> list[Pin]:
    """Whom somebody put in or out by hand: those put in first, each by name."""
    found = Pin.objects.filter(group=group).select_related("customer", "by")
    return list(found.order_by("-inside", "customer__name_sort")[:limit])
