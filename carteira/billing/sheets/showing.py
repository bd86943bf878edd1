"""What a check shows of a sheet of payments or invoices: some of the new rows, and of those that change, old and new."""

from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from carteira.billing.models import Payment
from carteira.core.sheets.registry import Reading, Shown
from carteira.core.sheets.staging import Stage
from carteira.core.ui.formats import day, money
from carteira.core.walls.scope import require_account_id


def show_payments(stage: Stage, reading: Reading, count: int) -> list[Shown]:
    rows = _rows(
        """SELECT p.line, c.name, p.paid_on, p.amount, p.method FROM sheet_plan p
        JOIN customers_customer c ON c.account_id = %(account)s AND c.id = p.customer_id
        ORDER BY p.line LIMIT %(count)s""",
        count,
    )
    currency = reading.account.currency
    return [
        Shown(
            line,
            name,
            True,
            [
                (_("paid on"), "", day(paid_on)),
                (_("amount"), "", money(amount, currency)),
                (_("payment method"), "", _method(method)),
            ],
        )
        for line, name, paid_on, amount, method in rows
    ]


def show_invoices(stage: Stage, reading: Reading, count: int) -> list[Shown]:
    new = _rows(
        """SELECT l.line, c.name, l.number, l.amount, l.due_on, l.paid_on FROM sheet_lines l
        JOIN customers_customer c ON c.account_id = %(account)s AND c.id = l.customer_id
        WHERE NOT EXISTS (SELECT FROM sheet_known k WHERE k.line = l.line) ORDER BY l.line LIMIT %(count)s""",
        count,
    )
    changed = _rows(
        """SELECT p.line, c.name, i.number, i.due_on, p.due_on, i.description, p.description, p.pay, p.paid_on,
            p.rewritten AND i.settled_on IS NULL
        FROM sheet_plan p JOIN billing_invoice i ON i.account_id = %(account)s AND i.id = p.invoice_id
        JOIN customers_customer c ON c.account_id = %(account)s AND c.id = p.customer_id
        ORDER BY p.line LIMIT %(count)s""",
        count,
    )
    currency = reading.account.currency
    shown = []
    for line, name, number, due_on, due_after, description, text_after, pay, paid_on, moves in changed:
        changes = []
        if moves and due_on != due_after:
            changes.append((_("due date"), day(due_on), day(due_after)))
        if description != text_after:
            changes.append((_("description"), description, text_after))
        if pay is not None:
            changes.append((_("paid on"), "", day(paid_on)))
            changes.append((_("amount paid"), "", money(pay, currency)))
        shown.append(Shown(line, f"{name} · {number}", False, changes))
    for line, name, number, amount, due_on, paid_on in new:
        changes = [(_("amount"), "", money(amount, currency)), (_("due date"), "", day(due_on))]
        if paid_on is not None:
            changes.append((_("paid on"), "", day(paid_on)))
        shown.append(Shown(line, f"{name} · {number}" if number else name, True, changes))
    return shown


def _method(method: str | None) -> str:
    return str(Payment.Method(method or Payment.Method.OTHER).label)


def _rows(sql: str, count: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"account": require_account_id(), "count": count})
        return cursor.fetchall()
