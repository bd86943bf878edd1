"""Evaluating many customers, or everybody: a statement a group that makes Member say what is true."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from carteira.core.database.many_ids import IDS, nth_id
from carteira.core.database.statistics import renew_after_commit
from carteira.core.walls.scope import require_account_id
from carteira.customers.facts import planned_for
from carteira.customers.lifecycle import view_of
from carteira.groups.keep_few import count
from carteira.groups.models import Group, Member
from carteira.groups.moves import ENTERED, LEFT, tell_many
from carteira.groups.truth import Truth


def standing_truth(now: datetime, *, many: bool = True) -> Truth | None:
    """None while there are no groups."""
    groups = list(Group.objects.filter(deleted_at=None).select_related("account"))
    if not groups:
        return None
    account = groups[0].account
    return Truth.of(account, view_of(account, now=now), groups=groups, many=many)


def refresh_many(
    only: str, groups: Iterable[UUID] | None, *, now: datetime, silent: set[UUID], done: Mapping[UUID, int]
) -> None:
    """`only` these customers, as core.database.arrays writes them."""
    truth = standing_truth(now, many=False)
    if truth is None:
        return
    which = truth.groups if groups is None else truth.leaning(groups)
    for id in sorted(which):
        group = truth.groups[id]
        if id in done:
            count({id: done[id]})
            continue
        more, _moved = _rewrite(truth, group, only, now=now, tell=id not in silent)
        sooner = _changes_on(truth, group, only) if group.by_rule else None
        if sooner is not None and group.changes_on is not None:
            sooner = min(sooner, group.changes_on)
        if more or sooner not in (None, group.changes_on):
            changes_on = group.changes_on if sooner is None else sooner
            Group.objects.filter(pk=id).update(members=F("members") + more, changes_on=changes_on)
    if set(which) - set(done):
        _rewrite_groupless(only)


def rebuild(
    truth: Truth, which: Iterable[UUID], *, now: datetime, silent: Iterable[UUID] = (), everybody: bool = False
) -> None:
    """`everybody`: also who is in none is looked at anew, though nobody came or went."""
    told, anybody = set(silent), everybody
    for id in sorted(which):
        group = truth.groups[id]
        _more, moved = _rewrite(truth, group, None, now=now, tell=id not in told)
        anybody = anybody or moved
        Group.objects.filter(pk=id).update(
            members=Member.objects.filter(group=id, resting=False).count(),
            changes_on=_changes_on(truth, group, None),
        )
    if anybody:
        _rewrite_groupless(None)


def find(groups: Iterable[UUID], *, now: datetime) -> None:
    """Ask the rules of these groups and of those that lean on them, and write nothing."""
    truth = standing_truth(now)
    if truth is None:
        return
    for id in sorted(truth.leaning(groups)):
        if truth.groups[id].by_rule:
            truth.members(truth.groups[id]).count()


def begin() -> None:
    """While there is no group nothing is kept; with the first one everybody is in none. Once for an account."""
    if not Member.objects.exists():
        _rewrite_groupless(None)


def _rewrite(truth: Truth, group: Group, only: str | None, *, now: datetime, tell: bool) -> tuple[int, bool]:
    """Make Member say of everybody, or `only` of some, what is true; how many more are in it and not archived, and
    whether anybody came or went."""
    found = truth.members(group, only=only).order_by()
    sql, parameters = found.values_list("id", "cause", "resting").query.sql_with_params()
    account, some = require_account_id(), "" if only is None else "AND m.customer_id = ANY(%s)"
    here = [account, group.pk, *([] if only is None else [only])]
    with planned_for(many=True), connection.cursor() as cursor:
        cursor.execute(
            f"""WITH {IDS}, want(customer_id, cause, resting) AS MATERIALIZED ({sql}),
            gone AS (
                DELETE FROM groups_member m WHERE m.account_id = %s AND m.group_id = %s {some}
                    AND NOT EXISTS (SELECT FROM want w WHERE w.customer_id = m.customer_id)
                RETURNING m.customer_id, m.resting
            ),
            other AS (
                UPDATE groups_member m SET cause = w.cause, resting = w.resting FROM want w
                WHERE m.account_id = %s AND m.group_id = %s {some} AND m.customer_id = w.customer_id
                    AND (m.cause, m.resting) IS DISTINCT FROM (w.cause, w.resting)
                RETURNING OLD.resting::int - NEW.resting::int AS more
            ),
            new AS (
                INSERT INTO groups_member (account_id, id, group_id, customer_id, cause, resting)
                SELECT %s, {nth_id()}, %s, w.customer_id, w.cause, w.resting FROM want w
                WHERE NOT EXISTS (SELECT FROM groups_member m WHERE m.account_id = %s AND m.group_id = %s {some}
                    AND m.customer_id = w.customer_id)
                RETURNING customer_id, resting
            )
            SELECT (SELECT array_agg(customer_id)::text FROM gone), (SELECT array_agg(customer_id)::text FROM new),
                (SELECT count(*) FROM new WHERE NOT resting) - (SELECT count(*) FROM gone WHERE NOT resting)
                    + coalesce((SELECT sum(more) FROM other), 0)""",
            [*parameters, *here, *here, account, group.pk, *here],
        )
        gone, new, more = cursor.fetchone()
    renew_after_commit("groups_member", "core_event", rows=abs(more))
    for kind, customers in ((LEFT, gone), (ENTERED, new)):
        if tell and customers:
            tell_many(kind, group, customers, by=None, now=now)
    return int(more), bool(gone or new)


def _rewrite_groupless(only: str | None) -> None:
    some = "" if only is None else "AND {}.{} = ANY(%(only)s::uuid[])"
    with planned_for(many=True), connection.cursor() as cursor:
        cursor.execute(
            f"""WITH {IDS}, want AS MATERIALIZED (
                SELECT c.id AS customer_id, c.archived_on IS NOT NULL AS resting FROM customers_customer c
                WHERE c.account_id = %(account)s {some.format("c", "id")} AND NOT EXISTS (
                    SELECT FROM groups_member m WHERE m.account_id = %(account)s AND m.customer_id = c.id
                        AND m.group_id IS NOT NULL {some.format("m", "customer_id")})
            ), gone AS (
                DELETE FROM groups_member m WHERE m.account_id = %(account)s AND m.group_id IS NULL
                    {some.format("m", "customer_id")}
                    AND NOT EXISTS (SELECT FROM want w WHERE w.customer_id = m.customer_id)
            ), other AS (
                UPDATE groups_member m SET resting = w.resting FROM want w WHERE m.account_id = %(account)s
                    AND m.group_id IS NULL AND m.customer_id = w.customer_id AND m.resting <> w.resting
                    {some.format("m", "customer_id")}
            )
            INSERT INTO groups_member (account_id, id, group_id, customer_id, cause, resting)
            SELECT %(account)s, {nth_id()}, NULL, w.customer_id, 'hand', w.resting FROM want w
            WHERE NOT EXISTS (SELECT FROM groups_member m WHERE m.account_id = %(account)s AND m.group_id IS NULL
                AND m.customer_id = w.customer_id {some.format("m", "customer_id")})""",
            {"account": require_account_id(), "only": only},
        )
        renew_after_commit("groups_member", rows=cursor.rowcount)


def _changes_on(truth: Truth, group: Group, only: str | None) -> date | None:
    """The first day after the view's on which time alone may change its members, or whether `only` these are."""
    flips = truth.flips(group)
    if flips is None:
        return truth.view.day + timedelta(days=1)
    if not flips:
        return None
    day = truth.view.day
    some = "" if only is None else " AND id = ANY(%s)"
    parts = " UNION ALL ".join(
        f"(SELECT min({connection.ops.quote_name(column)}) + %s AS day FROM customers_customer"
        f" WHERE account_id = %s AND {connection.ops.quote_name(column)} > %s{some})"
        for column, _after in sorted(flips)
    )
    parameters: list[Any] = []
    for _column, after in sorted(flips):
        parameters += [
            after,
            require_account_id(),
            day - timedelta(days=after),
            *([] if only is None else [only]),
        ]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(day) FROM ({parts}) AS found", parameters)
        return cursor.fetchone()[0]
