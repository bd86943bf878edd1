"""What the columns of own fields would say anew: a temporary table with a row a line and field, that `own_write` writes."""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from carteira.core.sheets.mapping import CannotMap
from carteira.core.sheets.registry import Reading
from carteira.core.sheets.staging import ROWS, Stage, copy_in, execute, table
from carteira.core.walls.scope import require_account_id
from carteira.customers.fields.models import Field
from carteira.customers.fields.rows_json import AS_JSON
from carteira.customers.sheets.finding import FOUND
from carteira.customers.sheets.own import Own, Told, brought, labels_of

# line, customer_id (null for whoever is new), name, field_id, old, new, why; only what differs.
OWN = "sheet_own"
# line; old and new texts by name, what an undo needs, and what the event says of the fields, as JSON.
OWN_CHANGES = "sheet_own_changes"
_PIECE = 5_000


def match_own(stage: Stage, reading: Reading) -> None:
    """Makes the tables above, and refuses lines that contradict what is here. Raises CannotMap where a field is not any
    more what it was when the file was read."""
    _lock(reading)
    table(OWN, " UNION ALL ".join(map(_differing, brought(reading))), {"account": require_account_id()})
    stage.refuse(
        "{value}", f"SELECT line, min(why) AS value, NULL AS other FROM {OWN} WHERE why IS NOT NULL GROUP BY line", {}
    )
    for own in brought(reading):
        if own.field.required:
            stage.refuse(
                f"{own.field.label}: {_('this cell must not be blank.')}",
                f"""SELECT line, NULL AS value, NULL AS other FROM {ROWS} s WHERE {own.name} IS NULL
                    AND NOT EXISTS (SELECT FROM {FOUND} f WHERE f.line = s.line)""",
                {},
            )
    refuse_taken(stage, reading)


def refuse_taken(stage: Stage, reading: Reading) -> int:
    """Refuse lines with what somebody else has, or gets by an earlier line, in a field that is different for everybody;
    how many. Whoever gives it up in this file leaves it free; a refused line gives nothing up, so it is asked again until
    nothing changes."""
    refused, more = 0, 1
    while more:
        execute(f"DELETE FROM {OWN} WHERE line NOT IN (SELECT line FROM {ROWS})")
        more = sum(_refuse_taken(stage, own) for own in brought(reading) if own.field.unique)
        refused += more
    return refused


def tell_own(reading: Reading) -> None:
    """OWN_CHANGES of the customers who were here."""
    table(
        OWN_CHANGES,
        "SELECT 0 AS line, '{}'::jsonb AS old, '{}'::jsonb AS new, '{}'::jsonb AS kept, '{}'::jsonb AS what LIMIT 0",
    )
    told, fields = Told(reading), {own.name: own.field for own in brought(reading)}
    for rows in _pieces():
        copy_in(OWN_CHANGES, ["line", "old", "new", "kept", "what"], _changes(rows, reading, told, fields))
    execute(f"ANALYZE {OWN_CHANGES}")


def new_own(lines: list[int], reading: Reading) -> dict[int, dict[str, str]]:
    """What these lines say of whoever is new, as OWN_CHANGES tells it of customers who were here."""
    told, found = Told(reading), dict[int, dict[str, str]]()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT line, name, new FROM {OWN} WHERE line = ANY(%s)", [lines])
        for line, name, new in cursor.fetchall():
            found.setdefault(line, {})[name] = told(reading.prepared[name], _read(new))
    return found


def _changes(rows: list[Any], reading: Reading, told: Told, fields: dict[str, Field]) -> Iterator[tuple[Any, ...]]:
    for line, some in groupby(rows, key=lambda row: row[0]):
        cells = [(reading.prepared[name], _read(old), _read(new)) for _line, name, old, new in some]
        yield (
            line,
            json.dumps({own.name: told(own, old) for own, old, _new in cells if old}),
            json.dumps({own.name: told(own, new) for own, _old, new in cells}),
            json.dumps(
                {"own": {own.name: {"kind": own.field.kind, "old": old or [], "new": new} for own, old, new in cells}}
            ),
            json.dumps(labels_of(fields, [own.name for own, _old, _new in cells])),
        )


def _pieces() -> Iterator[list[Any]]:
    """Rows of OWN of those who were here, whole lines at a time."""
    last = -1
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT line, name, old, new FROM {OWN} WHERE customer_id IS NOT NULL AND line > %(last)s
                    ORDER BY line, name LIMIT {_PIECE}""",
                {"last": last},
            )
            rows = cursor.fetchall()
        if len(rows) < _PIECE:
            yield rows
            return
        # Of the last line there may be more: the account has fewer fields than a piece has rows.
        rows = [row for row in rows if row[0] != rows[-1][0]]
        yield rows
        last = rows[-1][0]


def _differing(own: Own) -> str:
    return f"""SELECT s.line, f.customer_id, '{own.name}'::text AS name, '{own.field.pk}'::uuid AS field_id, was.old,
            s.{own.name} AS new, s.{own.why} AS why
        FROM {ROWS} s LEFT JOIN {FOUND} f ON f.line = s.line
        LEFT JOIN LATERAL (
            SELECT jsonb_agg({AS_JSON} ORDER BY v.option) AS old FROM customers_fieldvalue v
            WHERE v.account_id = %(account)s AND v.customer_id = f.customer_id AND v.field_id = '{own.field.pk}'
        ) was ON TRUE
        WHERE s.{own.name} IS NOT NULL AND s.{own.name} IS DISTINCT FROM was.old"""


def _refuse_taken(stage: Stage, own: Own) -> int:
    return stage.refuse(
        _("%(field)s: “{value}” is somebody else's already, and must be different for every customer: {other}.")
        % {"field": own.field.label},
        f"""WITH claim AS MATERIALIZED (
            SELECT line, customer_id, text, said, min(line) OVER (PARTITION BY text) AS first
            FROM (SELECT line, customer_id, new -> 0 ->> 'text' AS text, new -> 0 ->> 'said' AS said FROM {OWN}
                WHERE field_id = %(field)s) o)
        SELECT k.line, k.said AS value,
            coalesce(c.name, (SELECT s.new_name FROM {ROWS} s WHERE s.line = k.first)) AS other
        FROM claim k
        LEFT JOIN customers_fieldvalue v ON v.account_id = %(account)s AND v.field_id = %(field)s AND v.text = k.text
            AND v.customer_id NOT IN (SELECT customer_id FROM claim WHERE customer_id IS NOT NULL)
        LEFT JOIN customers_customer c ON c.account_id = %(account)s AND c.id = v.customer_id
        WHERE c.id IS NOT NULL OR k.first < k.line""",
        {"account": require_account_id(), "field": own.field.pk},
    )


def _lock(reading: Reading) -> None:
    """Until the import is written nobody defines these fields anew; filling in goes on (it locks the customer first)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id, kind, "unique", required, options::text, removed_at IS NULL FROM customers_field
            WHERE account_id = %(account)s AND id = ANY(%(ids)s) ORDER BY id FOR KEY SHARE""",
            {"account": require_account_id(), "ids": [own.field.pk for own in brought(reading)]},
        )
        now = {
            id: (kind, unique, required, json.loads(options), here)
            for id, kind, unique, required, options, here in cursor
        }
    for own in brought(reading):
        field = own.field
        if now.get(field.pk) != (field.kind, field.unique, field.required, field.options, True):
            raise CannotMap(
                _("The field “%(field)s” was changed while the file was read. Nothing was imported: start again.")
                % {"field": field.label}
            )


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
