"""Keeping Member equal to the truth: in the transaction of whatever changed somebody, and when days pass.

`noticed` follows the events and notes whom something happened to; at the end of the scope their memberships are
evaluated anew: a few customers here, many by one statement a group. A property test holds both ways and the truth
equal; `carteira verify` proves it on real data.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account
from carteira.core import dates
from carteira.core.database.arrays import uuids
from carteira.core.database.many_ids import IDS, nth_id
from carteira.core.events import kinds
from carteira.core.events.record import record_many
from carteira.core.events.record_selected import record_selected
from carteira.core.walls.scope import at_end, require_account_id
from carteira.customers.facts import planned_for
from carteira.customers.lifecycle import view_of
from carteira.groups import evaluate
from carteira.groups.lock import lock_groups
from carteira.groups.models import Group, Member
from carteira.groups.truth import Truth

ENTERED = kinds.register("group.entered", gettext_lazy("Joined the group “{group}”: its rule fits now."))
LEFT = kinds.register("group.left", gettext_lazy("Left the group “{group}”: its rule no longer fits."))

# Days nobody evaluated are gone through one by one, so that what happened on each is dated; longer ago, only so many.
CATCH_UP = 60

# So many customers are asked one by one; more by one statement a group.
FEW = 100


class _Noticed:
    """Whom the end of the scope has to look at; `customers` None: everybody."""

    def __init__(self) -> None:
        self.customers: set[UUID] | None = set()
        self.at: datetime | None = None

    def __call__(self) -> None:
        assert self.at is not None
        if self.customers is None:
            rebuild(now=self.at)
        elif self.customers:
            refresh(self.customers, now=self.at)


def noticed(kind: str, customers: Sequence[UUID] | None, at: datetime) -> None:
    """A follower of all events (core.events.follow); those of groups themselves are not news here."""
    if kind.startswith("group."):
        return
    waiting = at_end("groups.refresh", _Noticed)
    waiting.at = at
    if customers is None:
        waiting.customers = None
    elif waiting.customers is not None:
        waiting.customers.update(customers)


def refresh(
    customers: Collection[UUID],
    *,
    groups: Iterable[UUID] | None = None,
    now: datetime,
    silent: bool = False,
    written: str = "",
    done: Mapping[UUID, int] = MappingProxyType({}),
) -> None:
    """Evaluate these customers' belonging to these groups (else all) and those that lean on them.

    `silent`: their coming and going is told by the caller's own events, but that of the groups that lean is told here.
    `written`: the customers as core.database.arrays writes them, where the caller did. `done`: groups whose members the
    caller has written, but for how many more they are.
    """
    lock_groups(shared=True)
    named = set(groups or ())
    if len(customers) > FEW:
        _refresh_many(written or uuids(customers), groups, now=now, silent=named if silent else set(), done=done)
        return
    standing, customers = evaluate.standing(now), set(customers)
    if standing is None or not customers:
        return
    which = set(standing.groups) if groups is None else standing.leaning(named)
    if not which - set(done):
        _count(done)
        return
    change = _compare(standing, which - set(done), customers)
    _write(change, done)
    told = named if silent else set()
    for kind, keys in ((LEFT, change.gone), (ENTERED, change.new)):
        facts = [
            {"customer_id": customer, "subject_id": group, "personal": {"group": standing.groups[group].name}}
            for group, customer in keys
            if group is not None and group not in told and customer in change.seen
        ]
        if facts:
            record_many(kind, facts, by=None, now=now)


def rebuild(groups: Iterable[UUID] | None = None, *, now: datetime, silent: bool = False) -> None:
    """Evaluate everybody's belonging to these groups (else all) and those that lean on them; nobody else evaluates
    meanwhile. `silent` as in refresh."""
    lock_groups()
    truth = _truth(now)
    if truth is None:
        Member.objects.all().delete()
        return
    which = truth.groups if groups is None else truth.leaning(groups)
    _rebuild(truth, which, now=now, silent=set(groups or ()) if silent else set())


def forget(customers: Sequence[UUID]) -> None:
    """Before they are deleted: the counts go down, the rows go."""
    _pins, had = _stored(set(customers))
    _write(_Change(had, {}, set()))


def days_passed(account: Account, now: datetime) -> None:
    """A clock: groups whose members time alone may have changed are evaluated, day by day since the last time."""
    today = account.today(now)
    due = Group.objects.filter(deleted_at=None, rule__isnull=False, changes_on__lte=today)
    if not due.exists():
        return
    lock_groups()
    while (day := _next_day(due, today)) is not None:
        # Midnight of that day, unless it is today: then now.
        at = now if day == today else dates.start_of_day(day, account.time_zone)
        truth = Truth.of(account, view_of(account, now=now, day=day))
        late = {group.pk for group in due.filter(changes_on__lte=day)}
        _rebuild(truth, truth.leaning(late), now=at)


def _next_day(due: QuerySet[Group], today: date) -> date | None:
    first = due.order_by("changes_on").values_list("changes_on", flat=True).first()
    return None if first is None else max(first, today - timedelta(days=CATCH_UP))


def _truth(now: datetime, *, many: bool = True) -> Truth | None:
    """None while there are no groups."""
    groups = list(Group.objects.filter(deleted_at=None).select_related("account"))
    if not groups:
        return None
    account = groups[0].account
    return Truth.of(account, view_of(account, now=now), groups=groups, many=many)


# -- a few

# A group (None: in none) and a customer.
type Key = tuple[UUID | None, UUID]


class _Row(NamedTuple):
    """What Member says of a key."""

    cause: str
    resting: bool


@dataclass
class _Change:
    """What Member says, what it should say, and what that makes; `seen`: customers that there are."""

    had: dict[Key, _Row]
    want: dict[Key, _Row]
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


def _compare(standing: evaluate.Standing, which: set[UUID], customers: set[UUID]) -> _Change:
    pins, had = _stored(customers)
    by_hand = {id for id in which if standing.groups[id].rule is None}
    want: dict[Key, _Row] = {}
    elsewhere = {customer for group, customer in had if group is not None and group not in which}
    fits = standing.ask(customers, rules=not which <= by_hand)
    for fit in fits:
        said = pins.get(fit.customer, {})
        fitting = {group for group in fit.groups & which if group not in said}
        inside = {group for group in which if said.get(group)}
        want.update({(group, fit.customer): _Row(Member.Cause.RULE, fit.resting) for group in fitting})
        want.update({(group, fit.customer): _Row(Member.Cause.HAND, fit.resting) for group in inside})
        if not (fitting or inside or fit.customer in elsewhere):
            want[None, fit.customer] = _Row(Member.Cause.HAND, fit.resting)
    _bring_forward(standing, fits, which - by_hand)
    had = {key: row for key, row in had.items() if key[0] is None or key[0] in which}
    return _Change(had, want, {fit.customer for fit in fits})


def _stored(customers: set[UUID]) -> tuple[dict[UUID, dict[UUID, bool]], dict[Key, _Row]]:
    """Pins by customer and group; rows of Member."""
    pins: dict[UUID, dict[UUID, bool]] = defaultdict(dict)
    had: dict[Key, _Row] = {}
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
                had[group, customer] = _Row(cause, resting)
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
    for group in sorted(sooner):
        known = standing.groups[group].changes_on
        if known is None or sooner[group] < known:
            Group.objects.filter(pk=group).update(changes_on=sooner[group])


def _write(change: _Change, done: Mapping[UUID, int] = MappingProxyType({})) -> None:
    counts: dict[UUID, int] = defaultdict(int, done)
    for keys, rows, step in (
        ([*change.gone, *change.other], change.had, -1),
        ([*change.new, *change.other], change.want, 1),
    ):
        for key in keys:
            if key[0] is not None and not rows[key].resting:
                counts[key[0]] += step
    parameters: dict[str, Any] = {"account": require_account_id()}
    with connection.cursor() as cursor:
        if change.gone:
            cursor.execute(
                """DELETE FROM groups_member m USING unnest(%(groups)s::uuid[], %(ids)s::uuid[]) AS w(group_id, id)
                WHERE m.account_id = %(account)s AND m.customer_id = w.id AND m.customer_id = ANY(%(ids)s)
                    AND m.group_id IS NOT DISTINCT FROM w.group_id""",
                {**parameters, **_columns(change.gone)},
            )
        if put := [*change.new, *change.other]:
            cursor.execute(
                """INSERT INTO groups_member (account_id, group_id, customer_id, cause, resting)
                SELECT %(account)s, w.group_id, w.id, w.cause, w.resting
                FROM unnest(%(groups)s::uuid[], %(ids)s::uuid[], %(causes)s::text[], %(resting)s::boolean[])
                    AS w(group_id, id, cause, resting)
                ON CONFLICT (account_id, group_id, customer_id)
                DO UPDATE SET cause = excluded.cause, resting = excluded.resting""",
                {
                    **parameters,
                    **_columns(put),
                    "causes": [change.want[key].cause for key in put],
                    "resting": [change.want[key].resting for key in put],
                },
            )
    _count(counts)


def _count(more: Mapping[UUID, int]) -> None:
    """One order for everybody who counts."""
    for group in sorted(more):
        if more[group]:
            Group.objects.filter(pk=group).update(members=F("members") + more[group])


def _columns(keys: Sequence[Key]) -> dict[str, list[Any]]:
    return {"groups": [group for group, _id in keys], "ids": [id for _group, id in keys]}


# -- many


def _refresh_many(
    only: str, groups: Iterable[UUID] | None, *, now: datetime, silent: set[UUID], done: Mapping[UUID, int]
) -> None:
    """`only` these customers, as core.database.arrays writes them."""
    truth = _truth(now, many=False)
    if truth is None:
        return
    which = truth.groups if groups is None else truth.leaning(groups)
    for id in sorted(which):
        group = truth.groups[id]
        if id in done:
            _count({id: done[id]})
            continue
        more = _rewrite(truth, group, only, now=now, tell=id not in silent)
        sooner = _changes_on(truth, group, only) if group.by_rule else None
        if sooner is not None and group.changes_on is not None:
            sooner = min(sooner, group.changes_on)
        if more or sooner not in (None, group.changes_on):
            changes_on = group.changes_on if sooner is None else sooner
            Group.objects.filter(pk=id).update(members=F("members") + more, changes_on=changes_on)
    if set(which) - set(done):
        _rewrite_groupless(only)


def _rebuild(truth: Truth, which: Iterable[UUID], *, now: datetime, silent: Iterable[UUID] = ()) -> None:
    told = set(silent)
    for id in sorted(which):
        group = truth.groups[id]
        _rewrite(truth, group, None, now=now, tell=id not in told)
        Group.objects.filter(pk=id).update(
            members=Member.objects.filter(group=id, resting=False).count(),
            evaluated_on=truth.view.day,
            changes_on=_changes_on(truth, group, None),
        )
    _rewrite_groupless(None)


def _rewrite(truth: Truth, group: Group, only: str | None, *, now: datetime, tell: bool) -> int:
    """Make Member say of everybody, or `only` of some, what is true; how many more are in it and not archived."""
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
    for kind, customers in ((LEFT, gone), (ENTERED, new)):
        if tell and customers:
            tell_many(kind, group, customers, by=None, now=now)
    return int(more)


def tell_many(kind: str, group: Group, ids: str, *, by: Any, now: datetime) -> None:
    """One event for each of some customers (as core.database.arrays writes them). Which groups somebody is in may tell much about a person."""
    record_selected(
        kind,
        """SELECT w.id AS customer_id, %(group)s::uuid AS subject_id,
            '{}'::jsonb AS what, jsonb_build_object('group', %(name)s::text) AS personal
        FROM unnest(%(ids)s::uuid[]) AS w(id)""",
        {"ids": ids, "group": group.pk, "name": group.name},
        by=by,
        now=now,
        personal=True,
    )


def _rewrite_groupless(only: str | None) -> None:
    some = "" if only is None else "AND {}.{} = ANY(%(only)s::uuid[])"
    with planned_for(many=True), connection.cursor() as cursor:
        cursor.execute(
            f"""WITH want AS MATERIALIZED (
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
            INSERT INTO groups_member (account_id, group_id, customer_id, cause, resting)
            SELECT %(account)s, NULL, w.customer_id, 'hand', w.resting FROM want w
            WHERE NOT EXISTS (SELECT FROM groups_member m WHERE m.account_id = %(account)s AND m.group_id IS NULL
                AND m.customer_id = w.customer_id {some.format("m", "customer_id")})""",
            {"account": require_account_id(), "only": only},
        )


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
