"""The sheet kind "payments": each line becomes a paid one-off invoice and its payment.

A payment is the same as one that exists when it has its external id; without one, when it is the n-th of its
customer, day and amount in the file and at least n of those came from a sheet before (and were not taken back with it). So a file can be
imported again, and lines that stand twice in it are two payments.
"""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.billing.sheets import common, fields
from carteira.billing.sheets.showing import show_payments
from carteira.billing.sheets.undoing import UNDO_PAYMENTS
from carteira.core.sheets.registry import Batch, Counts, Field, Reading, SheetKind
from carteira.core.sheets.staging import ROWS, Stage, execute, scalar, table
from carteira.core.walls.scope import require_account_id
from carteira.customers.sheets.fields import OWN_ID, identifiers, own_id
from carteira.customers.sheets.finding import FOUND, IDENTITY

FIELDS = (
    *identifiers(),
    fields.CUSTOMER_NAME,
    Field(
        "paid_on",
        gettext_lazy("paid on"),
        fields.past_day_cleaner,
        columns=(("paid_on", "date"),),
        synonyms=fields.PAID_ON_WORDS,
        required=True,
        repeats=True,
    ),
    Field(
        "amount",
        gettext_lazy("amount"),
        fields.amount_cleaner,
        columns=(("amount", "bigint"),),
        synonyms=fields.AMOUNT_WORDS,
        required=True,
        repeats=True,
    ),
    Field(
        "method",
        gettext_lazy("payment method"),
        fields.method_cleaner,
        synonyms=fields.METHOD_WORDS,
        repeats=True,
    ),
    Field(
        "external_id",
        gettext_lazy("external id"),
        fields.text_cleaner(120),
        synonyms=fields.EXTERNAL_ID_WORDS,
    ),
    Field(
        "description",
        gettext_lazy("description"),
        fields.text_cleaner(300),
        synonyms=fields.DESCRIPTION_WORDS,
    ),
    own_id(),
)


def derive(batch: Batch, reading: Reading) -> None:
    fields.name_customer(batch, reading)


def match(stage: Stage, reading: Reading) -> Counts:
    """Which payments are here already; `sheet_plan` holds the others."""
    again = _known_by_own_id(stage, reading) if OWN_ID in reading.fields else 0
    common.find_each(stage, reading)
    known = again + (_known_by_external_id(stage, reading) if "external_id" in reading.fields else 0)
    staged = scalar(f"SELECT count(*) FROM {ROWS}")
    created = _plan_the_missing(reading)
    return Counts(created=created, updated=0, unchanged=known + staged - created)


def _known_by_own_id(stage: Stage, reading: Reading) -> int:
    """Settle the lines that an export of ours brought: how many still say what the payment is. Others are refused."""
    account = {"account": require_account_id()}
    existing = f"FROM {ROWS} s JOIN billing_payment p ON p.account_id = %(account)s AND p.id = s.id"
    stage.refuse(
        _("This payment is here already, with another day or amount. Payments never change: reverse it instead."),
        f"SELECT s.line, NULL AS value, NULL AS other {existing} WHERE p.paid_on <> s.paid_on OR p.amount <> s.amount",
        account,
    )
    return execute(f"DELETE FROM {ROWS} WHERE line IN (SELECT s.line {existing})", account)


def _known_by_external_id(stage: Stage, reading: Reading) -> int:
    """Settle the lines whose external id is on an earlier line or on a payment: how many tell the same again.
    Those that tell something else are refused, for payments never change.
    """
    account = {"account": require_account_id()}
    same = "{0}.customer_id = f.customer_id AND {0}.paid_on = s.paid_on AND {0}.amount = s.amount"
    table(
        "sheet_again",
        f"""SELECT s.line, e.first, {same.format("e")} AS same FROM {ROWS} s JOIN {FOUND} f ON f.line = s.line
        JOIN (SELECT s.line AS first, s.external_id, f.customer_id, s.paid_on, s.amount
            FROM {ROWS} s JOIN {FOUND} f ON f.line = s.line JOIN (
                SELECT min(line) AS line FROM {ROWS} WHERE external_id IS NOT NULL
                GROUP BY external_id HAVING count(*) > 1) m ON m.line = s.line
        ) e ON e.external_id = s.external_id AND e.first <> s.line""",
    )
    stage.refuse(
        _("The external id “{value}” is on line {other} too, with another customer, day or amount."),
        f"SELECT s.line, s.external_id AS value, a.first AS other FROM {ROWS} s JOIN sheet_again a ON a.line = s.line"
        " WHERE NOT a.same",
        {},
    )
    known = execute(f"DELETE FROM {ROWS} WHERE line IN (SELECT line FROM sheet_again)")
    existing = f"""FROM {ROWS} s JOIN {FOUND} f ON f.line = s.line JOIN billing_payment p
        ON p.account_id = %(account)s AND p.external_id <> '' AND p.external_id = s.external_id"""
    stage.refuse(
        _("The payment “{value}” is here already, with another customer, day or amount."),
        f"SELECT s.line, s.external_id AS value, NULL AS other {existing} WHERE NOT ({same.format('p')})",
        account,
    )
    return known + execute(f"DELETE FROM {ROWS} WHERE line IN (SELECT s.line {existing})", account)


def _plan_the_missing(reading: Reading) -> int:
    """Make `sheet_plan`: the lines to be written; how many."""
    account = {"account": require_account_id()}
    optional = ", ".join(
        f"s.{name}" if name in reading.fields else f"NULL::text AS {name}"
        for name in ("method", "external_id", "description")
    )
    nameless = "s.external_id IS NULL" if "external_id" in reading.fields else "TRUE"
    rows = f"""SELECT s.line, f.customer_id, s.paid_on, s.amount, {optional}
        FROM {ROWS} s JOIN {FOUND} f ON f.line = s.line"""
    had = table(
        "sheet_have",
        f"""SELECT p.customer_id, p.paid_on, p.amount, count(*) AS times FROM billing_payment p
        WHERE p.account_id = %(account)s AND p.source = 'sheet' AND p.external_id = '' AND p.reverses_id IS NULL
            AND p.customer_id IN (SELECT customer_id FROM {FOUND}) AND NOT EXISTS (
                SELECT FROM billing_payment r
                WHERE r.account_id = p.account_id AND r.reverses_id = p.id AND r.source = 'sheet'
            )
        GROUP BY p.customer_id, p.paid_on, p.amount""",
        account,
    )
    if had:
        missing = f"""
            SELECT r.line, r.customer_id, r.paid_on, r.amount, r.method, r.external_id, r.description FROM (
                SELECT s.*, row_number() OVER (PARTITION BY customer_id, paid_on, amount ORDER BY line) AS nth
                FROM ({rows} WHERE {nameless}) s
            ) r LEFT JOIN sheet_have h USING (customer_id, paid_on, amount) WHERE r.nth > coalesce(h.times, 0)"""
        if "external_id" in reading.fields:
            missing += f" UNION ALL {rows} WHERE s.external_id IS NOT NULL"
    else:
        missing = rows
    return table("sheet_plan", f"SELECT m.*, uuidv7() AS invoice_id FROM ({missing}) m")


def write(stage: Stage, reading: Reading) -> None:
    """Invoices, payments, and what follows from them."""
    count = scalar("SELECT count(*) FROM sheet_plan")
    if not count:
        return
    common.touch(
        "SELECT customer_id, count(*) AS count, sum(amount)::bigint AS amount, NULL::jsonb AS changes FROM sheet_plan"
        " GROUP BY customer_id"
    )
    parameters = {
        "account": require_account_id(),
        "now": reading.now,
        "first": common.take_imported_numbers(count) - 1,
    }
    execute(
        f"""INSERT INTO billing_invoice (account_id, id, customer_id, series, number, external_id, description, amount,
            issue_on, issued_at, issued_on, due_on, effective_due_on, cancel_reason, created_at, paid_amount, settled_on)
        SELECT %(account)s, invoice_id, customer_id, 'imported', {common.number_sql("nth + %(first)s")}, '',
            coalesce(description, ''), amount, paid_on, %(now)s, paid_on, paid_on, paid_on, '', %(now)s, amount, paid_on
        FROM (SELECT *, row_number() OVER (ORDER BY line) AS nth FROM sheet_plan) p""",
        parameters,
    )
    execute(
        """INSERT INTO billing_payment (account_id, customer_id, invoice_id, owed_again, amount, paid_on, method, source,
            external_id, note, recorded_at)
        SELECT %(account)s, customer_id, invoice_id, TRUE, amount, paid_on, coalesce(method, 'other'), 'sheet',
            coalesce(external_id, ''), '', %(now)s
        FROM sheet_plan ORDER BY line""",
        parameters,
    )
    common.news(
        common.PAYMENTS_IMPORTED,
        reading,
        days="SELECT customer_id, paid_on AS since FROM sheet_plan",
        reopened_because=_("A payment arrived."),
    )


PAYMENTS = SheetKind(
    name="payments",
    label=gettext_lazy("Payments"),
    right="billing.record",
    fields=FIELDS,
    derived=IDENTITY,
    derive=derive,
    match=match,
    write=write,
    show=show_payments,
    undo=UNDO_PAYMENTS,
    tables=common.TABLES,
    needs=(fields.CUSTOMER_NEEDED,),
    sample=(
        ("A-001", "", "", "", "2026-10-05", Decimal("150.00"), "pix", "E00001", "Mensalidade de outubro"),
        ("", "", "joao@example.com", "", "2026-10-06", Decimal("89.90"), "cash", "", ""),
    ),
    icon="cash",
    text=gettext_lazy("Money that arrived: each line becomes a paid invoice of its customer."),
    seen_at="customers:list",
)
