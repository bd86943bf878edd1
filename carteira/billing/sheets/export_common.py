"""What the exports of payments and invoices share: the filter, and the columns that name the customer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from carteira.billing.sheets.fields import CUSTOMER_NAME
from carteira.core import dates, people
from carteira.core.sheets.exports.registry import Asking, BadFilter, Column, listed_ids
from carteira.customers.lifecycle import view_of
from carteira.customers.sheets.fields import identifiers
from carteira.groups.whose_rows import Whose, nobodys, whose

_NAMED = {field.name: field.label for field in identifiers()}

CUSTOMER_COLUMNS = (
    Column("customer_number", gettext_lazy("customer number"), 10),
    Column("customer_name", CUSTOMER_NAME.label, 34),
    Column("code", _NAMED["code"], 12),
    Column("document", _NAMED["document"], 20),
    Column("email", _NAMED["email"], 30),
)
CUSTOMER_SQL = "c.number AS customer_number, c.name AS customer, c.code, c.document_kind, c.document, c.email"
FILTERS = (
    ("from", "a day"),
    ("until", "a day"),
    ("customer", "an id of a customer"),
    ("group", "a group's name or id, or none"),
)
_KNOWN = ("from", "until", "customer", "group", "ids")


def customer_cells(asking: Asking) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """The six values of CUSTOMER_SQL as the cells of CUSTOMER_COLUMNS."""

    def cells(row: Sequence[Any]) -> Sequence[Any]:
        number, name, code, document_kind, document, email = row
        return number, name, code, people.format_document(document_kind, document) if document else "", email

    return cells


def understand(filter: Mapping[str, Any], account: Any, now: datetime, *, more: tuple[str, ...] = ()) -> dict[str, Any]:
    """Days as ISO text, ids as text. `more` names parameters that the caller looks at itself. Raises BadFilter."""
    known = (*_KNOWN, *more)
    if unknown := sorted(set(filter) - set(known)):
        raise BadFilter(
            _("The filter knows no “%(name)s”. It knows: %(names)s.") % {"name": unknown[0], "names": ", ".join(known)}
        )
    understood: dict[str, Any] = {name: _day(filter[name]) for name in ("from", "until") if filter.get(name)}
    if filter.get("customer"):
        understood["customer"] = listed_ids({"customer": [filter["customer"]]}, "customer")[0]
    if filter.get("group"):
        if (found := whose(str(filter["group"]), account, view_of(account, now=now))) is None:
            raise BadFilter(_("There is no group “%(name)s”.") % {"name": filter["group"]})
        understood["group"] = found.value
    if "ids" in filter:
        understood["ids"] = listed_ids(filter, "ids")
    return understood


def _day(written: Any) -> str:
    if isinstance(written, date):
        return written.isoformat()
    try:
        day: date = dates.parse_date(str(written), language=get_language() or "")
    except ValidationError as error:
        raise BadFilter(" ".join(error.messages)) from error
    return day.isoformat()


def conditions(asking: Asking, *, alias: str, day: str) -> tuple[str, dict[str, Any]]:
    """(SQL that begins with AND or is blank, parameters) for rows of `alias` whose days are in the column `day`."""
    parts, parameters = [], {}
    for name, sql in (
        ("from", f"{day} >= %(from)s::date"),
        ("until", f"{day} <= %(until)s::date"),
        ("customer", f"{alias}.customer_id = %(customer)s::uuid"),
        ("ids", f"{alias}.id = ANY(%(ids)s::uuid[])"),
    ):
        if name in asking.filter:
            parts.append(f"AND {sql}")
            parameters[name] = asking.filter[name]
    if group := of_group(asking):
        sql, values = group.customers.query.sql_with_params()
        names = [f"group_{nth}" for nth in range(len(values))]
        sql = sql % tuple(f"%({name})s" for name in names)
        parts.append(f"AND {alias}.customer_id IN ({sql})")
        parameters |= dict(zip(names, values, strict=True))
    return " ".join(parts), parameters


def of_group(asking: Asking) -> Whose | None:
    """Whose rows only. A group that was deleted since has none."""
    if "group" not in asking.filter:
        return None
    found = whose(asking.filter["group"], asking.account, view_of(asking.account, now=asking.now))
    return found or nobodys()
