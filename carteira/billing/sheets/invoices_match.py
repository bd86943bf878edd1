"""Which invoices of a file are here already, what the file says anew about them, and which lines contradict them."""

from typing import Any

from django.utils.translation import gettext as _

from carteira.billing.sheets import common
from carteira.billing.sheets.invoices_columns import FIELDS
from carteira.core.sheets.registry import Counts, Reading
from carteira.core.sheets.staging import ROWS, Stage, execute, scalar, table
from carteira.core.walls.scope import require_account_id
from carteira.customers.sheets.fields import OWN_ID
from carteira.customers.sheets.finding import FOUND


def match(stage: Stage, reading: Reading) -> Counts:
    """Which invoices are here already, and what the file says anew about them."""
    again = _known_by_own_id(stage, reading) if OWN_ID in reading.fields else 0
    common.find_each(stage, reading)
    _make_lines(reading)
    repeated = _refuse_repeated(stage)
    _refuse_taken(stage)
    staged = scalar(f"SELECT count(*) FROM {ROWS}")
    _plan_changes(stage)
    known, changed = scalar("SELECT count(*) FROM sheet_known"), scalar("SELECT count(*) FROM sheet_plan")
    contradicted = staged - scalar(f"SELECT count(*) FROM {ROWS}")
    created = staged - contradicted - known
    return Counts(created=created, updated=changed, unchanged=known - changed + repeated + again)


def _known_by_own_id(stage: Stage, reading: Reading) -> int:
    """Settle the lines that an export of ours brought: how many still say what the invoice is. Others are refused."""
    account = {"account": require_account_id()}
    existing = f"FROM {ROWS} s JOIN billing_invoice i ON i.account_id = %(account)s AND i.id = s.id"
    differs = "i.amount <> s.amount OR i.due_on <> s.due_on"
    if "issue_on" in reading.fields:
        differs += " OR i.issue_on <> s.issue_on"
    if "description" in reading.fields:
        differs += " OR i.description <> coalesce(s.description, '')"
    stage.refuse(
        _("The invoice “{value}” is here already, with other data. Change it on its own page."),
        f"SELECT s.line, i.number AS value, NULL AS other {existing} WHERE {differs}",
        account,
    )
    known = execute(f"DELETE FROM {ROWS} WHERE line IN (SELECT s.line {existing})", account)
    nameless = [f"{name} IS NULL" for name in ("number", "external_id") if name in reading.fields]
    stage.refuse(
        _("This line has neither an invoice number nor an external id."),
        f"SELECT line, NULL AS value, NULL AS other FROM {ROWS} WHERE {' AND '.join(nameless)}",
        {},
    )
    return known


def _make_lines(reading: Reading) -> None:
    """`sheet_lines`: every line with all columns, those that the file does not bring being null."""
    columns = {name: type_ for field in FIELDS for name, type_ in field.staged}
    mapped = {name for field in FIELDS if field.name in reading.fields for name, _type in field.staged}
    chosen = ", ".join(
        f"s.{name}" if name in mapped else f"NULL::{type_} AS {name}"
        for name, type_ in columns.items()
        if name not in {"code", "document_kind", "document", "email", "id", "customer_name"}
    )
    table(
        "sheet_lines",
        f"""SELECT s.line, f.customer_id, {chosen}, s.issued_for, s.effective_on, s.paid_sum,
            coalesce({"'x' || s.external_id" if "external_id" in mapped else "NULL"},
                {"'n' || s.number" if "number" in mapped else "NULL"}) AS same_as
        FROM {ROWS} s JOIN {FOUND} f ON f.line = s.line""",
    )


_TOLD = ("customer_id", "number", "external_id", "amount", "issued_for", "due_on", "paid_on", "paid_sum", "description")


def _refuse_repeated(stage: Stage) -> int:
    """Later lines of one invoice: the same again count as unchanged (how many), others are refused."""
    if not table(
        "sheet_again",
        """SELECT l.line, f.first FROM sheet_lines l JOIN (
            SELECT same_as, min(line) AS first FROM sheet_lines GROUP BY same_as HAVING count(*) > 1
        ) f ON f.same_as = l.same_as AND f.first <> l.line""",
    ):
        return 0
    differs = " OR ".join(f"l.{name} IS DISTINCT FROM f.{name}" for name in _TOLD)
    stage.refuse(
        _("This is the same invoice as on line {value}, with other data."),
        f"""SELECT l.line, a.first AS value, NULL AS other FROM sheet_again a JOIN sheet_lines l ON l.line = a.line
        JOIN sheet_lines f ON f.line = a.first WHERE {differs}""",
        {},
    )
    same = execute(f"DELETE FROM {ROWS} WHERE line IN (SELECT line FROM sheet_again)")
    execute("DELETE FROM sheet_lines WHERE line IN (SELECT line FROM sheet_again)")
    return same


def _refuse_taken(stage: Stage) -> None:
    """Finds the invoices that lines mean (`sheet_known`: line, invoice_id); refuses a number that another one has."""
    account = {"account": require_account_id()}
    table(
        "sheet_known",
        """SELECT l.line, i.id AS invoice_id FROM sheet_lines l JOIN billing_invoice i ON i.account_id = %(account)s
            AND i.external_id <> '' AND i.external_id = l.external_id
        UNION ALL
        SELECT l.line, i.id FROM sheet_lines l JOIN billing_invoice i ON i.account_id = %(account)s
            AND i.series = 'imported' AND i.number <> '' AND i.number = l.number
        WHERE l.external_id IS NULL""",
        account,
    )
    _refuse_from_lines(
        stage,
        _("Another invoice has the number “{value}” already."),
        """SELECT l.line, l.number AS value, NULL AS other FROM sheet_lines l
        LEFT JOIN sheet_known k ON k.line = l.line
        LEFT JOIN billing_invoice i ON i.account_id = %(account)s AND i.series = 'imported' AND i.number <> ''
            AND i.number = l.number AND i.id IS DISTINCT FROM k.invoice_id
        LEFT JOIN LATERAL (
            SELECT min(e.line) AS line FROM sheet_lines e WHERE e.number = l.number AND e.line < l.line
        ) e ON TRUE
        WHERE l.number IS NOT NULL AND (i.id IS NOT NULL OR e.line IS NOT NULL)"""
        if _numbers_repeat()
        else """SELECT l.line, l.number AS value, NULL AS other FROM sheet_lines l
        LEFT JOIN sheet_known k ON k.line = l.line
        JOIN billing_invoice i ON i.account_id = %(account)s AND i.series = 'imported' AND i.number <> ''
            AND i.number = l.number AND i.id IS DISTINCT FROM k.invoice_id""",
        account,
    )


def _numbers_repeat() -> bool:
    """Whether two lines (with different external ids, then) have one number."""
    return bool(
        scalar("SELECT EXISTS (SELECT FROM sheet_lines WHERE number IS NOT NULL GROUP BY number HAVING count(*) > 1)")
    )


def _plan_changes(stage: Stage) -> None:
    """`sheet_plan`: line, invoice_id, due and description as they will be, and what is to be paid now (or null).

    Lines that contradict an invoice in what cannot change are refused.
    """
    account = {"account": require_account_id()}
    known = "FROM sheet_lines l JOIN sheet_known k ON k.line = l.line JOIN billing_invoice i"
    known += " ON i.account_id = %(account)s AND i.id = k.invoice_id"
    number = "CASE WHEN l.number <> '' THEN l.number ELSE l.external_id END"
    for sentence, condition in (
        (
            _("The invoice “{value}” is here already, for another customer."),
            "i.customer_id <> l.customer_id",
        ),
        (_("The invoice “{value}” is here already, with another amount."), "i.amount <> l.amount"),
        (
            _("The invoice “{value}” is here already, with another issue date."),
            "l.issue_on IS NOT NULL AND i.issue_on <> l.issue_on",
        ),
        (
            _("The invoice “{value}” is here already, with another number."),
            "l.number IS NOT NULL AND i.number <> l.number",
        ),
        (
            _("The invoice “{value}” is here already, issued later than this due date."),
            "l.due_on < i.issue_on",
        ),
        (
            _("The invoice “{value}” was canceled, so it cannot be paid."),
            "l.paid_on IS NOT NULL AND (i.canceled_on IS NOT NULL OR i.deleted_at IS NOT NULL)",
        ),
        (
            _("The invoice “{value}” is not issued yet: record its payment on its own page, which issues it."),
            "l.paid_on IS NOT NULL AND i.issued_on IS NULL AND i.deleted_at IS NULL",
        ),
        (
            _("The payment of the invoice “{value}” is here already, with another day or amount."),
            f"l.paid_on IS NOT NULL AND {_PAID_BEFORE} AND NOT {_SAME_PAYMENT}",
        ),
        (
            _("The invoice “{value}” has less left to pay than this."),
            f"l.paid_amount IS NOT NULL AND NOT {_PAID_BEFORE} AND i.settled_on IS NULL"
            " AND i.paid_amount > 0 AND l.paid_amount > i.amount - i.paid_amount",
        ),
    ):
        _refuse_from_lines(
            stage, sentence, f"SELECT l.line, {number} AS value, NULL AS other {known} WHERE {condition}", account
        )
    table(
        "sheet_plan",
        f"""SELECT * FROM (
            SELECT l.line, i.id AS invoice_id, i.customer_id, l.paid_on, l.method,
                CASE WHEN l.paid_on IS NOT NULL AND i.settled_on IS NULL AND NOT {_PAID_BEFORE}
                    THEN coalesce(l.paid_amount, i.amount - i.paid_amount) END AS pay,
                coalesce(l.description, i.description) AS description, l.due_on, l.effective_on,
                i.canceled_on IS NULL AND i.deleted_at IS NULL AND (coalesce(l.description <> i.description, FALSE)
                    OR (i.settled_on IS NULL AND i.due_on <> l.due_on)) AS rewritten
            {known}
        ) c WHERE c.rewritten OR c.pay IS NOT NULL""",
        account,
    )


_SHEET_PAYMENT = """EXISTS (SELECT FROM billing_payment p WHERE p.account_id = i.account_id AND p.invoice_id = i.id
    AND p.source = 'sheet' AND p.reverses_id IS NULL{more} AND NOT EXISTS (SELECT FROM billing_payment r
        WHERE r.account_id = p.account_id AND r.reverses_id = p.id AND r.source = 'sheet'))"""
_PAID_BEFORE = _SHEET_PAYMENT.format(more="")
_SAME_PAYMENT = _SHEET_PAYMENT.format(
    more=" AND p.paid_on = l.paid_on AND (l.paid_amount IS NULL OR p.amount = l.paid_amount)"
)


def _refuse_from_lines(stage: Stage, sentence: str, sql: str, parameters: dict[str, Any]) -> None:
    if stage.refuse(sentence, sql, parameters):
        for table in ("sheet_lines", "sheet_known"):
            execute(f"DELETE FROM {table} t WHERE NOT EXISTS (SELECT FROM {ROWS} s WHERE s.line = t.line)")
