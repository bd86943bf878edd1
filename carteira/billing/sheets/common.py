"""Steps that payments and invoices share: finding each line's customer, numbers, locks, history."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core.counters import take_numbers
from carteira.core.events import kinds
from carteira.core.events.record_selected import record_selected
from carteira.core.sheets.registry import Reading
from carteira.core.sheets.staging import ROWS, Overtaken, Stage, execute, scalar, table
from carteira.core.walls.scope import require_account_id
from carteira.customers import facts
from carteira.customers.reopen_many import reopen_many
from carteira.customers.sheets.fields import OWN_ID
from carteira.customers.sheets.finding import FOUND, find_customers, order_of
from carteira.customers.sheets.merged import note_merged

PAYMENTS_IMPORTED = kinds.register("payment.imported", gettext_lazy("{count} payments imported, {amount} in all."))
TOUCHED = "sheet_touched"
# What an undo needs: the former values of invoices that an import changed.
PERSONAL = "CASE WHEN changes IS NULL THEN '{}' ELSE jsonb_build_object('changes', changes) END AS personal"
TABLES = ("billing_invoice", "billing_payment", "customers_span", "customers_customer", "core_event")


def find_each(stage: Stage, reading: Reading) -> None:
    """Leaves only lines that name exactly one customer; `sheet_found` says which."""
    find_customers(reading, exact=False)
    note_merged(stage)
    if OWN_ID in reading.fields:
        stage.refuse(
            _("This line names no customer."),
            f"SELECT line, NULL AS value, NULL AS other FROM {ROWS} WHERE level IS NULL",
            {},
        )
    sentences = {
        "code": _("There is no customer with the code “{value}”."),
        "document": _("There is no customer with the document “{value}”."),
        "email": _("There is no customer with the e-mail “{value}”."),
        "customer_name": _("There is no customer called “{value}”."),
    }
    # As the file writes it; only names are folded.
    written = "s.customer_name" if "customer_name" in reading.fields else "s.identity"
    for level, name in enumerate((*order_of(reading.key), "customer_name")):
        stage.refuse(
            sentences[name],
            f"SELECT s.line, {written if name == 'customer_name' else 's.identity'} AS value, NULL AS other FROM {ROWS} s LEFT JOIN {FOUND} f ON f.line = s.line"
            f" WHERE s.level = {level} AND f.line IS NULL",
            {},
        )
    if scalar(f"SELECT count(*) FROM {FOUND}") > scalar(f"SELECT count(*) FROM {ROWS}"):
        several = f"SELECT line FROM {FOUND} GROUP BY line HAVING count(*) > 1"
        by_name = len(order_of(reading.key))
        stage.refuse(
            _("“{value}” names several customers. Give this line a code, a document or an e-mail that only one has."),
            f"SELECT s.line, {written} AS value, NULL AS other FROM {ROWS} s"
            f" WHERE s.level = {by_name} AND s.line IN ({several})",
            {},
        )
        stage.refuse(
            _("“{value}” names several customers. Name this one by another identifier."),
            f"SELECT s.line, s.identity AS value, NULL AS other FROM {ROWS} s WHERE s.line IN ({several})",
            {},
        )


def touch(sql: str, parameters: dict[str, Any] | None = None) -> None:
    """Make `sheet_touched` (customer_id, count, amount, changes) from a query and hold those customers' rows, in the
    order in which everybody takes them, as the verbs for one customer do.
    """
    table(TOUCHED, sql, parameters)
    held = execute(
        f"SELECT id FROM customers_customer WHERE account_id = %(account)s"
        f" AND id IN (SELECT customer_id FROM {TOUCHED}) ORDER BY id FOR NO KEY UPDATE",
        {"account": require_account_id()},
    )
    if held < scalar(f"SELECT count(DISTINCT customer_id) FROM {TOUCHED}"):
        raise Overtaken


def news(kind: str, reading: Reading, *, days: str, reopened_because: str) -> None:
    """What follows from written rows: archived customers come back (`days` selects customer_id, since),
    caches follow, the history tells it once a customer.
    """
    reopen_many(f"({days})", import_id=reading.import_id, by=reading.by, now=reading.now, note=reopened_because)
    facts.refresh(listed_in=TOUCHED)
    record_selected(
        kind,
        "SELECT customer_id, NULL::uuid AS subject_id, jsonb_build_object("
        f"'count', count, 'amount', amount, 'import', %(import)s::text) AS what, {PERSONAL} FROM {TOUCHED}"
        " WHERE count > 0",
        {"import": str(reading.import_id)},
        by=reading.by,
        now=reading.now,
        personal=True,
    )


def take_imported_numbers(count: int) -> int:
    """The first of `count` numbers for imported invoices that brought none (`number_sql` writes them), none
    of which a file has used by chance.
    """
    while True:
        first = take_numbers("imported invoice", count)
        taken: Any = scalar(
            f"SELECT EXISTS (SELECT FROM generate_series(%(first)s, %(last)s) AS n JOIN billing_invoice i"
            f" ON i.account_id = %(account)s AND i.series = 'imported' AND i.number = {number_sql('n')})",
            {"first": first, "last": first + count - 1, "account": require_account_id()},
        )
        if not taken:
            return first


def number_sql(n: str) -> str:
    """IMP0000042: cannot be taken for one of the business's own numbers."""
    return f"'IMP' || lpad(({n})::text, greatest(7, length(({n})::text)), '0')"
