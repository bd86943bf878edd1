"""What customers owe, as a column of their list."""

from django.utils.translation import gettext_lazy as _

from carteira.accounts.roles import Right
from carteira.core.ui.formats import money
from carteira.customers.columns import Column, Line

NAME = "open_balance"

# Issued and not fully paid. One look into the index of open and late invoices a customer, which is small for everybody.
_SQL = """(
    SELECT sum(i.amount - i.paid_amount)::bigint FROM billing_invoice i
    WHERE i.account_id = %(account)s AND i.customer_id = c.id AND i.settled_on IS NULL
        AND i.issued_on IS NOT NULL AND i.canceled_on IS NULL AND i.deleted_at IS NULL)"""


def _show(line: Line) -> str:
    owed = line.customer.values[NAME]
    return money(owed, line.account.currency) if owed else "–"


OPEN_BALANCE = Column(
    _("Open balance"), _show, sql=_SQL, numeric=True, css="cell-value", today_only=True, right=Right.SEE_MONEY
)
