"""Measuring a bulk change of everybody: archived as the job does it, part by part, beside the bare statements; then its
undo. Afterwards the data are as before."""

import time
from collections.abc import Callable, Iterator
from unittest.mock import patch

import psycopg
from django.db import connection, transaction

from bench.browser import Failed
from bench.cases import Budget, Known
from bench.processor import own_backend
from bench.report import Row
from carteira.accounts.models import User
from carteira.core import dates
from carteira.core.walls import scope
from carteira.customers.bulk import jobs, start
from carteira.customers.bulk.models import BulkAct
from carteira.customers.selection import Selection

# 100,000 within 20 seconds.
BULK = Budget(per_second=5_000)


def measure_bulk(known: Known, owner: psycopg.Connection[object]) -> Iterator[Row]:
    """One run of each."""
    by_hand, many = _by_hand(known)
    begun_at = dates.now()
    # No worker is told: this process is the worker.
    with patch.object(start, "defer"):
        with scope(known.account.pk):
            by = User.objects.get(email="bench@example.com")
            values = {"on": known.today.isoformat(), "reason": "", "note": ""}
            act = start.start(known.account, "archive", Selection(everyone=""), values, by=by, now=begun_at)
        yield _row(known, act, f"archive {act.total:,}", lambda act: act.done, hand=by_hand)
        if act.done != many:
            raise Failed(f"{act.done} were archived, by hand {many}")
        with scope(known.account.pk):
            act = start.undo(act, by=by, now=dates.now())
        yield _row(known, act, "undo it", lambda act: act.undone)
        if act.kept:
            raise Failed(f"{act.kept} were not put back")
    _forget(known, act, begun_at, owner)


def _row(known: Known, act: BulkAct, name: str, done: Callable[[BulkAct], int], *, hand: float | None = None) -> Row:
    meter = own_backend()
    spent, begun = meter() + time.process_time(), time.perf_counter()
    jobs.change_many(known.account.pk, act_id=str(act.pk))
    seconds, spent = time.perf_counter() - begun, meter() + time.process_time() - spent
    with scope(known.account.pk):
        act.refresh_from_db()
    return Row("bulk", name, p50=seconds, hand=hand, rate=act.total / seconds, cpu=spent, budget=BULK)


_FREE = """
    SELECT c.id, c.last_paid_on FROM customers_customer c
    WHERE c.account_id = %(account)s AND c.archived_on IS NULL AND NOT EXISTS (
        SELECT FROM billing_invoice i WHERE i.account_id = %(account)s AND i.customer_id = c.id
            AND i.settled_on IS NULL AND i.canceled_on IS NULL AND i.deleted_at IS NULL)"""


def _by_hand(known: Known) -> tuple[float, int]:
    """Seconds of the four statements in one transaction, and how many they are about; taken back."""
    params = {**known.params, "now": dates.now()}
    with scope(known.account.pk), connection.cursor() as cursor:
        begun = time.perf_counter()
        cursor.execute(f"CREATE TEMPORARY TABLE bench_gone ON COMMIT DROP AS {_FREE}", params)
        cursor.execute(
            """INSERT INTO customers_archiveperiod (account_id, customer_id, from_on, until_on, reason, note)
            SELECT %(account)s, id, %(day)s, DATE '9999-12-31', '', '' FROM bench_gone""",
            params,
        )
        many = cursor.rowcount
        cursor.execute(
            """UPDATE customers_customer c SET archived_on = %(day)s FROM bench_gone g
            WHERE c.account_id = %(account)s AND c.id = g.id""",
            params,
        )
        cursor.execute(
            """INSERT INTO customers_span (account_id, customer_id, kind, from_on, until_on, since_on)
            SELECT %(account)s, id, 'archived', %(day)s, DATE '9999-12-31', last_paid_on FROM bench_gone""",
            params,
        )
        cursor.execute(
            """INSERT INTO core_event (account_id, kind, customer_id, at, what, personal)
            SELECT %(account)s, 'customer.archived', id, %(now)s, '{}', '{}' FROM bench_gone""",
            params,
        )
        seconds = time.perf_counter() - begun
        transaction.set_rollback(True)
    return seconds, many


def _forget(known: Known, act: BulkAct, begun_at: object, owner: psycopg.Connection[object]) -> None:
    """What the program keeps of an act that was undone: only the owner of the tables may take it away."""
    for sql in (
        "DELETE FROM core_event WHERE account_id = %(account)s AND at >= %(at)s AND kind LIKE 'customer.%%archived'",
        "DELETE FROM customers_archiveperiod WHERE account_id = %(account)s AND from_on = %(day)s AND until_on = %(day)s",
        "DELETE FROM customers_bulkpart WHERE account_id = %(account)s AND act_id = %(act)s",
        "DELETE FROM customers_bulkact WHERE account_id = %(account)s AND id = %(act)s",
        *(f"VACUUM ANALYZE {table}" for table in ("customers_customer", "customers_archiveperiod", "customers_span")),
        "VACUUM ANALYZE core_event",
    ):
        values = {"account": known.account.pk, "day": known.today, "act": act.pk, "at": begun_at}
        owner.execute(sql, None if sql.startswith("VACUUM") else values)
