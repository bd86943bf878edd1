"""Putting customers into a group and taking them out (S3-14, S3-16): by hand, which wins over a rule for good."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy

from carteira.core.database.arrays import array, uuids
from carteira.core.database.many_ids import IDS, nth_id
from carteira.core.database.statistics import renew_after_commit
from carteira.core.events import kinds
from carteira.core.walls.scope import require_account_id
from carteira.customers.facts import planned_for
from carteira.groups import refresh
from carteira.groups.lock import lock_groups
from carteira.groups.models import Group
from carteira.groups.moves import tell_many

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
        # Alone, for it holds no customer: two who say something of the same one would each miss what the other said, of
        # this group or of the last one the customer is in. Before the group is looked at, which may be deleted meanwhile.
        lock_groups()
        group = Group.objects.get(pk=group.pk, deleted_at=None)
        ids = uuids(pins)
        changed, more = _write(group, pins, ids, by=by, now=now)
        ids = ids if len(changed) == len(pins) else uuids(changed)
        for kind, said in ((ADDED, True), (REMOVED, False), (UNPINNED, None)):
            told = [id for id in changed if pins[id] is said]
            if told:
                # Of a group by hand, saying nothing any more is taking out.
                kind = REMOVED if said is None and not group.by_rule else kind
                tell_many(kind, group, ids if len(told) == len(changed) else uuids(told), by=by, now=now)
        done = {} if group.by_rule else {group.pk: more}
        refresh.refresh(changed, groups=[group.pk], now=now, silent=True, written=ids, done=done)
        renew_after_commit("groups_pin", "groups_member", "core_event", rows=len(changed))
        return changed


def _write(
    group: Group, pins: Mapping[UUID, Pinned], ids: str, *, by: Any, now: datetime
) -> tuple[dict[UUID, Pinned], int]:
    """Those for whom something else holds now, with what held before. Of a group by hand also who is in it and who is
    in none any more, and how many more of it are not archived: its pins say it all. One statement, however many."""
    parameters = {
        "account": require_account_id(),
        "group": group.pk,
        "ids": ids,
        "says": array(pins.values()),
        "by": by and by.pk,
        "now": now,
        "all": len(pins),
    }
    # Out of a group by hand is not in it: there is no rule to win over.
    inside = "inside" if group.by_rule else "CASE WHEN inside THEN inside END"
    with planned_for(many=len(pins) > MANY), connection.cursor() as cursor:
        cursor.execute(
            f"""WITH {IDS}, w AS MATERIALIZED (
                SELECT said.id, said.inside, p.inside AS before, c.archived_on IS NOT NULL AS resting
                FROM (
                    SELECT id, {inside} AS inside
                    FROM unnest(%(ids)s::uuid[], %(says)s::boolean[]) AS given(id, inside)
                ) said
                JOIN customers_customer c ON c.account_id = %(account)s AND c.id = said.id
                    AND c.id = ANY(%(ids)s::uuid[])
                LEFT JOIN groups_pin p ON p.account_id = %(account)s AND p.group_id = %(group)s
                    AND p.customer_id = said.id AND p.customer_id = ANY(%(ids)s::uuid[])
                WHERE said.inside IS DISTINCT FROM p.inside
            ), gone AS (
                DELETE FROM groups_pin WHERE account_id = %(account)s AND group_id = %(group)s
                    AND customer_id = ANY(%(ids)s::uuid[]) AND customer_id IN (SELECT id FROM w WHERE inside IS NULL)
            ), said AS (
                INSERT INTO groups_pin (account_id, id, group_id, customer_id, inside, by_id, at)
                SELECT %(account)s, {nth_id()}, %(group)s, id, inside, %(by)s, %(now)s FROM w WHERE inside IS NOT NULL
                ON CONFLICT (account_id, group_id, customer_id)
                DO UPDATE SET inside = excluded.inside, by_id = excluded.by_id, at = excluded.at
            ){"" if group.by_rule else _MEMBERS}
            SELECT before, count(*) = %(all)s, CASE WHEN count(*) < %(all)s THEN array_agg(id) END,
                {"0" if group.by_rule else _MORE}
            FROM w GROUP BY before""",
            parameters,
        )
        found = cursor.fetchall()
    # Where one thing held of all that were given, their ids are here already.
    changed = {id: before for before, everybody, some, _more in found for id in (pins if everybody else some)}
    return changed, found[0][3] if found else 0


# The archived rest: they are in it, and not counted.
_MEMBERS = f""", entered AS (
    INSERT INTO groups_member (account_id, id, group_id, customer_id, cause, resting)
    SELECT %(account)s, {nth_id()}, %(group)s, id, 'hand', resting FROM w WHERE inside RETURNING resting
), in_one AS (
    DELETE FROM groups_member WHERE account_id = %(account)s AND group_id IS NULL
        AND customer_id = ANY(%(ids)s::uuid[]) AND customer_id IN (SELECT id FROM w WHERE inside)
), went AS (
    DELETE FROM groups_member WHERE account_id = %(account)s AND group_id = %(group)s
        AND customer_id = ANY(%(ids)s::uuid[]) AND customer_id IN (SELECT id FROM w WHERE inside IS NULL)
    RETURNING resting
), in_none AS (
    INSERT INTO groups_member (account_id, group_id, customer_id, cause, resting)
    SELECT %(account)s, NULL, id, 'hand', resting FROM w WHERE before AND inside IS NULL AND NOT EXISTS (
        SELECT FROM groups_member m WHERE m.account_id = %(account)s AND m.customer_id = w.id
            AND m.customer_id = ANY(%(ids)s::uuid[]) AND m.group_id <> %(group)s)
)"""
_MORE = "(SELECT count(*) FROM entered WHERE NOT resting) - (SELECT count(*) FROM went WHERE NOT resting)"
