"""The sheet kind "invoices": what was billed before, open or paid, with its own numbers.

An invoice is the same as one that exists when it has its external id, else its number among the imported ones. What
the file says anew about such an invoice: its due date and description, and that it has been paid meanwhile.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.holidays import calendar_of
from carteira.billing.settle_many import settle_many
from carteira.billing.sheets import common, fields
from carteira.core import dates
from carteira.core.events import kinds
from carteira.core.events.record_selected import record_selected
from carteira.core.sheets.registry import Batch, Counts, Field, Reading, SheetKind
from carteira.core.sheets.staging import ROWS, Stage, execute, scalar, table
from carteira.core.walls.scope import require_account_id
from carteira.customers.sheets.fields import day_cleaner, identifiers
from carteira.customers.sheets.finding import FOUND, IDENTITY

IMPORTED = kinds.register("invoice.imported", gettext_lazy("{count} invoices imported, {amount} in all."))
UPDATED = kinds.register("invoice.updated_by_import", gettext_lazy("{count} invoices updated by an import."))

FIELDS = (
    *identifiers(),
    Field(
        "number",
        gettext_lazy("invoice number"),
        fields.text_cleaner(40),
        synonyms=(
            *("número", "número da fatura", "nº da fatura", "fatura", "número do documento", "nota fiscal"),
            *("número de factura", "factura", "folio", "invoice number", "invoice", "invoice no"),
        ),
    ),
    Field("external_id", gettext_lazy("external id"), fields.text_cleaner(120), synonyms=fields.EXTERNAL_ID_WORDS),
    Field(
        "amount",
        gettext_lazy("amount"),
        fields.amount_cleaner,
        columns=(("amount", "bigint"),),
        synonyms=("valor", "valor da fatura", "valor total", "=total", "monto", "importe", "amount", "value"),
        required=True,
        repeats=True,
    ),
    Field(
        "issue_on",
        gettext_lazy("issue date"),
        day_cleaner,
        columns=(("issue_on", "date"),),
        synonyms=(
            *("emissão", "data de emissão", "emitida em", "data emissão", "fecha de emisión", "emitida el"),
            *("issue date", "issued", "issued on", "invoice date"),
        ),
        repeats=True,
    ),
    Field(
        "due_on",
        gettext_lazy("due date"),
        day_cleaner,
        columns=(("due_on", "date"),),
        synonyms=(
            *("vencimento", "data de vencimento", "vence em", "vencimiento", "fecha de vencimiento", "vence el"),
            *("due", "due date", "due on"),
        ),
        required=True,
        repeats=True,
    ),
    Field(
        "paid_on",
        gettext_lazy("paid on"),
        fields.past_day_cleaner,
        columns=(("paid_on", "date"),),
        synonyms=tuple(word for word in fields.PAID_ON_WORDS if not word.startswith("=")),
        repeats=True,
    ),
    Field(
        "paid_amount",
        gettext_lazy("amount paid"),
        fields.amount_cleaner,
        columns=(("paid_amount", "bigint"),),
        synonyms=("valor pago", "valor recebido", "monto pagado", "importe pagado", "amount paid", "paid amount"),
        repeats=True,
    ),
    Field(
        "method",
        gettext_lazy("payment method"),
        fields.method_cleaner,
        synonyms=fields.METHOD_WORDS,
        repeats=True,
    ),
    Field("description", gettext_lazy("description"), fields.text_cleaner(300), synonyms=fields.DESCRIPTION_WORDS),
)

_DERIVED = (
    *IDENTITY,
    ("issued_for", "date"),
    ("effective_on", "date"),
    ("paid_sum", "bigint"),
)


def derive(batch: Batch, reading: Reading) -> None:
    """Issue day, effective due date and what was paid, and whether a line's days fit together."""
    fields.name_customer(batch, reading)
    today, effective = reading.today, reading.prepared
    due, issue, paid_on = batch.column("due_on"), batch.column("issue_on"), batch.column("paid_on")
    amounts, paid = batch.column("amount"), batch.column("paid_amount")
    numbers, external = batch.column("number"), batch.column("external_id")
    # Without an issue day an invoice was there when it became due, and is there today at the latest.
    issued_for = [given or min(day, today) for given, day in zip(issue, due, strict=True)]
    for at, day in enumerate(due):
        if not numbers[at] and not external[at]:
            batch.refuse(at, _("This line has neither an invoice number nor an external id."))
        elif day < issued_for[at]:
            batch.refuse(at, _("The due date cannot be before the issue date."))
        elif paid[at] is not None and paid_on[at] is None:
            batch.refuse(at, _("An amount paid needs the day on which it was paid."))
        elif paid_on[at] is not None and issued_for[at] > today:
            batch.refuse(at, _("An invoice that will be issued in the future cannot be paid already."))
    batch.columns |= {
        "issued_for": issued_for,
        "effective_on": [effective(day) for day in due],
        "paid_sum": [
            None if day is None else amount if given is None else given
            for day, given, amount in zip(paid_on, paid, amounts, strict=True)
        ],
    }


def prepare(reading: Reading) -> Callable[[date], date]:
    """due day -> the business day on which paying is still in time; each day asked once."""
    known: dict[date, date] = {}
    calendar = calendar_of(reading.account)

    def effective(day: date) -> date:
        found = known.get(day)
        if found is None:
            found = known[day] = dates.effective_due(day, calendar)
        return found

    return effective


def match(stage: Stage, reading: Reading) -> Counts:
    """Which invoices are here already, and what the file says anew about them."""
    common.find_each(stage, reading)
    _make_lines(reading)
    repeated = _refuse_repeated(stage)
    _refuse_taken(stage)
    staged = scalar(f"SELECT count(*) FROM {ROWS}")
    _plan_changes(stage)
    known, changed = scalar("SELECT count(*) FROM sheet_known"), scalar("SELECT count(*) FROM sheet_plan")
    contradicted = staged - scalar(f"SELECT count(*) FROM {ROWS}")
    created = staged - contradicted - known
    return Counts(created=created, updated=changed, unchanged=known - changed + repeated)


def _make_lines(reading: Reading) -> None:
    """`sheet_lines`: every line with all columns, those that the file does not bring being null."""
    columns = {name: type_ for field in FIELDS for name, type_ in field.staged}
    mapped = {name for field in FIELDS if field.name in reading.fields for name, _type in field.staged}
    chosen = ", ".join(
        f"s.{name}" if name in mapped else f"NULL::{type_} AS {name}"
        for name, type_ in columns.items()
        if name not in {"code", "document_kind", "document", "email"}
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
    AND p.source = 'sheet' AND p.reverses_id IS NULL{more})"""
_PAID_BEFORE = _SHEET_PAYMENT.format(more="")
_SAME_PAYMENT = _SHEET_PAYMENT.format(
    more=" AND p.paid_on = l.paid_on AND (l.paid_amount IS NULL OR p.amount = l.paid_amount)"
)


def _refuse_from_lines(stage: Stage, sentence: str, sql: str, parameters: dict[str, Any]) -> None:
    if stage.refuse(sentence, sql, parameters):
        for table in ("sheet_lines", "sheet_known"):
            execute(f"DELETE FROM {table} t WHERE NOT EXISTS (SELECT FROM {ROWS} s WHERE s.line = t.line)")


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
            coalesce(sum(amount) FILTER (WHERE new), 0)::bigint AS amount
        FROM (SELECT customer_id, amount, TRUE AS new FROM sheet_new
            UNION ALL SELECT customer_id, 0, FALSE FROM sheet_plan) t GROUP BY customer_id"""
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
        f"'count', changed, 'import', %(import)s::text) AS what FROM {common.TOUCHED} WHERE count = 0",
        {"import": str(reading.import_id)},
        by=reading.by,
        now=reading.now,
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


INVOICES = SheetKind(
    name="invoices",
    label=gettext_lazy("Invoices"),
    right="billing.record",
    fields=FIELDS,
    derived=_DERIVED,
    prepare=prepare,
    derive=derive,
    match=match,
    write=write,
    tables=common.TABLES,
    needs=(
        fields.CUSTOMER_NEEDED,
        (
            ("number", "external_id"),
            gettext_lazy("Say which column is the invoice number or the external id, so that no invoice comes twice."),
        ),
    ),
    sample=(
        (
            "A-001",
            "",
            "",
            "2026-0107",
            "",
            Decimal("150.00"),
            "2026-10-01",
            "2026-10-10",
            "2026-10-09",
            "",
            "pix",
            "Outubro",
        ),
        ("A-002", "", "", "2026-0108", "", Decimal("150.00"), "2026-11-01", "2026-11-10", "", "", "", "Novembro"),
    ),
    icon="file-invoice",
    text=gettext_lazy("What was billed, open or paid: open and overdue ones say who owes."),
    seen_at="customers:list",
)
