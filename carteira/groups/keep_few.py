"""Evaluating a few customers, as every payment does: what Member says of them, what it should say, and the difference."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from carteira.core.database.arrays import array
from carteira.core.walls.scope import require_account_id
from carteira.groups import evaluate
from carteira.groups.models import Group, Member

# A group (None: in none) and a customer.
type Key = tuple[UUID | None, UUID]


class Row(NamedTuple):
    """What Member says of a key."""

    cause: str
    resting: bool


@dataclass
class Change:
    """What Member says, what it should say, and what that makes; `seen`: customers that there are."""

    had: dict[Key, Row]
    want: dict[Key, Row]
    seen: set[UUID]

    @cached_property
    def gone(self) -> list[Key]:
        return [key for key in self.had if key not in self.want]

    @cached_property
    def new(self) -> list[Key]:
        return [key for key in self.want if key not in self.had]

    @cached_property
    def other(self) -> list[Key]:
        return [key for key, row in self.want.items() if key in self.had and self.had[key] != row]


def compare(standing: evaluate.Standing, which: set[UUID], customers: set[UUID]) -> Change:
    pins, had = stored(customers)
    by_hand = {id for id in which if not standing.groups[id].by_rule}
    want: dict[Key, Row] = {}
    elsewhere = {customer for group, customer in had if group is not None and group not in which}
    fits = standing.resting(customers) if which <= by_hand else standing.ask(customers, pins)
    for fit in fits:
        said = pins.get(fit.customer, {})
        fitting = {group for group in fit.groups & which if group not in said}
        inside = {group for group in which if said.get(group)}
        want.update({(group, fit.customer): Row(Member.Cause.RULE, fit.resting) for group in fitting})
        want.update({(group, fit.customer): Row(Member.Cause.HAND, fit.resting) for group in inside})
        if not (fitting or inside or fit.customer in elsewhere):
            want[None, fit.customer] = Row(Member.Cause.HAND, fit.resting)
    _bring_forward(standing, fits, which - by_hand)
    had = {key: row for key, row in had.items() if key[0] is None or key[0] in which}
    return Change(had, want, {fit.customer for fit in fits})


def stored(customers: set[UUID]) -> tuple[dict[UUID, dict[UUID, bool]], dict[Key, Row]]:
    """Pins by customer and group; rows of Member."""
    pins: dict[UUID, dict[UUID, bool]] = defaultdict(dict)
    had: dict[Key, Row] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT customer_id, group_id, inside, NULL, NULL FROM groups_pin
            WHERE account_id = %(account)s AND customer_id = ANY(%(ids)s)
            UNION ALL SELECT customer_id, group_id, NULL, cause, resting FROM groups_member
            WHERE account_id = %(account)s AND customer_id = ANY(%(ids)s)""",
            {"account": require_account_id(), "ids": list(customers)},
        )
        for customer, group, inside, cause, resting in cursor.fetchall():
            if inside is None:
                had[group, customer] = Row(cause, resting)
            else:
                pins[customer][group] = inside
    return pins, had


def _bring_forward(standing: evaluate.Standing, fits: Iterable[evaluate.Fit], which: set[UUID]) -> None:
    """The groups' next day of change, where time changes one of these customers earlier."""
    sooner: dict[UUID, date] = {}
    for fit in fits:
        for group, day in fit.next_flips.items():
            if day is not None and group in which:
                sooner[group] = min(day, sooner.get(group, day))
    changes_on = standing.changes_on() if sooner else {}
    for group in sorted(sooner):
        known = changes_on[group]
        if known is None or sooner[group] < known:
            Group.objects.filter(pk=group).update(changes_on=sooner[group])


def write(change: Change, done: Mapping[UUID, int] = MappingProxyType({})) -> None:
    counts: dict[UUID, int] = defaultdict(int, done)
    for keys, rows, step in (
        ([*change.gone, *change.other], change.had, -1),
        ([*change.new, *change.other], change.want, 1),
    ):
        for key in keys:
            if key[0] is not None and not rows[key].resting:
                counts[key[0]] += step
    put = [*change.new, *change.other]
    if not (change.gone or put):
        count(counts)
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH gone AS (
                DELETE FROM groups_member m USING unnest(%(left)s::uuid[], %(leavers)s::uuid[]) AS w(group_id, id)
                WHERE m.account_id = %(account)s AND m.customer_id = w.id AND m.customer_id = ANY(%(leavers)s::uuid[])
                    AND m.group_id IS NOT DISTINCT FROM w.group_id
            ), put AS (
                INSERT INTO groups_member (account_id, group_id, customer_id, cause, resting)
                SELECT %(account)s, w.group_id, w.id, w.cause, w.resting
                FROM unnest(%(groups)s::uuid[], %(ids)s::uuid[], %(causes)s::text[], %(resting)s::boolean[])
                    AS w(group_id, id, cause, resting)
                ON CONFLICT (account_id, group_id, customer_id)
                DO UPDATE SET cause = excluded.cause, resting = excluded.resting
            ), {_COUNTED}""",
            {
                **_counted(counts),
                "left": array(group for group, _id in change.gone),
                "leavers": array(id for _group, id in change.gone),
                "groups": array(group for group, _id in put),
                "ids": array(id for _group, id in put),
                "causes": array(change.want[key].cause for key in put),
                "resting": array(change.want[key].resting for key in put),
            },
        )


# Everybody who counts takes the groups' rows in one order.
_COUNTED = """held AS MATERIALIZED (
    SELECT id FROM groups_group WHERE account_id = %(account)s AND id = ANY(%(counted)s::uuid[]) ORDER BY id
    FOR NO KEY UPDATE
) UPDATE groups_group g SET members = g.members + w.more
FROM held JOIN unnest(%(counted)s::uuid[], %(more)s::bigint[]) AS w(id, more) ON w.id = held.id
WHERE g.account_id = %(account)s AND g.id = held.id"""


def _counted(more: Mapping[UUID, int]) -> dict[str, Any]:
    some = {group: many for group, many in more.items() if many}
    return {"account": require_account_id(), "counted": array(some), "more": array(some.values())}


def count(more: Mapping[UUID, int]) -> None:
    if any(more.values()):
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {_COUNTED}", _counted(more))
