"""How invoices and payments follow their customer into a merge, and back. An invoice and its payments are one family:
they never stand with two customers.
"""

from django.utils.translation import gettext_lazy as _

from carteira.accounts.roles import Right
from carteira.customers.merge.movers import Mover, Sum

# Payments the merge moved; whatever else there is came after it.
_MOVED = """(SELECT unnest(r.moved) FROM customers_mergedrows r WHERE r.account_id = t.account_id
    AND r.merge_id = %(merge)s AND r.mover = 'billing.Payment.customer')"""

INVOICES = Mover(
    right=Right.SEE_MONEY,
    sums=(
        Sum(
            _("Owed in total"),
            "sum(greatest(t.amount - t.paid_amount, 0)) FILTER (WHERE t.canceled_on IS NULL AND t.deleted_at IS NULL)",
        ),
        Sum(_("Invoiced"), "sum(t.amount)"),
    ),
    # Paid since the merge, wholly or in part: the payment stays with the survivor, so its invoice does.
    stays=f"""EXISTS (SELECT FROM billing_payment p WHERE p.account_id = t.account_id AND p.invoice_id = t.id
        AND p.id NOT IN {_MOVED})""",
)
PAYMENTS = Mover(
    right=Right.SEE_MONEY,
    sums=(Sum(_("Paid in total"), "sum(t.amount)"),),
    # Of an invoice that stays (invoices move back first), or an advance of which something was taken back since.
    stays=f"""EXISTS (SELECT FROM billing_invoice i WHERE i.account_id = t.account_id AND i.id = t.invoice_id
            AND i.customer_id = %(kept)s)
        OR EXISTS (SELECT FROM billing_payment p WHERE p.account_id = t.account_id
            AND p.reverses_id = coalesce(t.reverses_id, t.id) AND p.id NOT IN {_MOVED})""",
)
