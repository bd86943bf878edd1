"""The bulk twin of archive.reopen: imported payments and invoices bring archived customers back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from carteira.core.events.record_selected import record_selected
from carteira.core.sheets.staging import execute, table
from carteira.core.walls.scope import require_account_id
from carteira.customers.archive import UNARCHIVED


def reopen_many(listed_in: str, *, import_id: UUID, by: Any, now: datetime, note: str) -> int:
    """Bring back the archived customers of a temporary table (customer_id, since) that has something dated on
    or after the day they were archived; as of the first such day. Older news leaves them (product decision
    4).

    How many came back. The caller holds the customers' rows and refreshes their facts. Records
    customer.unarchived with the period that ended, by which customers.archive_again finds it.
    """
    parameters = {"account": require_account_id()}
    reopened = table(
        "customers_reopened",
        f"""SELECT c.id AS customer_id, p.id AS period, min(l.since) AS back_on
        FROM {listed_in} l JOIN customers_customer c ON c.account_id = %(account)s AND c.id = l.customer_id
        JOIN customers_archiveperiod p ON p.account_id = %(account)s AND p.customer_id = c.id
            AND p.until_on = DATE '9999-12-31'
        WHERE c.archived_on IS NOT NULL AND l.since >= c.archived_on GROUP BY c.id, p.id""",
        parameters,
    )
    if not reopened:
        return 0
    execute(
        """UPDATE customers_archiveperiod p SET until_on = r.back_on FROM customers_reopened r
        WHERE p.account_id = %(account)s AND p.id = r.period""",
        parameters,
    )
    return record_selected(
        UNARCHIVED,
        "SELECT customer_id, NULL::uuid AS subject_id,"
        " jsonb_build_object('on', back_on::text, 'note', %(note)s::text, 'import', %(import)s::text, 'period', period)"
        " AS what FROM customers_reopened",
        {"note": note, "import": str(import_id)},
        by=by,
        now=now,
    )
