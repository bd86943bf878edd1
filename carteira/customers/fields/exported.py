"""The own fields as further columns of the export of customers."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from carteira.core import people
from carteira.core.money.value import minor_digits
from carteira.core.sheets.exports.registry import Asking, Column
from carteira.customers.fields import queries
from carteira.customers.fields.headings import heading
from carteira.customers.fields.models import Field, FieldValue, Kind
from carteira.customers.fields.values import Reading, plain_number, shown

_WIDTHS = {Kind.LONG: 40, Kind.ADDRESS: 34, Kind.EMAIL: 30, Kind.URL: 30, Kind.DOCUMENT: 20}
# After the kind's own; the annotation of `with_own`.
READ = ("told_own",)


def columns(others: Iterable[Column]) -> Sequence[Column]:
    """Behind the kind's own, each called as an import finds it again (fields.headings)."""
    theirs = {people.name_sort(str(column.label)) for column in others}
    return [Column(field.name, heading(field, theirs), _WIDTHS.get(Kind(field.kind), 16)) for field in queries.living()]


def with_own(found: Any) -> Any:
    said = FieldValue.objects.filter(customer=OuterRef("pk")).order_by("field_id", "id")
    told = JSONObject(field="field_id", option="option", said="said", number="number", on="on", fits="fits")
    return found.annotate(told_own=ArraySubquery(said.values(told=told)))


def cells_of(asking: Asking) -> Callable[[Any], list[Any]]:
    """What `with_own` told as a cell a column: numbers, amounts and days as such, the rest as people read it."""
    fields, reading = queries.living(), Reading(asking.account, asking.now)

    def cells(told: Any) -> list[Any]:
        rows: dict[str, list[FieldValue]] = {}
        for one in told or ():
            values = json.loads(one) if isinstance(one, str) else dict(one)
            rows.setdefault(str(values.pop("field")), []).append(_row(values))
        return [_cell(field, rows.get(str(field.pk), []), reading) for field in fields]

    return cells


def _row(values: dict[str, Any]) -> FieldValue:
    on = values.pop("on")
    return FieldValue(**values, on=on and date.fromisoformat(on))


def _cell(field: Field, rows: list[FieldValue], reading: Reading) -> Any:
    if not rows or not rows[0].fits:
        return shown(field, rows, reading)
    row = rows[0]
    if field.kind == Kind.CHOICES:
        # A choice may hold a comma.
        return shown(field, rows, reading, between="; ")
    if field.kind == Kind.NUMBER and row.number is not None:
        return plain_number(row.number)
    if field.kind == Kind.MONEY and row.number is not None:
        return Decimal(row.number).scaleb(-minor_digits(reading.account.currency))
    return row.on if field.kind == Kind.DATE else shown(field, rows, reading)
