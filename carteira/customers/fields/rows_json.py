"""Rows of FieldValue as JSON, in one form in Python and in SQL, so that what differs is found by comparing texts."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from carteira.customers.fields.models import Field, FieldValue
from carteira.customers.fields.values import Said

# A row `v` of customers_fieldvalue as `as_json` writes it; aggregate in the order of v.option.
AS_JSON = """jsonb_strip_nulls(jsonb_build_object('option', nullif(v.option, ''), 'said', v.said, 'text', v.text,
    'number', v.number, 'on', v."on", 'fits', CASE WHEN v.fits THEN NULL ELSE FALSE END))"""
# What jsonb_to_record and jsonb_to_recordset make of it again.
COLUMNS = 'option text, said text, text text, number bigint, "on" date, fits boolean'


def as_json(said: Iterable[Said | FieldValue]) -> str:
    """Rows of a field, in the order of their options."""
    return json.dumps([_row(one) for one in sorted(said, key=lambda one: one.option)], ensure_ascii=False)


def _row(one: Said | FieldValue) -> dict[str, Any]:
    row: dict[str, Any] = {"said": one.said, "text": one.text}
    if one.option:
        row["option"] = one.option
    if one.number is not None:
        row["number"] = one.number
    if one.on is not None:
        row["on"] = one.on.isoformat()
    if not one.fits:
        row["fits"] = False
    return row


def rows_of(field: Field, rows: Any, *, customer_id: UUID | None = None) -> list[FieldValue]:
    """What `as_json` wrote as rows again, not stored; from the database they may be read already."""
    return [
        FieldValue(
            account_id=field.account_id,
            field=field,
            customer_id=customer_id,
            option=row.get("option", ""),
            said=row["said"],
            text=row["text"],
            number=row.get("number"),
            on=date.fromisoformat(row["on"]) if "on" in row else None,
            fits=row.get("fits", True),
            alone=field.unique,
        )
        for row in (json.loads(rows) if isinstance(rows, str) else rows or ())
    ]
