"""What `carteira verify` proves about money (reliability M4, M5, M7): caches = payments, numbers, signs, days.

Set-based: a pass over the tables, however many rows; differences are named by id, the first of them one by one.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from carteira.accounts.models import Account
from carteira.billing.due_dates import wrong_days
from carteira.core import dates
from carteira.core.walls.scope import require_account_id

# Differences named one by one; after these only their number is told.
TOLD = 50

# What each invoice's caches must be: the sum of the entries that move its balance, and the day since which that sum
# reaches the amount without falling below it again. Nearly all are paid on one day; only the others are walked through.
_WANTED = """
    WITH entry AS NOT MATERIALIZED (
        SELECT invoice_id, paid_on, amount FROM billing_payment
        WHERE account_id = %(account)s AND invoice_id IS NOT NULL AND (reverses_id IS NULL OR owed_again)
    ),
    paid AS MATERIALIZED (
        SELECT invoice_id, sum(amount)::bigint AS total, min(paid_on) AS first_on, max(paid_on) AS last_on
        FROM entry GROUP BY invoice_id
    ),
    running AS (
        SELECT e.invoice_id, e.paid_on, sum(e.amount) OVER w AS sum,
            sum(e.amount) OVER w - sum(e.amount) OVER (PARTITION BY e.invoice_id, e.paid_on) AS before
        FROM entry e JOIN paid p ON p.invoice_id = e.invoice_id AND p.first_on < p.last_on
        WINDOW w AS (PARTITION BY e.invoice_id ORDER BY e.paid_on)
    ),
    walked AS (
        SELECT r.invoice_id, max(r.paid_on) AS settled
        FROM running r JOIN billing_invoice i ON i.account_id = %(account)s AND i.id = r.invoice_id
        WHERE r.sum >= i.amount AND r.before < i.amount GROUP BY r.invoice_id
    ),
    wanted AS (
        SELECT i.id, i.number, i.paid_amount, i.settled_on, coalesce(p.total, 0) AS paid, CASE
            WHEN p.total IS NULL OR p.total < i.amount THEN NULL
            WHEN p.first_on = p.last_on THEN p.first_on
            ELSE w.settled END AS settled
        FROM billing_invoice i LEFT JOIN paid p ON p.invoice_id = i.id LEFT JOIN walked w ON w.invoice_id = i.id
        WHERE i.account_id = %(account)s
    )"""


def invoice_caches() -> Iterator[str]:
    """paid_amount is the sum of an invoice's payments, settled_on the day since which nothing is left."""
    rows = _rows(
        f"""{_WANTED}
        SELECT id, number, paid_amount, paid, settled_on, settled FROM wanted
        WHERE paid_amount <> paid OR settled_on IS DISTINCT FROM settled ORDER BY id"""
    )
    yield from _told(
        f"invoice {_name(id, number)}: paid {have} and settled {have_on}, its payments say {want} and {want_on}"
        for id, number, have, want, have_on, want_on in rows
    )


def numbers() -> Iterator[str]:
    """Own numbers are given once and without a gap, on issue, and the counter is past them (M7)."""
    ((given, different, highest, unfit, counter),) = _rows(
        """SELECT count(n), count(DISTINCT n), coalesce(max(n), 0), count(*) FILTER (WHERE n IS NULL <> (issued_on IS NULL)),
            coalesce((SELECT value FROM core_counter WHERE account_id = %(account)s AND name = 'invoice'), 0)
        FROM (
            SELECT issued_on, CASE WHEN number ~ '^[0-9]{1,18}$' THEN number::bigint END AS n
            FROM billing_invoice WHERE account_id = %(account)s AND series = 'own'
        ) own"""
    )
    if counter < highest:
        yield f"the counter of invoice numbers stands at {counter}, but number {highest} was given"
    if different != given:
        yield f"of {given} own invoice numbers only {different} are different"
    if different != highest:
        yield f"{different} own invoice numbers were given, but the highest is {highest}"
    if unfit:
        rows = _rows(
            """SELECT id, number FROM billing_invoice WHERE account_id = %(account)s AND series = 'own'
                AND (number = '') <> (issued_on IS NULL) ORDER BY id"""
        )
        yield from _told(f"invoice {_name(id, number)}: number and issue day do not go together" for id, number in rows)


def effective_due_days() -> Iterator[str]:
    """An open invoice is payable until the business day its due date rolls to in the account's calendar."""
    account = Account.objects.get(pk=require_account_id())
    for due, stored, wanted in wrong_days(account):
        rows = _rows(
            """SELECT id, number FROM billing_invoice WHERE account_id = %(account)s AND settled_on IS NULL
                AND canceled_on IS NULL AND deleted_at IS NULL AND due_on = %(due)s AND effective_due_on = %(stored)s
            ORDER BY id""",
            due=due,
            stored=stored,
        )
        yield from _told(
            f"invoice {_name(id, number)}: due {due}, payable until {stored}, by the calendar until {wanted}"
            for id, number in rows
        )


def payment_rows() -> Iterator[str]:
    """Signs, days and owners of payments; never more goes back than came."""
    today = Account.objects.get(pk=require_account_id()).today(dates.now())
    rows = _rows(
        """SELECT p.id, CASE
            WHEN p.paid_on > %(today)s THEN 'is dated in the future: ' || p.paid_on
            WHEN p.reverses_id IS NULL AND p.amount <= 0 THEN 'is not above zero'
            WHEN p.reverses_id IS NOT NULL AND p.amount >= 0 THEN 'is a reversal above zero'
            WHEN i.customer_id <> p.customer_id THEN 'and its invoice are of two customers'
            END AS problem
        FROM billing_payment p
        LEFT JOIN billing_invoice i ON i.account_id = p.account_id AND i.id = p.invoice_id
        WHERE p.account_id = %(account)s AND (p.paid_on > %(today)s OR (p.amount <= 0) = (p.reverses_id IS NULL)
            OR i.customer_id <> p.customer_id)
        ORDER BY p.id""",
        today=today,
    )
    yield from _told(f"payment {id} {problem}" for id, problem in rows)
    rows = _rows(
        """SELECT p.id, p.amount, -sum(r.amount) FROM billing_payment r
        JOIN billing_payment p ON p.account_id = r.account_id AND p.id = r.reverses_id
        WHERE r.account_id = %(account)s AND r.reverses_id IS NOT NULL
        GROUP BY p.id, p.amount
        HAVING -sum(r.amount) > p.amount OR bool_or(r.paid_on < p.paid_on OR p.reverses_id IS NOT NULL
            OR r.customer_id <> p.customer_id OR r.invoice_id IS DISTINCT FROM p.invoice_id)
        ORDER BY p.id"""
    )
    yield from _told(f"payment {id} of {amount}: its reversals of {back} do not fit it" for id, amount, back in rows)


def _rows(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """By hashing: tables just filled have no statistics yet, and a planner that takes thousands of rows for a handful
    loops over them (measured: four minutes instead of a second for 3,600 invoices).
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(sql, {"account": require_account_id(), **parameters})
        rows = cursor.fetchall()
        cursor.execute("SET LOCAL enable_nestloop = on")
        return rows


def _told(sentences: Iterable[str]) -> Iterator[str]:
    more = 0
    for nth, sentence in enumerate(sentences):
        if nth < TOLD:
            yield sentence
        else:
            more += 1
    if more:
        yield f"and {more} more"


def _name(id: Any, number: str) -> str:
    return f"{number} ({id})" if number else str(id)
