"""Putting customers into a group and taking them out (S3-14, S3-16): by hand, which wins over a rule for good."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy

from carteira.core.database.arrays import uuids
from carteira.core.events import kinds
from carteira.core.walls.scope import require_account_id
from carteira.customers.facts import planned_for
from carteira.groups import refresh
from carteira.groups.lock import lock_groups
from carteira.groups.models import Group

ADDED = kinds.register("group.added", gettext_lazy("Put into the group “{group}” by hand."))
REMOVED = kinds.register("group.removed", gettext_lazy("Taken out of the group “{group}” by hand."))
UNPINNED = kinds.register("group.unpinned", gettext_lazy("The rule of the group “{group}” decides again."))

# More are joined by hashing.
MANY = 100

# What somebody said of a customer and a group before: put in, put out, nothing.
type Pinned = bool | None


def add_many(group: Group, customers: Sequence[UUID], *, by: Any, now: datetime) -> dict[UUID, Pinned]:
    """Put them in; those for whom that is new, with what was said before. Records group.added for each.

    Raises Group.DoesNotExist (deleted meanwhile). Customers that are not there are passed over.
    """
    return _pin(group, dict.fromkeys(customers, True), by=by, now=now)


def remove_many(group: Group, customers: Sequence[UUID], *, by: Any, now: datetime) -> dict[UUID, Pinned]:
    """Take them out: of a group by rule for good, whatever the rule says later (Mautic PR #17071). Records
    group.removed for each that was in it."""
    says: Pinned = False if group.by_rule else None
    return _pin(group, dict.fromkeys(customers, says), by=by, now=now)


def pin_many(group: Group, pins: Mapping[UUID, Pinned], *, by: Any, now: datetime) -> dict[UUID, Pinned]:
    """Say of each what is to hold (None: nothing, the rule decides); undo is this with what was said before."""
    return _pin(group, pins, by=by, now=now)


def _pin(group: Group, pins: Mapping[UUID, Pinned], *, by: Any, now: datetime) -> dict[UUID, Pinned]:
    with transaction.atomic():
        # Before the group is looked at: whoever deletes it holds this lock alone.
        lock_groups(shared=True)
        group = Group.objects.get(pk=group.pk, deleted_at=None)
        changed = _write(group, pins, by=by, now=now)
        for kind, said in ((ADDED, True), (REMOVED, False), (UNPINNED, None)):
            told = [id for id in changed if pins[id] is said]
            if told:
                # Of a group by hand, saying nothing any more is taking out.
                kind = REMOVED if said is None and not group.by_rule else kind
                refresh.tell_many(kind, group, told, by=by, now=now)
        refresh.refresh(changed, groups=[group.pk], now=now, silent=True)
        return changed


def _write(group: Group, pins: Mapping[UUID, Pinned], *, by: Any, now: datetime) -> dict[UUID, Pinned]:
    """Those for whom something else holds now, with what held before."""
    parameters = {
        "account": require_account_id(),
        "group": group.pk,
        "ids": uuids(pins),
        "says": list(pins.values()),
        # Out of a group by hand is not in it: there is no rule to win over.
        "rule": group.by_rule,
    }
    with planned_for(many=len(pins) > MANY), connection.cursor() as cursor:
        cursor.execute(
            """SELECT w.id, w.inside, p.inside FROM (
                SELECT id, CASE WHEN inside OR %(rule)s THEN inside END AS inside
                FROM unnest(%(ids)s::uuid[], %(says)s::boolean[]) AS said(id, inside)
            ) w
            JOIN customers_customer c ON c.account_id = %(account)s AND c.id = w.id AND c.id = ANY(%(ids)s::uuid[])
            LEFT JOIN groups_pin p ON p.account_id = %(account)s AND p.group_id = %(group)s AND p.customer_id = w.id
                AND p.customer_id = ANY(%(ids)s::uuid[])
            WHERE w.inside IS DISTINCT FROM p.inside""",
            parameters,
        )
        other = cursor.fetchall()
        if gone := [id for id, says, _before in other if says is None]:
            cursor.execute(
                "DELETE FROM groups_pin WHERE account_id = %(account)s AND group_id = %(group)s"
                " AND customer_id = ANY(%(gone)s::uuid[])",
                {**parameters, "gone": uuids(gone)},
            )
        if said := {id: says for id, says, _before in other if says is not None}:
            cursor.execute(
                """INSERT INTO groups_pin (account_id, group_id, customer_id, inside, by_id, at)
                SELECT %(account)s, %(group)s, o.id, o.inside, %(by)s, %(now)s
                FROM unnest(%(said)s::uuid[], %(inside)s::boolean[]) AS o(id, inside)
                ON CONFLICT (account_id, group_id, customer_id)
                DO UPDATE SET inside = excluded.inside, by_id = excluded.by_id, at = excluded.at""",
                {**parameters, "said": uuids(said), "inside": list(said.values()), "by": by and by.pk, "now": now},
            )
    return {id: before for id, _says, before in other}
