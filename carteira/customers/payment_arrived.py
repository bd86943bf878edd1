"""The quick way of facts.refresh for its most frequent cause: one more payment, after all that is known."""

from datetime import date
from uuid import UUID

from django.db import connection

from carteira.core.walls.scope import require_account_id
from carteira.customers import facts


def payment_arrived(customer_id: UUID, *, on: date, debts: bool) -> None:
    """Take a payment of the day `on` (account's day), already written, into the customer's cached days and spans.

    When no fact about payments or the archive begins or ends later than that day, it becomes the last counting payment
    from then on: one statement instead of reading the whole history again. Else the history is read again
    (facts.refresh). `debts`: it was owed, so open balances are asked anew. A property test holds both ways equal.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH latest AS (
                UPDATE customers_customer c SET first_paid_on = coalesce(c.first_paid_on, %(on)s), last_paid_on = %(on)s
                WHERE c.account_id = %(account)s AND c.id = %(customer)s AND c.counted_from <= %(on)s
                    AND NOT EXISTS (SELECT FROM customers_span s WHERE s.account_id = %(account)s
                        AND s.customer_id = %(customer)s AND s.kind = 'paid' AND s.from_on > %(on)s)
                    AND NOT EXISTS (SELECT FROM customers_archiveperiod p WHERE p.account_id = %(account)s
                        AND p.customer_id = %(customer)s AND p.until_on > %(on)s)
                RETURNING c.id
            ),
            ended AS (
                UPDATE customers_span s SET until_on = %(on)s FROM latest
                WHERE s.account_id = %(account)s AND s.customer_id = %(customer)s AND s.kind = 'paid'
                    AND s.until_on = DATE '9999-12-31' AND s.from_on < %(on)s
            )
            INSERT INTO customers_span (account_id, customer_id, kind, from_on, until_on, since_on)
            SELECT %(account)s, id, 'paid', %(on)s, DATE '9999-12-31', %(on)s FROM latest
            ON CONFLICT (account_id, customer_id, kind, from_on) DO UPDATE SET since_on = excluded.since_on""",
            {"account": require_account_id(), "customer": customer_id, "on": on},
        )
        quick = cursor.rowcount == 1
    if not quick:
        facts.refresh([customer_id])
    elif debts:
        facts.refresh_debts([customer_id])
