"""What billing knows about a customer's life cycle: payments that count, and days on which something was owed."""

from carteira.customers.facts import FactSource

# A payment counts from its day until it was fully taken back (product decision 2); a reversal acts from its own day.
PAID = FactSource(
    "paid",
    """
    SELECT customer_id, paid_on AS from_on, back_on AS until_on
    FROM billing_payment p
    LEFT JOIN (
        SELECT reverses_id, sum(amount) AS back, max(paid_on) AS back_on FROM billing_payment
        WHERE account_id = %(account)s AND reverses_id IS NOT NULL AND {only} GROUP BY reverses_id
      ) b ON b.reverses_id = p.id AND back + amount <= 0
    WHERE p.account_id = %(account)s AND p.reverses_id IS NULL AND {only}""",
)

# An invoice is overdue on a day when it was issued by then, its effective due date is before it, it was not canceled
# by then, and the entries up to that day leave a balance (architecture 6). Invoices settled in time never were.
OWES = FactSource(
    "owes",
    """
    SELECT step.customer_id, step.day AS from_on, least(step.next_day, step.ends) AS until_on
    FROM (
        SELECT i.customer_id, i.ends, mark.day,
            lead(mark.day, 1, DATE '9999-12-31') OVER (PARTITION BY i.id ORDER BY mark.day) AS next_day,
            i.amount - coalesce((SELECT sum(p.amount) FROM billing_payment p
                WHERE p.account_id = %(account)s AND p.invoice_id = i.id AND p.paid_on <= mark.day
                AND (p.reverses_id IS NULL OR p.owed_again)), 0) AS balance
        FROM (
            SELECT id, customer_id, amount, greatest(issued_on, effective_due_on + 1) AS starts,
                coalesce(canceled_on, DATE '9999-12-31') AS ends
            FROM billing_invoice
            WHERE account_id = %(account)s AND issued_on IS NOT NULL AND deleted_at IS NULL AND amount > 0
                AND (settled_on IS NULL OR settled_on > effective_due_on) AND {only}
        ) i
        CROSS JOIN LATERAL (
            SELECT i.starts AS day
            UNION SELECT p.paid_on FROM billing_payment p
                WHERE p.account_id = %(account)s AND p.invoice_id = i.id AND p.paid_on > i.starts
        ) mark
    ) step
    WHERE step.balance > 0 AND step.day < step.ends""",
)

DUE = FactSource(
    "due",
    """
    SELECT customer_id, effective_due_on AS due_on FROM billing_invoice
    WHERE account_id = %(account)s AND settled_on IS NULL AND issued_on IS NOT NULL AND canceled_on IS NULL
        AND deleted_at IS NULL AND {only}""",
)
