"""What a check shows of a sheet of customers: some who are new, and some who change, with old and new values."""

import json
from typing import Any

from django.db import connection

from carteira.core import people
from carteira.core.sheets.registry import Reading, Shown
from carteira.core.sheets.staging import ROWS, Stage
from carteira.core.ui.formats import day
from carteira.core.walls.scope import require_account_id
from carteira.customers.models import Customer
from carteira.customers.sheets.fields import COLUMNS, FIELDS, told
from carteira.customers.sheets.own import brought
from carteira.customers.sheets.own_match import new_own
from carteira.customers.sheets.part_fields import PARTS, part_label, part_text, told_parts
from carteira.customers.sheets.parts import new_parts

_LABELS = {field.name: field.label for field in FIELDS}


def show(stage: Stage, reading: Reading, count: int) -> list[Shown]:
    """The first `count` of the new and of the changed customers, in the file's order."""
    fields = told(reading)
    columns = [column for name in fields for column in COLUMNS[name]]
    values = "".join(f", s.{column}" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT line, c.name, old, new FROM sheet_change JOIN customers_customer c
                ON c.account_id = %(account)s AND c.id = customer_id ORDER BY line LIMIT %(count)s""",
            {"account": require_account_id(), "count": count},
        )
        changed = cursor.fetchall()
        cursor.execute(
            f"""SELECT s.line, s.new_name{values} FROM {ROWS} s
            WHERE NOT EXISTS (SELECT FROM sheet_plan p WHERE p.line = s.line) ORDER BY s.line LIMIT %(count)s""",
            {"count": count},
        )
        new = cursor.fetchall()
    shown = [
        Shown(line, name, False, _changes(reading, _read(old), _read(after))) for line, name, old, after in changed
    ]
    lines = [line for line, *_rest in new]
    parts = new_parts(lines) if told_parts(reading) else {}
    own = new_own(lines, reading) if reading.prepared else {}
    for line, name, *cells in new:
        given = {column: cell for column, cell in zip(columns, cells, strict=True) if cell is not None}
        given.pop("name", None)
        shown.append(Shown(line, name, True, _changes(reading, {}, given | parts.get(line, {}) | own.get(line, {}))))
    return shown


def _read(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else value


def _changes(reading: Reading, old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, str]]:
    return (
        [
            (str(_LABELS[name]), _text(reading, name, old), _text(reading, name, new))
            for name in (field.name for field in FIELDS)
            if name in COLUMNS and name in new
        ]
        + [(part_label(name), part_text(old.get(name)), part_text(new.get(name))) for name in PARTS if name in new]
        + [(own.field.label, old.get(own.name, ""), new[own.name]) for own in brought(reading) if own.name in new]
    )


def _text(reading: Reading, name: str, values: dict[str, Any]) -> str:
    value = values.get(name)
    if not value:
        return ""
    if name == "document":
        return people.format_document(values.get("document_kind", ""), value)
    if name == "phone":
        return people.format_phone(value, reading.account.country)
    if name == "kind":
        return str(Customer.Kind(value).label)
    if name.endswith("_on"):
        return day(Customer._meta.get_field(name).to_python(value))
    return str(value)
