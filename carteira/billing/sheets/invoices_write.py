"""Writing what `invoices_match` has found: new invoices with their payments, changes of known ones, the history."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.billing.settle_many import settle_many
from carteira.billing.sheets import common
from carteira.core.events import kinds
from carteira.core.events.record_selected import record_selected
from carteira.core.sheets.registry import Reading
from carteira.core.sheets.staging import Stage, execute, scalar, table
from carteira.core.walls.scope import require_account_id

IMPORTED = kinds.register("invoice.imported", gettext_lazy("{count} invoices imported, {amount} in all."))
UPDATED = kinds.register("invoice.updated_by_import", gettext_lazy("{count} invoices updated by an import."))


def write(stage: Stage, reading: Reading) -> None:
    """New invoices with their payments, changes of known ones, and what follows."""
    account = {"account": require_account_id()}
    table(
        "sheet_new",
        """SELECT l.*, least(l.issued_for, %(today)s) AS since, uuidv7() AS invoice_id FROM sheet_lines l
        WHERE NOT EXISTS (SELECT FROM sheet_known k WHERE k.line = l.line)""",
        {"today": reading.today},
    )
    common.touch(
        """SELECT customer_id, count(*) FILTER (WHERE new) AS count, count(*) FILTER (WHERE NOT new) AS changed,
            coalesce(sum(amount) FILTER (WHERE new), 0)::bigint AS amount,
            jsonb_agg(change) FILTER (WHERE change IS NOT NULL) AS changes
        FROM (SELECT customer_id, amount, TRUE AS new, NULL::jsonb AS change FROM sheet_new
            UNION ALL SELECT p.customer_id, 0, FALSE, CASE WHEN p.rewritten THEN jsonb_build_object(
                'invoice', i.id,
                'old', jsonb_build_object('description', i.description, 'due_on', i.due_on),
                'new', jsonb_build_object('description', p.description, 'due_on',
                    CASE WHEN i.settled_on IS NULL THEN p.due_on ELSE i.due_on END)) END
            FROM sheet_plan p JOIN billing_invoice i ON i.account_id = %(account)s AND i.id = p.invoice_id
        ) t GROUP BY customer_id""",
        account,
    )
    parameters = {**account, "now": reading.now, "today": reading.today}
    _insert(parameters)
    _change(parameters)
    _pay(parameters)
    common.news(
        IMPORTED,
        reading,
        days="SELECT customer_id, since FROM sheet_new"
        " UNION ALL SELECT customer_id, paid_on FROM sheet_new WHERE paid_on IS NOT NULL"
        " UNION ALL SELECT customer_id, paid_on FROM sheet_plan WHERE pay IS NOT NULL",
        reopened_because=_("An invoice or a payment arrived."),
    )
    record_selected(
        UPDATED,
        "SELECT customer_id, NULL::uuid AS subject_id, jsonb_build_object("
        f"'count', changed, 'import', %(import)s::text) AS what, {common.PERSONAL} FROM {common.TOUCHED} WHERE count = 0",
        {"import": str(reading.import_id)},
        by=reading.by,
        now=reading.now,
        personal=True,
    )


def _insert(parameters: dict[str, Any]) -> None:
    """First those that bring a number, so that the numbers made up for the others avoid them."""
    for condition in ("number IS NOT NULL", "number IS NULL"):
        count = scalar(f"SELECT count(*) FROM sheet_new WHERE {condition}")
        if not count:
            continue
        first = common.take_imported_numbers(count) - 1 if condition == "number IS NULL" else 0
        execute(
            f"""INSERT INTO billing_invoice (account_id, id, customer_id, series, number, external_id,
                description, amount, issue_on, issued_at, issued_on, due_on, effective_due_on, cancel_reason,
                created_at, paid_amount, settled_on)
            SELECT %(account)s, invoice_id, customer_id, 'imported',
                coalesce(number, {common.number_sql("nth + %(first)s")}), coalesce(external_id, ''),
                coalesce(description, ''), amount, issued_for, CASE WHEN issued_for <= %(today)s THEN %(now)s END,
                CASE WHEN issued_for <= %(today)s THEN issued_for END, due_on, effective_on, '',
                %(now)s, coalesce(paid_sum, 0), CASE WHEN paid_sum >= amount THEN paid_on END
            FROM (SELECT *, row_number() OVER (ORDER BY line) AS nth FROM sheet_new WHERE {condition}) n""",
            {**parameters, "first": first},
        )


def _change(parameters: dict[str, Any]) -> None:
    execute(
        """UPDATE billing_invoice i SET description = p.description,
            due_on = CASE WHEN i.settled_on IS NULL THEN p.due_on ELSE i.due_on END,
            effective_due_on = CASE WHEN i.settled_on IS NULL THEN p.effective_on ELSE i.effective_due_on END
        FROM sheet_plan p WHERE i.account_id = %(account)s AND i.id = p.invoice_id AND p.rewritten""",
        parameters,
    )


def _pay(parameters: dict[str, Any]) -> None:
    execute(
        """INSERT INTO billing_payment (account_id, customer_id, invoice_id, owed_again, amount, paid_on, method,
            source, external_id, note, recorded_at)
        SELECT %(account)s, customer_id, invoice_id, TRUE, amount, paid_on, coalesce(method, 'other'), 'sheet', '',
            '', %(now)s
        FROM (
            SELECT line, customer_id, invoice_id, paid_sum AS amount, paid_on, method FROM sheet_new
                WHERE paid_on IS NOT NULL
            UNION ALL
            SELECT line, customer_id, invoice_id, pay, paid_on, method FROM sheet_plan WHERE pay IS NOT NULL
        ) p ORDER BY line""",
        parameters,
    )
    settle_many("SELECT invoice_id FROM sheet_plan WHERE pay IS NOT NULL")
