"""The activity bar's numbers: how many customers stand in each state on a day (S0-09 to S0-14, S2-02, S2-29, S2-30)."""

from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection

from carteira.core.walls.scope import require_account_id
from carteira.customers.lifecycle import View


@dataclass(frozen=True)
class Counts:
    """`all` = lead + active + inactive; archived = churn + lost; delinquent overlays the first three."""

    all: int
    lead: int
    active: int
    inactive: int
    archived: int
    churn: int
    lost: int
    delinquent: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def counts(view: View) -> Counts:
    """Count the open scope's customers by state.

    Live by payment it reads index pages of the cached days only. As of a past day it counts spans begun in the
    window and first payments until the day: never one look-up per customer.
    """
    if view.rule.kind == "payment":
        live = _live_by_payment(view) if view.live else _as_of_by_payment(view)
    else:
        live = _by_subscription(view)
    return live


def _row(sql: str, view: View) -> tuple[int, ...]:
    parameters: dict[str, Any] = {"account": require_account_id(), "day": view.day, "since": view.active_since}
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return tuple(int(value or 0) for value in cursor.fetchone())


def _live_by_payment(view: View) -> Counts:
    lead, active, inactive, delinquent, archived, churn = _row(
        """
        SELECT bar.lead, bar.active, bar.inactive,
            (SELECT count(*) FROM customers_customer WHERE account_id = %(account)s
                AND archived_on IS NULL AND oldest_due_on < %(day)s),
            gone.archived, gone.paid + (
                SELECT count(*) FILTER (WHERE p.reason = 'churn' AND c.last_paid_on IS NULL)
                    - count(*) FILTER (WHERE p.reason = 'lost' AND c.last_paid_on IS NOT NULL)
                FROM customers_archiveperiod p JOIN customers_customer c
                    ON c.account_id = p.account_id AND c.id = p.customer_id
                WHERE p.account_id = %(account)s AND p.until_on = DATE '9999-12-31' AND p.reason <> ''
            ) + (
                -- Never paid, but once had a subscription in force: from the few spans, not from the many archived.
                SELECT count(DISTINCT s.customer_id) FROM customers_span s
                JOIN customers_customer c ON c.account_id = s.account_id AND c.id = s.customer_id
                JOIN customers_archiveperiod p ON p.account_id = s.account_id AND p.customer_id = s.customer_id
                WHERE s.account_id = %(account)s AND s.kind = 'subscribed' AND s.from_on <= %(day)s
                    AND c.archived_on IS NOT NULL AND c.last_paid_on IS NULL
                    AND p.until_on = DATE '9999-12-31' AND p.reason = ''
            )
        FROM (
            SELECT count(*) FILTER (WHERE last_paid_on IS NULL) AS lead,
                count(*) FILTER (WHERE last_paid_on >= %(since)s) AS active,
                count(*) FILTER (WHERE last_paid_on < %(since)s) AS inactive
            FROM customers_customer WHERE account_id = %(account)s AND archived_on IS NULL
        ) bar, (
            SELECT count(*) AS archived, count(last_paid_on) AS paid
            FROM customers_customer WHERE account_id = %(account)s AND archived_on IS NOT NULL
        ) gone""",
        view,
    )
    return Counts(lead + active + inactive, lead, active, inactive, archived, churn, archived - churn, delinquent)


# Archived on the day, each with its last counting payment: to be taken off the other counts.
_ARCHIVED = """
    archived AS MATERIALIZED (
        SELECT customer_id, since_on FROM customers_span
        WHERE account_id = %(account)s AND kind = 'archived' AND until_on > %(day)s AND from_on <= %(day)s
    )"""
# Whether anybody had a subscription is asked once, for many businesses sell none.
_ONCE_SUBSCRIBED = """(
    EXISTS (SELECT FROM customers_span WHERE account_id = %(account)s AND kind = 'subscribed' AND from_on <= %(day)s)
    AND EXISTS (SELECT FROM customers_span s WHERE s.account_id = %(account)s AND s.customer_id = a.customer_id
        AND s.kind = 'subscribed' AND s.from_on <= %(day)s))"""
_OWING = """(
    SELECT count(*) FROM customers_span s WHERE s.account_id = %(account)s AND s.kind = 'owes'
        AND s.from_on <= %(day)s AND s.until_on > %(day)s
        AND NOT EXISTS (SELECT FROM archived a WHERE a.customer_id = s.customer_id))"""
# Of the archived: how many, with a payment, with one that would make them active, and churn: derived from the history,
# then corrected by the few reasons a person said.
_GONE = f"""(
    SELECT count(*) AS archived, count(since_on) AS paid, count(*) FILTER (WHERE since_on >= %(since)s) AS active,
        count(since_on) + count(*) FILTER (WHERE since_on IS NULL AND {_ONCE_SUBSCRIBED}) + (
            SELECT count(*) FILTER (WHERE reason = 'churn' AND NOT bought)
                - count(*) FILTER (WHERE reason = 'lost' AND bought)
            FROM (
                SELECT p.reason, a.since_on IS NOT NULL OR {_ONCE_SUBSCRIBED} AS bought
                FROM customers_archiveperiod p JOIN archived a ON a.customer_id = p.customer_id
                WHERE p.account_id = %(account)s AND p.from_on <= %(day)s AND p.until_on > %(day)s AND p.reason <> ''
            ) said) AS churn
    FROM archived a) gone"""
_COUNTED = "(SELECT count(*) FROM customers_customer WHERE account_id = %(account)s AND counted_from <= %(day)s)"


def _as_of_by_payment(view: View) -> Counts:
    total, never, active, archived, archived_paid, archived_active, churn, delinquent = _row(
        f"""
        WITH {_ARCHIVED}
        SELECT counted.everyone,
            counted.everyone - counted.paid + (SELECT count(*) FROM customers_span WHERE account_id = %(account)s AND kind = 'paid'
                AND since_on IS NULL AND from_on <= %(day)s AND until_on > %(day)s),
            (SELECT count(*) FROM customers_span WHERE account_id = %(account)s AND kind = 'paid'
                AND since_on BETWEEN %(since)s AND %(day)s AND from_on <= %(day)s AND until_on > %(day)s),
            gone.archived, gone.paid, gone.active, gone.churn, {_OWING}
        FROM {_GONE}, (
            SELECT count(*) AS everyone, count(*) FILTER (WHERE first_paid_on <= %(day)s) AS paid
            FROM customers_customer WHERE account_id = %(account)s AND counted_from <= %(day)s
        ) counted""",
        view,
    )
    lead = never - (archived - archived_paid)
    active -= archived_active
    everyone = total - archived
    return Counts(everyone, lead, active, everyone - lead - active, archived, churn, archived - churn, delinquent)


def _by_subscription(view: View) -> Counts:
    total, never, active, archived, archived_never, archived_active, churn, delinquent = _row(
        f"""
        WITH {_ARCHIVED}
        SELECT {_COUNTED},
            (SELECT count(*) FROM customers_customer c WHERE c.account_id = %(account)s AND c.counted_from <= %(day)s
                AND (c.first_subscribed_on IS NULL OR c.first_subscribed_on > %(day)s)
                AND (c.first_paid_on IS NULL OR c.first_paid_on > %(day)s OR EXISTS (
                    SELECT FROM customers_span s WHERE s.account_id = %(account)s AND s.customer_id = c.id
                        AND s.kind = 'paid' AND s.since_on IS NULL
                        AND s.from_on <= %(day)s AND s.until_on > %(day)s))),
            (SELECT count(*) FROM customers_span WHERE account_id = %(account)s AND kind = 'subscribed'
                AND from_on <= %(day)s AND until_on > %(day)s),
            gone.archived,
            (SELECT count(*) FROM archived a JOIN customers_customer c
                ON c.account_id = %(account)s AND c.id = a.customer_id
                WHERE a.since_on IS NULL AND (c.first_subscribed_on > %(day)s) IS NOT FALSE),
            (SELECT count(*) FROM archived a JOIN customers_span s
                ON s.account_id = %(account)s AND s.customer_id = a.customer_id AND s.kind = 'subscribed'
                AND s.from_on <= %(day)s AND s.until_on > %(day)s), gone.churn, {_OWING}
        FROM {_GONE}""",
        view,
    )
    lead, active, everyone = never - archived_never, active - archived_active, total - archived
    return Counts(everyone, lead, active, everyone - lead - active, archived, churn, archived - churn, delinquent)
