"""Measuring merges: two customers with 1,000 rows each, their way back, and the search for duplicates. Nothing stays."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from django.db import connection, transaction

from bench.cases import Budget, Known
from bench.report import Row
from carteira.core import dates
from carteira.core.walls import scope
from carteira.customers.merge import find
from carteira.customers.merge.merge import merge
from carteira.customers.merge.unmerge import unmerge
from carteira.customers.models import Customer
from carteira.customers.register import register

MERGE = Budget(p95=1000)
ROUNDS = 5
ROWS = 250  # of each of four kinds


def measure_merges(known: Known) -> Iterator[Row]:
    merging, undoing = [], []
    for _round in range(ROUNDS):
        with _nothing_stays(known):
            pair = [_full(known, nth) for nth in range(2)]
            begun = time.perf_counter()
            done = merge(*pair, by=None, now=dates.now())
            merging.append((time.perf_counter() - begun) * 1000)
            begun = time.perf_counter()
            unmerge(done, by=None, now=dates.now())
            undoing.append((time.perf_counter() - begun) * 1000)
    yield Row("merge", "two with 1,000 rows each", p50=median(merging), p95=max(merging), budget=MERGE)
    yield Row("merge", "undo it", p50=median(undoing), p95=max(undoing), budget=MERGE)
    with _nothing_stays(known):
        # There may have been one: whoever comes with a large file is looked for.
        find.DuplicateSearch.objects.update_or_create(
            defaults={"started_at": dates.now(), "finished_at": None, "step": 0}
        )
        begun = time.perf_counter()
        while find.step():
            pass
        spent = time.perf_counter() - begun
    yield Row("merge", "search for duplicates", p50=spent * 1000, rate=known.customers / spent)


@contextmanager
def _nothing_stays(known: Known) -> Iterator[None]:
    with transaction.atomic():
        with scope(known.account.pk):
            yield
        transaction.set_rollback(True)


def _full(known: Known, nth: int) -> Customer:
    """A customer with invoices, payments, notes and events."""
    customer = register(known.account, name=f"Maria Unificada {nth}", by=None, now=dates.now())
    parameters: dict[str, Any] = {
        "account": known.account.pk,
        "customer": customer.pk,
        "day": known.today,
        "now": dates.now(),
        "rows": ROWS,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH made AS (
                INSERT INTO billing_invoice (account_id, customer_id, series, number, external_id, description, amount,
                    issue_on, issued_at, issued_on, due_on, effective_due_on, cancel_reason, created_at, paid_amount,
                    settled_on)
                SELECT %(account)s, %(customer)s, 'imported', '', '', '', 5000, %(day)s, %(now)s, %(day)s, %(day)s,
                    %(day)s, '', %(now)s, 5000, %(day)s FROM generate_series(1, %(rows)s) RETURNING id
            )
            INSERT INTO billing_payment (account_id, customer_id, invoice_id, owed_again, amount, paid_on, method,
                source, external_id, note, recorded_at)
            SELECT %(account)s, %(customer)s, id, TRUE, 5000, %(day)s, 'pix', 'sheet', '', '', %(now)s FROM made""",
            parameters,
        )
        cursor.execute(
            """INSERT INTO customers_note (account_id, customer_id, text, important, written_at)
            SELECT %(account)s, %(customer)s, 'Likes tea', FALSE, %(now)s FROM generate_series(1, %(rows)s)""",
            parameters,
        )
        cursor.execute(
            """INSERT INTO core_event (account_id, customer_id, kind, at, what, personal)
            SELECT %(account)s, %(customer)s, 'customer.edited', %(now)s, '{}', '{}'
            FROM generate_series(1, %(rows)s)""",
            parameters,
        )
    return customer
