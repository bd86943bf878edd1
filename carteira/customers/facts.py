"""Facts about customers that other rooms hold, and the caches read from them.

A room that knows such a fact registers a source: SQL that yields rows for a set of customers. `refresh` reads all
sources and rewrites the customer's cached days and its spans; whoever changes a fact calls it in the same
transaction. Nothing else writes these columns, so `carteira verify` can prove that cache = recomputation.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from carteira.core.database.arrays import uuids
from carteira.core.registries import Registry
from carteira.core.walls.scope import require_account_id


@dataclass(frozen=True)
class FactSource:
    """SQL over one account: %(account)s is its id, and {only} the condition on `customer_id` to put into WHERE.

    `kind` decides the columns it must yield:
    - paid: customer_id, from_on (the day of a counting payment), until_on (the day it was fully taken back, or null)
    - owes: customer_id, from_on, until_on (or null): some invoice was overdue with a balance; may overlap
    - due: customer_id, due_on: the effective due date of an issued invoice with a balance left
    - subscribed: customer_id, from_on, until_on (or null): a subscription in force; may overlap
    - subscription: customer_id, created_on: a subscription was made, also one that begins later
    """

    kind: str
    sql: str


sources: Registry[FactSource] = Registry("Fact source")

_EMPTY = {
    "paid": "SELECT NULL::uuid AS customer_id, NULL::date AS from_on, NULL::date AS until_on WHERE FALSE",
    "owes": "SELECT NULL::uuid AS customer_id, NULL::date AS from_on, NULL::date AS until_on WHERE FALSE",
    "subscribed": "SELECT NULL::uuid AS customer_id, NULL::date AS from_on, NULL::date AS until_on WHERE FALSE",
    "due": "SELECT NULL::uuid AS customer_id, NULL::date AS due_on WHERE FALSE",
    "subscription": "SELECT NULL::uuid AS customer_id, NULL::date AS created_on WHERE FALSE",
}


def _source(kind: str, only: str) -> str:
    parts = [source.sql.format(only=only) for source in sources if source.kind == kind]
    return " UNION ALL ".join(f"({part})" for part in parts) or _EMPTY[kind]


def _paid_spans(only: str) -> str:
    """What the last counting payment was, day by day.

    Payments nobody took back: each lasts until the next one. Where one was taken back, the value must be asked anew
    on every day something begins or ends; that costs the square of one customer's payments, so it is done only then.
    """
    return f"""
    counting AS MATERIALIZED (
        SELECT DISTINCT customer_id, from_on, until_on FROM ({_source("paid", only)}) AS source
        WHERE until_on IS NULL OR until_on > from_on
    ),
    reversed AS (SELECT DISTINCT customer_id FROM counting WHERE until_on IS NOT NULL),
    mark AS (
        SELECT customer_id, from_on AS day FROM counting WHERE customer_id IN (SELECT customer_id FROM reversed)
        UNION
        SELECT customer_id, until_on FROM counting WHERE until_on IS NOT NULL
    ),
    asked AS (
        SELECT mark.customer_id, mark.day,
            (SELECT max(c.from_on) FROM counting c WHERE c.customer_id = mark.customer_id
                AND c.from_on <= mark.day AND (c.until_on IS NULL OR c.until_on > mark.day)) AS since_on
        FROM mark
    ),
    changed AS (
        SELECT customer_id, day, since_on, lag(since_on) OVER w AS before, row_number() OVER w AS nth
        FROM asked WINDOW w AS (PARTITION BY customer_id ORDER BY day)
    ),
    step AS (
        SELECT customer_id, day AS from_on, since_on FROM changed WHERE nth = 1 OR since_on IS DISTINCT FROM before
        UNION ALL
        SELECT customer_id, from_on, from_on FROM counting
        WHERE customer_id NOT IN (SELECT customer_id FROM reversed)
    ),
    want AS (
        SELECT customer_id, from_on,
            lead(from_on, 1, DATE '9999-12-31') OVER (PARTITION BY customer_id ORDER BY from_on) AS until_on, since_on
        FROM step
    )"""


def _merged_spans(kind: str, only: str) -> str:
    """Overlapping and touching intervals of one customer become one. Nobody owes before being a customer: an imported
    invoice may be older than the registration.
    """
    counted = _customers_of(only, "customer_id") if kind == "owes" else ""
    begin = "greatest(from_on, c.counted_from)" if kind == "owes" else "from_on"
    return f"""
    piece AS MATERIALIZED (
        SELECT customer_id, {begin} AS from_on, coalesce(until_on, DATE '9999-12-31') AS until_on
        FROM ({_source(kind, only)}) AS source {counted}
        WHERE until_on IS NULL OR until_on > {begin}
    ),
    island AS (
        SELECT *, CASE WHEN from_on <= max(until_on) OVER (
            PARTITION BY customer_id ORDER BY from_on, until_on ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) THEN 0 ELSE 1 END AS begins FROM piece
    ),
    numbered AS (
        SELECT *, sum(begins) OVER (PARTITION BY customer_id ORDER BY from_on, until_on) AS nth FROM island
    ),
    want AS (
        SELECT customer_id, min(from_on) AS from_on, max(until_on) AS until_on, NULL::date AS since_on
        FROM numbered GROUP BY customer_id, nth
    )"""


def _customers_of(only: str, column: str) -> str:
    """Their rows, as c. The condition stands here once more: joined by hashing, the planner would else read everybody's."""
    same = f"c.account_id = %(account)s AND c.id = {column}"
    return f"JOIN customers_customer c ON {same} AND {only.replace('customer_id', 'c.id', 1)}"


def _archived_spans(only: str) -> str:
    """The days of the archive, cut where the last counting payment changed: `since_on` is that payment, null for who
    had none. Read from the paid spans and the cached days, so these come first.
    """
    return f"""
    want AS (
        SELECT p.customer_id, greatest(p.from_on, c.counted_from, s.from_on) AS from_on,
            least(p.until_on, s.until_on) AS until_on, s.since_on
        FROM customers_archiveperiod p
        {_customers_of(only, "p.customer_id")}
        JOIN (
            SELECT customer_id, from_on, until_on, since_on FROM customers_span
            WHERE account_id = %(account)s AND kind = 'paid' AND {only} AND until_on > (
                -- Earlier ones touch no archive period: most of them, where many are archived today.
                SELECT min(from_on) FROM customers_archiveperiod WHERE account_id = %(account)s AND {only})
            UNION ALL
            SELECT id, DATE '0001-01-01', coalesce(first_paid_on, DATE '9999-12-31'), NULL FROM customers_customer
            WHERE account_id = %(account)s AND {only.replace("customer_id", "id", 1)}
        ) s ON s.customer_id = p.customer_id AND s.from_on < p.until_on AND s.until_on > p.from_on
        WHERE p.account_id = %(account)s AND {only.replace("customer_id", "p.customer_id", 1)}
            AND greatest(p.from_on, c.counted_from, s.from_on) < least(p.until_on, s.until_on)
    )"""


def spans_sql(kind: str, only: str = "TRUE") -> str:
    """A WITH list whose last member `want` (customer_id, from_on, until_on, since_on) is what the spans must be."""
    if kind == "paid":
        return "WITH " + _paid_spans(only)
    return "WITH " + (_archived_spans(only) if kind == "archived" else _merged_spans(kind, only))


def _rewrite_spans(kind: str, only: str, parameters: dict[str, Any]) -> None:
    """Write only what differs: recording one payment of five hundred touches two rows. Each part says whose rows it is
    about, so that none of them reads everybody's."""
    same = "s.customer_id = w.customer_id AND s.from_on = w.from_on"
    also = "s.until_on = w.until_on AND s.since_on IS NOT DISTINCT FROM w.since_on"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""{spans_sql(kind, only)},
            have AS MATERIALIZED (
                SELECT id, customer_id, from_on, until_on, since_on FROM customers_span
                WHERE account_id = %(account)s AND kind = %(kind)s AND {only}
            ),
            gone AS (
                DELETE FROM customers_span WHERE account_id = %(account)s AND kind = %(kind)s AND {only} AND id IN (
                    SELECT s.id FROM have s LEFT JOIN want w ON {same} WHERE w.customer_id IS NULL)
            ),
            changed_rows AS (
                UPDATE customers_span t SET until_on = d.until_on, since_on = d.since_on
                FROM (SELECT s.id, w.until_on, w.since_on FROM have s JOIN want w ON {same} WHERE NOT ({also})) d
                WHERE t.account_id = %(account)s AND t.id = d.id AND t.kind = %(kind)s AND {only}
            )
            INSERT INTO customers_span (account_id, customer_id, kind, from_on, until_on, since_on)
            SELECT %(account)s, w.customer_id, %(kind)s, w.from_on, w.until_on, w.since_on
            FROM want w LEFT JOIN have s ON {same} WHERE s.id IS NULL""",
            {**parameters, "kind": kind},
        )


def cached_days_sql(only: str = "TRUE") -> str:
    """What the customer's cached days must be: id, first_paid_on, last_paid_on, first_subscribed_on, oldest_due_on,
    archived_on, counted_from."""
    return f"""
        SELECT c.id, paid.first_paid_on, paid.last_paid_on, made.first_subscribed_on, due.oldest_due_on,
            gone.archived_on, least(c.registered_on, paid.first_paid_on, made.first_subscribed_on) AS counted_from
        FROM customers_customer c
        LEFT JOIN (
            SELECT customer_id, min(from_on) AS first_paid_on,
                max(since_on) FILTER (WHERE until_on = DATE '9999-12-31') AS last_paid_on
            FROM customers_span WHERE account_id = %(account)s AND kind = 'paid' AND {only} GROUP BY customer_id
        ) paid ON paid.customer_id = c.id
        LEFT JOIN (
            SELECT customer_id, min(created_on) AS first_subscribed_on
            FROM ({_source("subscription", only)}) s GROUP BY customer_id
        ) made ON made.customer_id = c.id
        LEFT JOIN (
            SELECT customer_id, min(due_on) AS oldest_due_on FROM ({_source("due", only)}) d GROUP BY customer_id
        ) due ON due.customer_id = c.id
        LEFT JOIN (
            SELECT customer_id, from_on AS archived_on FROM customers_archiveperiod
            WHERE account_id = %(account)s AND until_on = DATE '9999-12-31' AND {only}
        ) gone ON gone.customer_id = c.id
        WHERE c.account_id = %(account)s AND {only.replace("customer_id", "c.id", 1)}"""


CACHED_DAYS = ("first_paid_on", "last_paid_on", "first_subscribed_on", "oldest_due_on", "archived_on", "counted_from")


def refresh(customers: Sequence[UUID] | None = None, *, listed_in: str | None = None) -> None:
    """Rewrite caches and spans of some customers of the open scope: by ids, or those in a temporary table's
    `customer_id` column (imports), or, with neither, of all."""
    parameters: dict[str, Any] = {"account": require_account_id()}
    if customers is not None:
        parameters["ids"] = uuids(customers)
        only = "customer_id = ANY(%(ids)s)"
    elif listed_in is not None:
        only = f"customer_id IN (SELECT customer_id FROM {connection.ops.quote_name(listed_in)})"
    else:
        only = "TRUE"
    with planned_for(many=customers is None or len(customers) > 100):
        _refresh(only, parameters)


@contextmanager
def planned_for(*, many: bool) -> Iterator[None]:
    """In bulk, join by hashing: rows written in this very transaction have no statistics yet, and a planner that takes
    a million fresh payments for a handful loops over them (measured: 21 s instead of 2 for 6,911 payments)."""
    with connection.cursor() as cursor:
        if many:
            cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        if many:
            cursor.execute("SET LOCAL enable_nestloop = on")


def _refresh(only: str, parameters: dict[str, Any]) -> None:
    for kind in ("paid", "subscribed"):
        # A kind without a source has no spans, unless its source was just taken away: then a full refresh clears it.
        if only == "TRUE" or any(source.kind == kind for source in sources):
            _rewrite_spans(kind, only, parameters)
    assignments = ", ".join(f"{column} = f.{column}" for column in CACHED_DAYS)
    differs = " OR ".join(f"c.{column} IS DISTINCT FROM f.{column}" for column in CACHED_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE customers_customer c SET {assignments} FROM ({cached_days_sql(only)}) f"
            f" WHERE c.account_id = %(account)s AND c.id = f.id AND ({differs})",
            parameters,
        )
    # These begin with the day their customer counts from.
    if only == "TRUE" or any(source.kind == "owes" for source in sources):
        _rewrite_spans("owes", only, parameters)
    if only == "TRUE" or _ever_archived(only, parameters):
        _rewrite_spans("archived", only, parameters)


def refresh_debts(customers: Sequence[UUID]) -> None:
    """The part of refresh that follows from open balances: the oldest due date, and the days something was overdue."""
    only, parameters = "customer_id = ANY(%(ids)s)", {"account": require_account_id(), "ids": list(customers)}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE customers_customer c SET oldest_due_on = d.oldest FROM (
                SELECT id, (SELECT min(due_on) FROM ({_source("due", only)}) s WHERE s.customer_id = o.id) AS oldest
                FROM customers_customer o WHERE account_id = %(account)s AND id = ANY(%(ids)s)
            ) d
            WHERE c.account_id = %(account)s AND c.id = d.id AND c.oldest_due_on IS DISTINCT FROM d.oldest""",
            parameters,
        )
    _rewrite_spans("owes", only, parameters)


def refresh_archive(customers: Sequence[UUID]) -> None:
    """The part of refresh that follows from archive periods: the day it was archived, and the days of the archive."""
    only, parameters = "customer_id = ANY(%(ids)s)", {"account": require_account_id(), "ids": uuids(customers)}
    with planned_for(many=len(customers) > 100), connection.cursor() as cursor:
        cursor.execute(
            """UPDATE customers_customer c SET archived_on = g.archived_on FROM (
                SELECT o.id, p.from_on AS archived_on FROM customers_customer o
                LEFT JOIN customers_archiveperiod p ON p.account_id = %(account)s AND p.customer_id = o.id
                    AND p.until_on = DATE '9999-12-31' AND p.customer_id = ANY(%(ids)s)
                WHERE o.account_id = %(account)s AND o.id = ANY(%(ids)s)
            ) g
            WHERE c.account_id = %(account)s AND c.id = g.id AND c.id = ANY(%(ids)s)
                AND c.archived_on IS DISTINCT FROM g.archived_on""",
            parameters,
        )
        _rewrite_spans("archived", only, parameters)


def _ever_archived(only: str, parameters: dict[str, Any]) -> bool:
    """Most customers never were: asking costs less than rewriting nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT EXISTS (SELECT FROM customers_archiveperiod WHERE account_id = %(account)s AND {only})
                OR EXISTS (SELECT FROM customers_span WHERE account_id = %(account)s AND kind = 'archived' AND {only})""",
            parameters,
        )
        return bool(cursor.fetchone()[0])
