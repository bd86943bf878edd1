"""The own fields in the list of customers: as columns, orders and filters."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.customers.columns import Column, Line
from carteira.customers.fields import asking, queries, values
from carteira.customers.fields.models import CHOSEN, Field, FieldValue, Kind
from carteira.customers.lifecycle import View
from carteira.customers.list_filters import Chosen, Family, ListFilter

PREFIX = "own_"
# What stands in an address for customers of whom the field says something, or nothing.
FILLED, EMPTY = "_filled", "_empty"
# The typed column a kind is sorted by (queries.sort_of); of the others it is the folded text, of long ones its beginning
# (200 characters), of several choices the first by alphabet, falling the last.
_SORTED = {
    Kind.NUMBER: "number",
    Kind.MONEY: "number",
    Kind.YES_NO: "number",
    Kind.DATE: "on",
    Kind.CHOICES: "first",
}
# Documents: a page's address tells where it begins, and not everybody sees them whole.
_UNSORTED = frozenset({Kind.DOCUMENT})
_RANGES = frozenset({Kind.NUMBER, Kind.MONEY, Kind.DATE})
# Typed in: the whole value, accents and capitals aside.
_SAME = frozenset({Kind.TEXT, Kind.EMAIL, Kind.PHONE, Kind.URL})


def columns() -> dict[str, Column]:
    return {field.name: _column(field) for field in queries.living()}


def _column(field: Field) -> Column:
    id = UUID(str(field.pk))
    sort = "" if field.kind in _UNSORTED else f"{PREFIX}{_SORTED.get(Kind(field.kind), 'text')}_{id.hex}"
    return Column(
        field.label,
        partial(_shown, field=field),
        sql=f"""(SELECT json_agg(json_build_array(v.option, v.said, v.number, v."on", v.fits))
            FROM customers_fieldvalue v
            WHERE v.account_id = %(account)s AND v.customer_id = c.id AND v.field_id = '{id}')""",
        sort=sort,
        numeric=field.kind in {Kind.NUMBER, Kind.MONEY},
        css="cell-brief",
        right=Right.EDIT_CUSTOMERS if field.kind == Kind.DOCUMENT else Right.SEE_CUSTOMERS,
    )


def _shown(line: Line, *, field: Field) -> str:
    rows = [
        FieldValue(option=option, said=said, number=number, on=on and date.fromisoformat(on), fits=fits)
        for option, said, number, on, fits in line.customer.values[field.name] or ()
    ]
    return values.shown(field, rows, values.Reading(line.account, dates.now()))


def filters() -> dict[str, ListFilter]:
    found = {}
    for field in queries.living():
        if field.kind in _RANGES:
            written = "date" if field.kind == Kind.DATE else "text"
            least = _("%(label)s from") % {"label": field.label}
            most = _("%(label)s until") % {"label": field.label}
            found[f"{field.name}_from"] = _filter(field, least, partial(_between, field, least=True), written=written)
            found[f"{field.name}_until"] = _filter(field, most, partial(_between, field, least=False), written=written)
        written = "text" if field.kind in _SAME else ""
        options = {} if field.kind in _SAME else _options(field)
        found[field.name] = _filter(field, field.label, partial(_same, field), written=written, options=options)
    return found


def _filter(
    field: Field,
    label: str,
    read: Callable[[str, Account, View], Chosen | None],
    *,
    written: str = "",
    options: Mapping[str, str] | None = None,
) -> ListFilter:
    return ListFilter(label, Right.SEE_CUSTOMERS, read, options=lambda account: dict(options or {}), written=written)


def _options(field: Field) -> dict[str, str]:
    found: dict[str, str] = {}
    if field.kind in CHOSEN:
        found = {one["id"]: one["label"] for one in field.living_options}
    if field.kind == Kind.YES_NO:
        found = {"1": _("Yes"), "0": _("No")}
    return {**found, FILLED: _("filled in"), EMPTY: _("not filled in")}


def _same(field: Field, value: str, account: Account, view: View) -> Chosen | None:
    told = partial(_told, field)
    if value == FILLED:
        return told(asking.listed(asking.saying(field)), _("filled in"))
    if value == EMPTY:
        return told(asking.listed_without(asking.saying(field)), _("not filled in"))
    if field.kind in CHOSEN:
        label = next((one["label"] for one in field.options if one["id"] == value), None)
        return None if label is None else told(asking.listed(asking.is_option(field, value)), label)
    if field.kind == Kind.YES_NO and value in ("0", "1"):
        return told(asking.listed(asking.saying(field, number=int(value))), _("Yes") if value == "1" else _("No"))
    if field.kind not in _SAME:
        return None
    said = _read(field, value, account)
    return None if said is None else told(asking.listed(asking.saying(field, text=said.text)), value)


def _between(field: Field, value: str, account: Account, view: View, *, least: bool) -> Chosen | None:
    said = _read(field, value, account)
    if said is None:
        return None
    end: Any = said.on if field.kind == Kind.DATE else said.number
    rows = asking.between(field, end, None) if least else asking.between(field, None, end)
    shown = values.shown(field, [FieldValue(said=said.said, number=said.number, on=said.on)], _reading(account))
    text = _("%(label)s from %(value)s") if least else _("%(label)s until %(value)s")
    return Chosen(asking.listed(rows), text % {"label": field.label, "value": shown})


def _read(field: Field, value: str, account: Account) -> values.Said | None:
    try:
        said = values.clean(field, value, _reading(account))
    except ValidationError:
        return None
    return said[0] if said else None


def _reading(account: Account) -> values.Reading:
    return values.Reading(account, dates.now(), get_language() or "")


def _told(field: Field, condition: Q, text: str) -> Chosen:
    return Chosen(condition, _("%(label)s: %(value)s") % {"label": field.label, "value": text})


FAMILY = Family(PREFIX, filters)
