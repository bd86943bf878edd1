"""The bulk twin of pay.settle: what is paid of many invoices, and since when nothing is owed."""

from collections.abc import Mapping
from typing import Any

from carteira.core.sheets.staging import execute
from carteira.core.walls.scope import require_account_id


def settle_many(invoices: str, parameters: Mapping[str, Any] | None = None) -> int:
    """Rewrite the caches of the invoices that a query selects (invoice_id) from their payments; how many.

    The same rule as pay.settle: since the first day after which the entries never again fell short of the amount.
    """
    return execute(
        f"""
        WITH by_day AS (
            SELECT p.invoice_id, p.paid_on, sum(p.amount) AS amount FROM billing_payment p
            WHERE p.account_id = %(account)s AND p.invoice_id IN ({invoices})
                AND (p.reverses_id IS NULL OR p.owed_again)
            GROUP BY p.invoice_id, p.paid_on
        ),
        running AS (
            SELECT b.invoice_id, b.paid_on, i.amount AS owed,
                sum(b.amount) OVER (PARTITION BY b.invoice_id ORDER BY b.paid_on) AS paid
            FROM by_day b JOIN billing_invoice i ON i.account_id = %(account)s AND i.id = b.invoice_id
        ),
        short AS (
            SELECT *, max(paid_on) FILTER (WHERE paid < owed) OVER (PARTITION BY invoice_id) AS last_short FROM running
        ),
        told AS (
            SELECT invoice_id, (array_agg(paid ORDER BY paid_on DESC))[1] AS paid,
                min(paid_on) FILTER (WHERE last_short IS NULL OR paid_on > last_short) AS settled_on
            FROM short GROUP BY invoice_id
        )
        UPDATE billing_invoice i SET paid_amount = t.paid, settled_on = t.settled_on FROM told t
        WHERE i.account_id = %(account)s AND i.id = t.invoice_id""",
        {**(parameters or {}), "account": require_account_id()},
    )
