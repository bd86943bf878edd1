"""Taking an import of payments or invoices back: a reversing row for each payment, as of its own day, and its invoices
canceled; nothing is deleted, for money never is (product decision 18).

A payment somebody has taken back in part, an invoice somebody has paid since, a due date somebody has moved since: left
as they are and told. Numbers and external ids are let go of, so that the corrected file can bring them again.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.holidays import calendar_of
from carteira.billing.models import Invoice
from carteira.billing.settle_many import settle_many
from carteira.billing.sheets import invoices_write
from carteira.billing.sheets.common import PAYMENTS_IMPORTED
from carteira.core import dates
from carteira.core.events import kinds
from carteira.core.events.record_selected import record_selected
from carteira.core.sheets.registry import Undo
from carteira.core.sheets.staging import execute, table
from carteira.core.sheets.undo import BATCH, TakingBack
from carteira.customers import facts
from carteira.customers.archive_again import archive_again_many

PAYMENTS_UNDONE = kinds.register(
    "payment.import_undone", gettext_lazy("{count} imported payments taken back, {amount} in all.")
)
INVOICES_UNDONE = kinds.register(
    "invoice.import_undone",
    gettext_lazy("{count} imported invoices canceled, {amount} in all: the import was taken back."),
)

_TAKEN = "undo_payments"


def take_payments_back(taking: TakingBack) -> dict[str, int]:
    _hold(taking)
    reversed_ = _reverse(taking)
    canceled = _cancel(taking, free_numbers=False)
    _follow(taking)
    _tell(PAYMENTS_UNDONE, taking, f"SELECT customer_id, amount FROM {_TAKEN} WHERE NOT touched")
    return {"reversed": reversed_, "removed": canceled, "restored": _archive_again(taking)}


def take_invoices_back(taking: TakingBack) -> dict[str, int]:
    _hold(taking)
    reversed_ = _reverse(taking)
    canceled = _cancel(taking, free_numbers=True)
    restored = _put_back(taking)
    _follow(taking)
    _tell(INVOICES_UNDONE, taking, "SELECT customer_id, amount FROM undo_invoices WHERE NOT paid")
    return {"reversed": reversed_, "removed": canceled, "restored": restored + _archive_again(taking)}


def _hold(taking: TakingBack) -> None:
    execute(
        f"SELECT id FROM customers_customer WHERE account_id = %(account)s AND id IN (SELECT customer_id FROM {BATCH})"
        " ORDER BY id FOR NO KEY UPDATE",
        taking.parameters,
    )


def _reverse(taking: TakingBack) -> int:
    """A reversal as of its own day for each payment of the import that nobody has touched; how many."""
    parameters = taking.parameters
    table(
        _TAKEN,
        f"""SELECT p.id, p.customer_id, p.invoice_id, p.amount, p.paid_on, p.method, i.number, EXISTS (
            SELECT FROM billing_payment r WHERE r.account_id = p.account_id AND r.reverses_id = p.id
        ) AS touched
        FROM billing_payment p
        LEFT JOIN billing_invoice i ON i.account_id = p.account_id AND i.id = p.invoice_id
        WHERE p.account_id = %(account)s AND p.customer_id IN (SELECT customer_id FROM {BATCH})
            AND p.recorded_at = %(applied_at)s AND p.source = 'sheet' AND p.reverses_id IS NULL""",
        parameters,
    )
    taking.leave(
        (customer, "touched", number or "")
        for customer, number in _rows(f"SELECT customer_id, number FROM {_TAKEN} WHERE touched ORDER BY id")
    )
    count = execute(
        f"""INSERT INTO billing_payment (account_id, customer_id, invoice_id, reverses_id, owed_again, amount, paid_on,
            method, source, external_id, note, recorded_at)
        SELECT %(account)s, customer_id, invoice_id, id, TRUE, -amount, paid_on, method, 'sheet', '', '', %(now)s
        FROM {_TAKEN} WHERE NOT touched ORDER BY id""",
        parameters,
    )
    execute(
        f"""UPDATE billing_payment p SET external_id = '' FROM {_TAKEN} t
        WHERE p.account_id = %(account)s AND p.id = t.id AND NOT t.touched AND p.external_id <> ''""",
        parameters,
    )
    settle_many(f"SELECT invoice_id FROM {_TAKEN} WHERE NOT touched AND invoice_id IS NOT NULL")
    return count


def _cancel(taking: TakingBack, *, free_numbers: bool) -> int:
    """The invoices the import made: canceled as of their issue day, or deleted where only scheduled; how many."""
    parameters = {**taking.parameters, "reason": _("The import was taken back.")}
    table(
        "undo_invoices",
        f"""SELECT id, customer_id, amount, number, paid_amount > 0 AS paid FROM billing_invoice
        WHERE account_id = %(account)s AND customer_id IN (SELECT customer_id FROM {BATCH})
            AND created_at = %(applied_at)s AND series = 'imported' AND canceled_on IS NULL AND deleted_at IS NULL""",
        parameters,
    )
    touched = {row[0] for row in _rows(f"SELECT invoice_id FROM {_TAKEN} WHERE touched")}
    paid = _rows("SELECT id, customer_id, number FROM undo_invoices WHERE paid ORDER BY id")
    taking.leave((customer, "paid", number) for id, customer, number in paid if id not in touched)
    freed = ", number = left(i.number, 29) || ' ~' || left(md5(i.id::text), 8)" if free_numbers else ""
    return execute(
        f"""UPDATE billing_invoice i SET external_id = '', cancel_reason = %(reason)s,
            canceled_on = CASE WHEN i.issued_on IS NOT NULL THEN i.issued_on END,
            deleted_at = CASE WHEN i.issued_on IS NULL THEN %(now)s::timestamptz END {freed}
        FROM undo_invoices u WHERE i.account_id = %(account)s AND i.id = u.id AND NOT u.paid""",
        parameters,
    )


def _put_back(taking: TakingBack) -> int:
    """Due dates and descriptions that the import changed, where they still say what it wrote; how many invoices."""
    told = _rows(
        f"""SELECT customer_id, personal -> 'changes' FROM core_event WHERE account_id = %(account)s
            AND kind = ANY(%(kinds)s) AND what ->> 'import' = %(import)s AND personal ? 'changes'
            AND customer_id IN (SELECT customer_id FROM {BATCH})""",
        {**taking.parameters, "kinds": [invoices_write.IMPORTED, invoices_write.UPDATED]},
    )
    changes = [(customer, change) for customer, found in told for change in _json(found) or []]
    invoices = Invoice.objects.in_bulk([UUID(change["invoice"]) for _customer, change in changes])
    effective = _effective(taking)
    put_back: list[Invoice] = []
    for customer, change in changes:
        invoice = invoices.get(UUID(change["invoice"]))
        if invoice is None or invoice.canceled_on is not None or invoice.deleted_at is not None:
            continue
        same = []
        for name, was in change["old"].items():
            value = getattr(invoice, name)
            if (value.isoformat() if name == "due_on" else value) == change["new"][name]:
                setattr(invoice, name, Invoice._meta.get_field(name).to_python(was))
                same.append(name)
        if len(same) < len(change["old"]):
            taking.leave([(customer, "changed", invoice.number)])
        if same:
            invoice.effective_due_on = effective(invoice.due_on)
            put_back.append(invoice)
    Invoice.objects.bulk_update(put_back, ["due_on", "effective_due_on", "description"], batch_size=500)
    return len(put_back)


def _follow(taking: TakingBack) -> None:
    """Invoices that are open again become due on the business day of today's calendar; the caches follow."""
    effective = _effective(taking)
    reopened = f"""FROM billing_invoice i WHERE i.account_id = %(account)s AND i.settled_on IS NULL
        AND i.canceled_on IS NULL AND i.deleted_at IS NULL AND i.id IN (SELECT invoice_id FROM {_TAKEN})"""
    for (due_on,) in _rows(f"SELECT DISTINCT i.due_on {reopened}", taking.parameters):
        execute(
            f"UPDATE billing_invoice SET effective_due_on = %(effective)s WHERE account_id = %(account)s"
            f" AND due_on = %(due_on)s AND id IN (SELECT i.id {reopened})",
            {**taking.parameters, "due_on": due_on, "effective": effective(due_on)},
        )
    facts.refresh(listed_in=BATCH)


# What brings an archived customer back: money that still counts, invoices that are still there.
_SINCE = """SELECT p.customer_id, p.paid_on AS on_day FROM billing_payment p WHERE p.account_id = %(account)s
        AND p.recorded_at >= %(applied_at)s AND p.reverses_id IS NULL AND NOT EXISTS (SELECT FROM billing_payment r
            WHERE r.account_id = %(account)s AND r.reverses_id = p.id AND r.amount = -p.amount AND r.paid_on = p.paid_on)
    UNION ALL SELECT i.customer_id, DATE '9999-12-31' FROM billing_invoice i WHERE i.account_id = %(account)s
        AND i.created_at >= %(applied_at)s AND i.canceled_on IS NULL AND i.deleted_at IS NULL AND i.settled_on IS NULL"""


def _archive_again(taking: TakingBack) -> int:
    """Whom this import had brought back goes to the archive again; who has a life since stays and is told."""
    parameters = {"applied_at": taking.record.applied_at}
    count, stay = archive_again_many(
        taking.record.pk, listed_in=BATCH, since=_SINCE, parameters=parameters, by=taking.by, now=taking.now
    )
    taking.leave((customer, "open" if what else "lively", what) for customer, what in stay)
    return count


def _effective(taking: TakingBack) -> Callable[[Any], Any]:
    calendar = calendar_of(taking.account)
    return lambda day: dates.effective_due(day, calendar)


def _tell(kind: str, taking: TakingBack, rows: str) -> None:
    record_selected(
        kind,
        "SELECT customer_id, NULL::uuid AS subject_id, jsonb_build_object("
        f"'count', count(*), 'amount', sum(amount)::bigint) AS what FROM ({rows}) r GROUP BY customer_id",
        {},
        by=taking.by,
        now=taking.now,
    )


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _rows(sql: str, parameters: dict[str, Any] | None = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


_REASONS = {
    "touched": gettext_lazy("A payment was taken back before, at least in part (invoice {what})."),
    "paid": gettext_lazy("The invoice {what} has been paid since, so it stays."),
    "changed": gettext_lazy("The invoice {what} was changed by somebody since, so it stays as it is."),
    "open": gettext_lazy("Stays reactivated, for something is pending: {what}."),
    "lively": gettext_lazy("Stays reactivated: money or an invoice has come since."),
}
UNDO_PAYMENTS = Undo(
    events=(PAYMENTS_IMPORTED,),
    take_back=take_payments_back,
    reasons=dict(_REASONS),
    text=gettext_lazy(
        "Its payments are reversed as of their own days and the invoices it made are canceled; whom it brought back from the"
        " archive goes back there. The history tells it."
    ),
)
UNDO_INVOICES = Undo(
    events=(invoices_write.IMPORTED, invoices_write.UPDATED),
    take_back=take_invoices_back,
    reasons=dict(_REASONS),
    text=gettext_lazy(
        "The invoices it made are canceled, their payments reversed as of their own days; changed due dates are put back, and"
        " whom it brought back from the archive goes back there."
    ),
)
