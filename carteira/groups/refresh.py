"""Keeping Member equal to the truth: in the transaction of whatever changed somebody, and when days pass.

`noticed` follows the events and notes whom something happened to; at the end of the scope their memberships are
evaluated anew: a few customers here, many by one statement a group. A property test holds both ways and the truth
equal; `carteira verify` proves it on real data.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Case, F, QuerySet, Value, When
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account
from carteira.core import dates
from carteira.core.events import kinds
from carteira.core.events.record import record_many
from carteira.core.events.record_selected import record_selected
from carteira.core.walls.scope import at_end, require_account_id
from carteira.customers.lifecycle import view_of
from carteira.customers.models import Customer
from carteira.groups.lock import lock_groups
from carteira.groups.models import Group, Member, Pin
from carteira.groups.truth import Truth

ENTERED = kinds.register("group.entered", gettext_lazy("Joined the group “{group}”: its rule fits now."))
LEFT = kinds.register("group.left", gettext_lazy("Left the group “{group}”: its rule no longer fits."))

# Days nobody evaluated are gone through one by one, so that what happened on each is dated; longer ago, only so many.
CATCH_UP = 60


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
    customers: Iterable[UUID], *, groups: Iterable[UUID] | None = None, now: datetime, silent: bool = False
) -> None:
    """Evaluate these customers' belonging to these groups (else all) and those that lean on them.

    `silent`: their coming and going is told by the caller's own events, but that of the groups that lean is told here.
    """
    truth = _hold(now)
    if truth is not None:
        which = truth.groups if groups is None else truth.leaning(groups)
        _refresh(truth, set(customers), which, now=now, silent=set(groups or ()) if silent else set())


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
    """Before they are deleted: the counts go down; the rows go with them."""
    had = {(member.group_id, member.customer_id): member for member in Member.objects.filter(customer__in=customers)}
    _write({}, had, list(had), [], [])


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


# -- what both ways share


def _hold(now: datetime) -> Truth | None:
    lock_groups(shared=True)
    return _truth(now, many=False)


def _truth(now: datetime, *, many: bool = True) -> Truth | None:
    """None while there are no groups."""
    groups = list(Group.objects.filter(deleted_at=None).select_related("account"))
    if not groups:
        return None
    account = groups[0].account
    return Truth.of(account, view_of(account, now=now), groups=groups, many=many)


class _Belonging(NamedTuple):
    cause: str
    resting: bool


# -- a few


def _refresh(
    truth: Truth, customers: set[UUID], which: Iterable[UUID], *, now: datetime, silent: Iterable[UUID] = ()
) -> None:
    if not customers:
        return
    groups = [truth.groups[id] for id in which]
    wanted, seen = _evaluate(truth, groups, customers, now)
    had: dict[tuple[UUID | None, UUID], Member] = {
        (member.group_id, member.customer_id): member for member in Member.objects.filter(customer__in=customers)
    }
    ids = {group.pk for group in groups}
    elsewhere = {customer for group, customer in had if group is not None and group not in ids}
    for customer, resting in seen.items():
        if customer not in elsewhere and not any((group, customer) in wanted for group in ids):
            wanted[None, customer] = _Belonging(Member.Cause.HAND, resting)
    gone = [key for key in had if (key[0] in ids or key[0] is None) and key not in wanted]
    new = [key for key in wanted if key not in had]
    other = [key for key, belonging in wanted.items() if key in had and _differs(had[key], belonging)]
    _write(wanted, had, gone, new, other)
    told = set(silent)
    for kind, keys in ((LEFT, gone), (ENTERED, new)):
        facts = [
            {"customer_id": customer, "subject_id": group, "what": {"group": truth.groups[group].name}}
            for group, customer in keys
            if group is not None and group not in told and customer in seen
        ]
        if facts:
            record_many(kind, facts, by=None, now=now)


def _differs(member: Member, belonging: _Belonging) -> bool:
    return (member.cause, member.resting) != belonging


def _evaluate(
    truth: Truth, groups: Sequence[Group], customers: set[UUID], now: datetime
) -> tuple[dict[tuple[UUID | None, UUID], _Belonging], dict[UUID, bool]]:
    """Who belongs to which of the groups, and which of the customers there are, with whether they rest. Brings the
    groups' next day of change forward where one of these customers changes earlier."""
    by_rule = [group for group in groups if group.rule is not None]
    flips = {group.pk: truth.flips(group) for group in by_rule}
    columns = sorted({column for found in flips.values() for column, _days in found or ()})
    asked = {f"fits_{nth}": _yes(truth.by_rule(group)) for nth, group in enumerate(by_rule)}
    rows = Customer.objects.filter(pk__in=customers).annotate(**asked)
    wanted: dict[tuple[UUID | None, UUID], _Belonging] = {}
    pins = defaultdict(dict)
    for group, customer, inside in Pin.objects.filter(customer__in=customers).values_list(
        "group_id", "customer_id", "inside"
    ):
        pins[customer][group] = inside
    seen: dict[UUID, bool] = {}
    sooner: dict[UUID, date] = {}
    for row in rows.values_list("pk", "archived_on", *columns, *asked):
        customer, archived_on = row[:2]
        days = dict(zip(columns, row[2 : 2 + len(columns)], strict=True))
        fits = dict(zip((group.pk for group in by_rule), row[2 + len(columns) :], strict=True))
        seen[customer] = archived_on is not None
        for group in groups:
            pinned = pins[customer].get(group.pk)
            if pinned:
                wanted[group.pk, customer] = _Belonging(Member.Cause.HAND, seen[customer])
            elif fits.get(group.pk) and pinned is None:
                wanted[group.pk, customer] = _Belonging(Member.Cause.RULE, seen[customer])
        for group in by_rule:
            if day := _next_flip(flips[group.pk], days, truth.view.day):
                sooner[group.pk] = min(day, sooner.get(group.pk, day))
    for id, day in sooner.items():
        if (known := truth.groups[id].changes_on) is None or day < known:
            Group.objects.filter(pk=id).update(changes_on=day)
    return wanted, seen


def _next_flip(flips: set[tuple[str, int]] | None, days: dict[str, date | None], today: date) -> date | None:
    """The first day after today on which time alone may change what fits these days."""
    if flips is None:
        return today + timedelta(days=1)
    found = [day + timedelta(days=after) for column, after in flips if (day := days[column]) is not None]
    return min((day for day in found if day > today), default=None)


def _yes(condition: Any) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _write(wanted: Any, had: Any, gone: Any, new: Any, other: Any) -> None:
    more: dict[UUID, int] = defaultdict(int)
    for key in [*gone, *other]:
        if key[0] is not None and not had[key].resting:
            more[key[0]] -= 1
    for key in [*new, *other]:
        if key[0] is not None and not wanted[key].resting:
            more[key[0]] += 1
    if gone:
        Member.objects.filter(pk__in=[had[key].pk for key in gone]).delete()
    for key in other:
        had[key].cause, had[key].resting = wanted[key]
    if other:
        Member.objects.bulk_update([had[key] for key in other], ["cause", "resting"])
    Member.objects.bulk_create(
        [Member(group_id=key[0], customer_id=key[1], **wanted[key]._asdict()) for key in new], batch_size=1000
    )
    # One order for everybody who counts.
    for group in sorted(more):
        if more[group]:
            Group.objects.filter(pk=group).update(members=F("members") + more[group])


# -- many


def _rebuild(truth: Truth, which: Iterable[UUID], *, now: datetime, silent: Iterable[UUID] = ()) -> None:
    told = set(silent)
    for id in sorted(which):
        group = truth.groups[id]
        _rewrite(truth, group, now=now, tell=id not in told)
        Group.objects.filter(pk=id).update(
            members=Member.objects.filter(group=id, resting=False).count(),
            evaluated_on=truth.view.day,
            changes_on=_changes_on(truth, group),
        )
    _rewrite_groupless()


def _rewrite(truth: Truth, group: Group, *, now: datetime, tell: bool) -> None:
    sql, parameters = truth.members(group).order_by().values_list("id", "cause", "resting").query.sql_with_params()
    account = require_account_id()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH want(customer_id, cause, resting) AS MATERIALIZED ({sql}),
            gone AS (
                DELETE FROM groups_member m WHERE m.account_id = %s AND m.group_id = %s
                    AND NOT EXISTS (SELECT FROM want w WHERE w.customer_id = m.customer_id)
                RETURNING m.customer_id
            ),
            other AS (
                UPDATE groups_member m SET cause = w.cause, resting = w.resting FROM want w
                WHERE m.account_id = %s AND m.group_id = %s AND m.customer_id = w.customer_id
                    AND (m.cause, m.resting) IS DISTINCT FROM (w.cause, w.resting)
            ),
            new AS (
                INSERT INTO groups_member (account_id, group_id, customer_id, cause, resting)
                SELECT %s, %s, w.customer_id, w.cause, w.resting FROM want w
                WHERE NOT EXISTS (SELECT FROM groups_member m WHERE m.account_id = %s AND m.group_id = %s
                    AND m.customer_id = w.customer_id)
                RETURNING customer_id
            )
            SELECT coalesce((SELECT array_agg(customer_id) FROM gone), '{{}}'),
                coalesce((SELECT array_agg(customer_id) FROM new), '{{}}')""",
            [*parameters, *[account, group.pk] * 4],
        )
        gone, new = cursor.fetchone()
    for kind, customers in ((LEFT, gone), (ENTERED, new)):
        if tell and customers:
            tell_many(kind, group, customers, by=None, now=now)


def tell_many(kind: str, group: Group, customers: Sequence[UUID], *, by: Any, now: datetime) -> None:
    """One event for each of them."""
    record_selected(
        kind,
        """SELECT w.id AS customer_id, %(group)s::uuid AS subject_id,
            jsonb_build_object('group', %(name)s::text) AS what FROM unnest(%(ids)s::uuid[]) AS w(id)""",
        {"ids": list(customers), "group": group.pk, "name": group.name},
        by=by,
        now=now,
    )


def _rewrite_groupless() -> None:
    account = require_account_id()
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH want AS MATERIALIZED (
                SELECT c.id AS customer_id, c.archived_on IS NOT NULL AS resting FROM customers_customer c
                WHERE c.account_id = %(account)s AND NOT EXISTS (
                    SELECT FROM groups_member m WHERE m.account_id = %(account)s AND m.customer_id = c.id
                        AND m.group_id IS NOT NULL)
            ), gone AS (
                DELETE FROM groups_member m WHERE m.account_id = %(account)s AND m.group_id IS NULL
                    AND NOT EXISTS (SELECT FROM want w WHERE w.customer_id = m.customer_id)
            ), other AS (
                UPDATE groups_member m SET resting = w.resting FROM want w WHERE m.account_id = %(account)s
                    AND m.group_id IS NULL AND m.customer_id = w.customer_id AND m.resting <> w.resting
            )
            INSERT INTO groups_member (account_id, group_id, customer_id, cause, resting)
            SELECT %(account)s, NULL, w.customer_id, 'hand', w.resting FROM want w
            WHERE NOT EXISTS (SELECT FROM groups_member m WHERE m.account_id = %(account)s AND m.group_id IS NULL
                AND m.customer_id = w.customer_id)""",
            {"account": account},
        )


def _changes_on(truth: Truth, group: Group) -> date | None:
    """The first day after the view's on which time alone may change its members."""
    flips = truth.flips(group)
    if flips is None:
        return truth.view.day + timedelta(days=1)
    if not flips:
        return None
    day = truth.view.day
    parts = " UNION ALL ".join(
        f"(SELECT min({connection.ops.quote_name(column)}) + %s AS day FROM customers_customer"
        f" WHERE account_id = %s AND {connection.ops.quote_name(column)} > %s)"
        for column, _after in sorted(flips)
    )
    parameters = [
        value
        for _column, after in sorted(flips)
        for value in (after, require_account_id(), day - timedelta(days=after))
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(day) FROM ({parts}) AS found", parameters)
        return cursor.fetchone()[0]
