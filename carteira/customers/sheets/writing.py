"""Writing what `kind.match` has decided: new customers, then changed ones; an event for each."""

from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy

from carteira.core.counters import take_numbers
from carteira.core.events import kinds
from carteira.core.events.record_selected import record_selected
from carteira.core.sheets.registry import Reading
from carteira.core.sheets.staging import ROWS, Overtaken, Stage, copy_in, execute, scalar, table
from carteira.core.walls.scope import require_account_id
from carteira.customers import facts, search_entries
from carteira.customers.merge.notice import FEW, LOOKED_AT, notice
from carteira.customers.models import Customer
from carteira.customers.register import derive as derive_columns
from carteira.customers.returned import tell_returned_among
from carteira.customers.sheets.fields import COLUMNS, STORED, told
from carteira.customers.sheets.finding import FOUND
from carteira.customers.sheets.own_write import write_own
from carteira.customers.sheets.part_fields import told_parts
from carteira.customers.sheets.parts_write import write_parts
from carteira.customers.sheets.renewed import NEW, PERSON, renew_search

IMPORTED = kinds.register("customer.imported", gettext_lazy("Registered as customer {number} by an import."))
UPDATED = kinds.register("customer.updated_by_import", gettext_lazy("Updated by an import: {fields}."))

_DERIVED_STORED = ("name_sort", "city_sort", "search")
_CHUNK = 5_000
_NOBODY = 2**62


def write(stage: Stage, reading: Reading) -> None:
    """New customers, then changed ones; an event for each. What else their cards hold comes last."""
    _update(reading)
    first = _insert(reading)
    _notice(reading, first)
    parts = told_parts(reading)
    if not (parts or reading.prepared):
        return
    table(
        PERSON,
        f"""SELECT line, customer_id FROM {FOUND} UNION ALL
        SELECT n.line, c.id FROM {NEW} n JOIN customers_customer c ON c.account_id = %(account)s AND c.number = n.number""",
        {"account": require_account_id()},
    )
    if parts:
        write_parts(reading)
    if reading.prepared:
        write_own(reading)
    renew_search(reading)


def _notice(reading: Reading, first: int) -> None:
    """Whoever came and whoever changed may be the same as others: looked at when all is written."""
    if not reading.fields.intersection(LOOKED_AT) and not told_parts(reading):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """(SELECT id FROM customers_customer WHERE account_id = %(account)s AND number >= %(first)s LIMIT %(most)s)
            UNION ALL (SELECT customer_id FROM sheet_change LIMIT %(most)s)""",
            {"account": require_account_id(), "first": first, "most": FEW + 1},
        )
        notice([id for (id,) in cursor.fetchall()], now=reading.now)


def _insert(reading: Reading) -> int:
    """The first number of those who came; beyond all numbers where nobody did."""
    follows = told_parts(reading) or reading.prepared
    if follows:
        table(NEW, "SELECT 0 AS line, 0::bigint AS number LIMIT 0")
    new = f"FROM {ROWS} s WHERE NOT EXISTS (SELECT FROM sheet_plan p WHERE p.line = s.line)"
    count = scalar(f"SELECT count(*) {new}")
    if not count:
        return _NOBODY
    file_columns = [column for name in told(reading) for column in COLUMNS[name]]
    others = {"name", "kind", "registered_on", "birth_on"}
    plain = [name for name in file_columns if name not in others]
    absent = [name for name in STORED if name not in file_columns and name not in others]
    born = "birth_on" if "birth_on" in file_columns else "NULL::date"
    registered = "coalesce(s.registered_on, %(today)s)" if "registered_on" in file_columns else "%(today)s::date"
    # Taken as late as can be: the counter's row is locked until the transaction ends.
    first = take_numbers("customer", count)
    if follows:
        execute(
            f"INSERT INTO {NEW} SELECT s.line, row_number() OVER (ORDER BY s.line) + %(before)s {new}",
            {"before": first - 1},
        )
    record_selected(
        IMPORTED,
        "SELECT id AS customer_id, id AS subject_id,"
        " jsonb_build_object('number', number, 'import', %(import)s::text) AS what FROM made",
        {
            "account": require_account_id(),
            "first": first - 1,
            "today": reading.today,
            "now": reading.now,
            "import": str(reading.import_id),
        },
        by=reading.by,
        now=reading.now,
        first=f"""new AS (
            SELECT s.*, {registered} AS since, row_number() OVER (ORDER BY s.line) + %(first)s AS number {new}
        ),
        made AS (
            INSERT INTO customers_customer (account_id, number, name, kind, registered_on, counted_from, created_at,
                updated_at, name_sort, city_sort, birth_on, search_more, search{"".join(f", {name}" for name in (*plain, *absent))})
            SELECT %(account)s, number, new_name, new_kind, since, since, %(now)s, %(now)s, name_sort, city_sort, {born},
                coalesce(search_more, ''),
                CASE WHEN search = '' THEN number::text
                    WHEN strpos(E'\\n' || search || E'\\n', E'\\n' || number || E'\\n') > 0 THEN search
                    ELSE search || E'\\n' || number END || coalesce(E'\\n' || search_more, '')
                {"".join(f", coalesce({name}, '')" for name in plain)}{", ''" * len(absent)}
            FROM new ORDER BY number
            RETURNING account_id, id, number, {search_entries.listed(of_customer=True)}
        ),
        found_by AS (
            INSERT INTO customers_searchentry (account_id, customer_id, {search_entries.listed()})
            SELECT account_id, id, {search_entries.listed(of_customer=True)} FROM made
        )""",
    )
    tell_returned_among(first, count, by=reading.by, now=reading.now)
    return first


def _update(reading: Reading) -> None:
    """Only the columns of the file change, and only where a cell is filled."""
    parameters = {"account": require_account_id()}
    changed = "(SELECT customer_id FROM sheet_change)"
    # In one order, as every other bulk writer does; then nobody edits them between reading and writing.
    locked = execute(
        f"SELECT id FROM customers_customer WHERE account_id = %(account)s AND id IN {changed}"
        " ORDER BY id FOR NO KEY UPDATE",
        parameters,
    )
    if locked < scalar("SELECT count(*) FROM sheet_change"):
        raise Overtaken
    if not locked:
        return
    columns = (*STORED, *_DERIVED_STORED)
    table("sheet_changed", f"SELECT id, {', '.join(columns)} FROM customers_customer WHERE FALSE")
    for customers in _merged(reading):
        for customer in customers:
            derive_columns(customer)
        copy_in(
            "sheet_changed",
            ["id", *columns],
            ([getattr(c, name) for name in ("id", *columns)] for c in customers),
        )
    execute("ANALYZE sheet_changed")
    if "code" in reading.fields:
        # Codes may change hands within the file: all are let go of before any is taken.
        execute(
            "UPDATE customers_customer c SET code = '' FROM sheet_changed n"
            " WHERE c.account_id = %(account)s AND c.id = n.id AND c.code <> n.code",
            parameters,
        )
    execute(
        f"UPDATE customers_customer c SET updated_at = %(now)s, {', '.join(f'{name} = n.{name}' for name in columns)}"
        " FROM sheet_changed n WHERE c.account_id = %(account)s AND c.id = n.id",
        {**parameters, "now": reading.now},
    )
    table("sheet_touched", "SELECT id AS customer_id FROM sheet_changed")
    search_entries.renew(listed_in="sheet_touched")
    if "registered_on" in reading.fields:
        facts.refresh(listed_in="sheet_touched")
    record_selected(
        UPDATED,
        "SELECT customer_id, customer_id AS subject_id,"
        " jsonb_build_object('fields', to_jsonb(fields), 'import', %(import)s::text) || what AS what,"
        " jsonb_strip_nulls(jsonb_build_object('old', old, 'new', new, 'kept', kept)) AS personal FROM sheet_change",
        {"import": str(reading.import_id)},
        by=reading.by,
        now=reading.now,
        personal=True,
    )


def _merged(reading: Reading) -> Any:
    """The changed customers as they will be, some at a time, without their derived columns."""
    file_columns = {column for name in told(reading) for column in COLUMNS[name]}
    values = ", ".join(f"coalesce(s.{name}, c.{name})" if name in file_columns else f"c.{name}" for name in STORED)
    last = -1
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT s.line, c.id, c.number, c.search_more, {values} FROM sheet_change p JOIN {ROWS} s ON s.line = p.line
                JOIN customers_customer c ON c.account_id = %(account)s AND c.id = p.customer_id
                WHERE s.line > %(last)s ORDER BY s.line LIMIT {_CHUNK}""",
                {"account": require_account_id(), "last": last},
            )
            rows = cursor.fetchall()
        if rows:
            yield [
                Customer(**dict(zip(("id", "number", "search_more", *STORED), row[1:], strict=True))) for row in rows
            ]
        if len(rows) < _CHUNK:
            return
        last = rows[-1][0]
