"""Measuring groups: 50 of them, 20 by rule, made for the occasion and taken away again. By itself, in three minutes:
`python -m bench --only groups`."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.db import connection, transaction

from bench.cases import LIST, Budget, Known, Page
from bench.measure import WARM, side_by_side
from bench.pages import Stage, measure_page
from bench.processor import own_backend
from bench.report import Row
from carteira.accounts.models import User
from carteira.billing.pay import record_payment
from carteira.core import dates
from carteira.core.events import follow
from carteira.core.urls import account_url
from carteira.core.walls import scope
from carteira.customers.bulk import jobs, start
from carteira.customers.lifecycle import view_of
from carteira.customers.models import Customer
from carteira.customers.selection import Selection
from carteira.groups import fields, preview, rules
from carteira.groups.fields import Kind
from carteira.groups.make import make_group
from carteira.groups.models import Group
from carteira.groups.refresh import rebuild

BY_HAND, BY_RULE = 30, 20
ADD = Budget(per_second=20_000)
PREVIEW = Budget(p95=300)
PAYMENT = Budget(p50=3)
_ASKED: list[dict[str, Any]] = [
    {"field": "state", "is": "is", "value": ["inactive"]},
    {"field": "last_payment", "is": "within", "value": 30},
    {"field": "last_payment", "is": "longer_ago", "value": 180},
    {"field": "delinquent", "is": "yes"},
    {"field": "registered", "is": "within", "value": 365},
    {"field": "city", "is": "is", "value": "Campinas"},
    {"field": "paid", "is": "at_least", "value": {"amount": 200_000, "days": 365}},
    {"field": "paid", "is": "less_than", "value": {"amount": 50_000, "days": 180}},
    {"field": "state", "is": "for", "value": 90},
    {"field": "kind", "is": "is", "value": ["person"]},
]


def rule(nth: int) -> dict[str, Any]:
    """Two conditions each, no two rules the same."""
    return {("all", "any")[nth % 2]: [_ASKED[nth % 10], _ASKED[(nth * 3 + 1) % 10]]}


def measure_groups(known: Known, stage: Stage, samples: int) -> Iterator[Row]:
    with _groups(known, stage) as made:
        stage.owner.execute("VACUUM ANALYZE groups_member, groups_pin")
        yield _added(known, made[0])
        with scope(known.account.pk):
            rebuild(now=dates.now())
        stage.owner.execute("VACUUM ANALYZE groups_member, groups_pin")
        yield measure_page(_panel(known), known, stage, samples)
        for page in _lists(known, made):
            yield measure_page(page, known, stage, samples)
        yield from _previews(known, made, samples)
        yield from _payments(known, max(100, samples))


@contextmanager
def _groups(known: Known, stage: Stage) -> Iterator[list[Group]]:
    """Group n by hand holds every (n + 2)th customer, the first nobody yet."""
    _forget(known, stage)
    now, made = dates.now(), []
    with scope(known.account.pk), connection.cursor() as cursor:
        for nth in range(BY_HAND):
            group = make_group(known.account, name=f"Bench by hand {nth:02}", by=None, now=now)
            made.append(group)
            if nth:
                cursor.execute(
                    """INSERT INTO groups_pin (account_id, group_id, customer_id, inside, at)
                    SELECT account_id, %s, id, TRUE, %s FROM customers_customer
                    WHERE account_id = %s AND number %% %s = 0""",
                    [group.pk, now, known.account.pk, nth + 2],
                )
        made += [
            make_group(known.account, name=f"Bench by rule {nth:02}", rule=rule(nth), by=None, now=now)
            for nth in range(BY_RULE)
        ]
    try:
        yield made
    finally:
        _forget(known, stage)


def _forget(known: Known, stage: Stage) -> None:
    for sql in (
        "DELETE FROM groups_member WHERE account_id = %(account)s",
        "DELETE FROM groups_pin WHERE account_id = %(account)s",
        "DELETE FROM groups_group WHERE account_id = %(account)s",
        "DELETE FROM core_event WHERE account_id = %(account)s AND kind LIKE 'group.%%'",
        "DELETE FROM customers_bulkpart p USING customers_bulkact a WHERE p.account_id = %(account)s"
        " AND a.account_id = p.account_id AND a.id = p.act_id AND a.verb = 'group.add'",
        "DELETE FROM customers_bulkact WHERE account_id = %(account)s AND verb = 'group.add'",
    ):
        stage.owner.execute(sql, {"account": known.account.pk})
    stage.owner.execute("VACUUM ANALYZE core_event")


def _added(known: Known, group: Group) -> Row:
    """Everybody into one group, as the bulk job does it; by hand the bare rows."""
    by_hand = _added_by_hand(known, group)
    with patch.object(start, "defer"), scope(known.account.pk):
        by = User.objects.get(email="bench@example.com")
        act = start.start(
            known.account, "group.add", Selection(everyone=""), {"group": str(group.pk)}, by=by, now=dates.now()
        )
    meter = own_backend()
    spent, begun = meter() + time.process_time(), time.perf_counter()
    jobs.change_many(known.account.pk, act_id=str(act.pk))
    seconds, spent = time.perf_counter() - begun, meter() + time.process_time() - spent
    name = f"add {act.total:,} to a group"
    return Row("bulk", name, p50=seconds, hand=by_hand, rate=act.total / seconds, cpu=spent, budget=ADD)


_BARE = (
    """INSERT INTO groups_pin (account_id, group_id, customer_id, inside, at)
    SELECT account_id, %(group)s, id, TRUE, %(now)s""",
    """INSERT INTO groups_member (account_id, group_id, customer_id, cause, resting)
    SELECT account_id, %(group)s, id, 'hand', FALSE""",
    """INSERT INTO core_event (account_id, kind, customer_id, subject_id, at, what, personal)
    SELECT account_id, 'group.added', id, %(group)s, %(now)s, '{}', jsonb_build_object('group', 'Bench')""",
)


def _added_by_hand(known: Known, group: Group) -> float:
    """Seconds of the three statements in one transaction, their foreign keys checked; taken back."""
    params = {**known.params, "group": group.pk, "now": dates.now()}
    with scope(known.account.pk), connection.cursor() as cursor:
        begun = time.perf_counter()
        for sql in _BARE:
            cursor.execute(
                f"{sql} FROM customers_customer WHERE account_id = %(account)s AND archived_on IS NULL ORDER BY id",
                params,
            )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        seconds = time.perf_counter() - begun
        transaction.set_rollback(True)
    return seconds


_COUNTS = """SELECT g.id, g.name, count(*), count(*) FILTER (WHERE c.oldest_due_on < %(day)s)
    FROM groups_group g JOIN groups_member m ON m.account_id = g.account_id AND m.group_id = g.id
    JOIN customers_customer c ON c.account_id = m.account_id AND c.id = m.customer_id
    WHERE g.account_id = %(account)s AND c.archived_on IS NULL GROUP BY g.id, g.name"""


def _panel(known: Known) -> Page:
    path = account_url(known.account.slug, "groups:list") + "?side=1"
    return Page("list", "the panel of 50 groups", path, LIST, ((_COUNTS, known.params),), htmx=True)


def _lists(known: Known, made: list[Group]) -> Iterator[Page]:
    here = account_url(known.account.slug, "customers:list")
    for name, group in (
        ("of everybody", made[0]),
        ("of a 31st", made[BY_HAND - 1]),
        ("by rule, paid at least", made[BY_HAND + 6]),
        ("by rule, state and payment", made[BY_HAND]),
    ):
        inside = "EXISTS (SELECT FROM groups_member m WHERE m.account_id = %(account)s AND m.group_id = %(group)s"
        sql = f"""SELECT c.* FROM customers_customer c WHERE c.account_id = %(account)s AND c.archived_on IS NULL
            AND {inside} AND m.customer_id = c.id) ORDER BY c.name_sort, c.id LIMIT 51"""
        count = f"""SELECT count(*) FROM (SELECT FROM customers_customer c WHERE c.account_id = %(account)s
            AND c.archived_on IS NULL AND {inside} AND m.customer_id = c.id) LIMIT 1001) found"""
        params = {**known.params, "group": group.pk}
        yield Page("list", f"group {name}", f"{here}?group={group.pk}", LIST, ((sql, params), (count, params)))


def _previews(known: Known, made: list[Group], samples: int) -> Iterator[Row]:
    """The function the builder calls while somebody writes, no page around it: every operator of every field."""
    view = view_of(known.account, now=dates.now())

    def shown(asked: dict[str, Any]) -> float:
        with scope(known.account.pk):
            begun = time.perf_counter()
            preview.preview_of(rules.clean(asked, known.account), made[0], known.account, view)
            return time.perf_counter() - begun

    with scope(known.account.pk):
        every = [*_ASKED, *_every_condition(known, made)]
    for asked in every:
        meter = own_backend()
        times = side_by_side({"ours": lambda asked=asked: shown(asked)}, samples, {"ours": meter})["ours"]
        yield Row("preview", f"{asked['field']} {asked['is']}", times.p50, times.p95, cpu=times.cpu, budget=PREVIEW)


def _every_condition(known: Known, made: list[Group]) -> Iterator[dict[str, Any]]:
    """Of what is registered, and is not asked above."""
    values: dict[Kind, Any] = {
        Kind.NOTHING: None,
        Kind.DAYS: 90,
        Kind.TEXT: "Campinas",
        Kind.DAY: (known.today - timedelta(days=500)).isoformat(),
        Kind.NUMBER: "5",
        Kind.MONEY_IN_DAYS: {"amount": 1, "days": None},
        Kind.MONEY: 10_000,
        Kind.GROUPS: [str(made[BY_HAND + 6].pk)],
    }
    told = {(asked["field"], asked["is"]) for asked in _ASKED}
    for name, field in fields.known(known.account).items():
        for way, operator in field.operators.items():
            options = list(field.options(known.account))[:1] if operator.kind is Kind.CHOICES else None
            if (name, way) not in told and options != []:
                yield {"field": name, "is": way, "value": options or values.get(operator.kind)}


def _payments(known: Known, samples: int) -> Iterator[Row]:
    """What 50 groups add to recording a payment: the verb in this process, in turn with the same while nobody follows.
    Of customers who paid lately (their groups mostly stay) and of those who did not (some groups change)."""
    lately = known.today - timedelta(days=60)
    for name, older in (("who stays where it is", False), ("who changes groups", True)):
        found = known.ask(
            "SELECT id FROM customers_customer WHERE account_id = %(account)s AND archived_on IS NULL AND number > 2000"
            f" AND last_paid_on {'<' if older else '>='} %(lately)s ORDER BY number LIMIT %(many)s",
            lately=lately,
            many=2 * (samples + WARM) + 10,
        )
        ids = itertools.cycle([row[0] for row in found])

        def pay(ids: Iterator[Any] = ids) -> None:
            now = dates.now()
            with scope(known.account.pk):
                customer = Customer.objects.get(pk=next(ids))
                record_payment(customer, amount=15_000, paid_on=known.today, method="pix", by=None, now=now)

        def alone(pay: Callable[[], None] = pay) -> None:
            with patch.object(follow, "_followers", []):
                pay()

        meter = own_backend()
        meters = dict.fromkeys(("with", "alone"), lambda meter=meter: meter() + time.process_time())
        times = side_by_side({"with": pay, "alone": alone}, samples, meters)
        ours, bare = times["with"], times["alone"]
        yield Row(
            "payment",
            f"added to a payment by one {name}",
            p50=ours.p50 - bare.p50,
            p95=ours.p95 - bare.p95,
            cpu=None if ours.cpu is None or bare.cpu is None else ours.cpu - bare.cpu,
            budget=PAYMENT,
        )
