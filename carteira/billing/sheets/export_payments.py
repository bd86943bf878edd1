"""The export kind "payments": each payment once, with what was taken back of it in a column of its own."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

from carteira.billing.models import Payment
from carteira.billing.sheets import export_common as common
from carteira.billing.sheets.payments import FIELDS
from carteira.core.money import Money
from carteira.core.sheets.exports.registry import Asking, Column, ExportKind
from carteira.core.walls.scope import require_account_id
from carteira.customers.sheets.fields import OWN_ID

_READ_BACK = {field.name: field.label for field in FIELDS}

COLUMNS = (
    Column("paid_on", _READ_BACK["paid_on"], 13),
    Column("amount", _READ_BACK["amount"], 14),
    Column("taken_back", gettext_lazy("taken back"), 14),
    Column("method", _READ_BACK["method"], 14),
    *common.CUSTOMER_COLUMNS,
    Column("invoice", gettext_lazy("belongs to invoice"), 14),
    Column("description", _READ_BACK["description"], 34),
    Column("external_id", _READ_BACK["external_id"], 20),
    Column(OWN_ID, _READ_BACK[OWN_ID], 38),
)


def query(asking: Asking) -> tuple[str, Any]:
    """By day, then in the order in which they were recorded. Reversals are sums on the payment they take back."""
    where, parameters = common.conditions(asking, alias="p", day="p.paid_on")
    return (
        f"""SELECT p.paid_on, p.amount, back.amount AS taken_back, p.method, {common.CUSTOMER_SQL},
            i.number, i.description, p.external_id, p.id
        FROM billing_payment p
        JOIN customers_customer c ON c.account_id = p.account_id AND c.id = p.customer_id
        LEFT JOIN billing_invoice i ON i.account_id = p.account_id AND i.id = p.invoice_id
        LEFT JOIN (
            SELECT reverses_id, sum(amount)::bigint AS amount FROM billing_payment
            WHERE account_id = %(account)s AND reverses_id IS NOT NULL GROUP BY reverses_id
        ) back ON back.reverses_id = p.id
        WHERE p.account_id = %(account)s AND p.reverses_id IS NULL {where}
        ORDER BY p.paid_on, p.recorded_at, p.id""",
        {**parameters, "account": require_account_id()},
    )


def line(asking: Asking) -> Callable[[Sequence[Any]], Sequence[Any]]:
    currency = asking.account.currency
    methods = {method: str(label) for method, label in Payment.Method.choices}
    customer = common.customer_cells(asking)

    def cells(row: Sequence[Any]) -> Sequence[Any]:
        paid_on, amount, taken_back, method = row[:4]
        return (
            paid_on,
            Money(amount, currency).amount,
            None if taken_back is None else Money(taken_back, currency).amount,
            methods[method],
            *customer(row[4:10]),
            row[10] or "",
            row[11] or "",
            row[12],
            str(row[13]),
        )

    return cells


PAYMENTS = ExportKind(
    name="payments",
    label=gettext_lazy("Payments"),
    right="billing.see",
    columns=COLUMNS,
    understand=common.understand,
    query=query,
    line=line,
    filters=(*common.FILTERS,),
    period=pgettext_lazy("period", "Paid"),
    icon="cash",
    text=gettext_lazy("Each payment with its customer, its invoice and what was taken back of it."),
)
