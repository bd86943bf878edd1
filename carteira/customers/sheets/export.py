"""The export kind "customers": whom the list shows, with what an import of the file reads back (S3-06)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Func, IntegerField, OuterRef, Subquery, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core import people
from carteira.core.sheets.exports.registry import Asking, BadFilter, Column, ExportKind, listed_ids
from carteira.customers import queries
from carteira.customers.fields import exported
from carteira.customers.lifecycle import STATE_NAMES, Facts, state_of
from carteira.customers.models import Customer, FieldValue
from carteira.customers.owners import owners
from carteira.customers.screens.asked import Asked
from carteira.customers.screens.asked import understand as understand_list
from carteira.customers.sheets import export_parts
from carteira.customers.sheets.fields import FIELDS, OWN_ID

_READ_BACK = {field.name: field.label for field in FIELDS}

COLUMNS = (
    Column("number", gettext_lazy("customer number"), 10),
    Column("name", _READ_BACK["name"], 34),
    Column("kind", _READ_BACK["kind"], 12),
    Column("document", _READ_BACK["document"], 20),
    Column("email", _READ_BACK["email"], 30),
    Column("phone", _READ_BACK["phone"], 20),
    Column("city", _READ_BACK["city"], 20),
    Column("state", _READ_BACK["state"], 10),
    Column("code", _READ_BACK["code"], 12),
    Column("registered_on", _READ_BACK["registered_on"], 13),
    Column("birth_on", _READ_BACK["birth_on"], 13),
    Column("source", _READ_BACK["source"], 16),
    Column("street", _READ_BACK["street"], 30),
    Column("street_number", _READ_BACK["street_number"], 10),
    Column("complement", _READ_BACK["complement"], 16),
    Column("district", _READ_BACK["district"], 18),
    Column("postal_code", _READ_BACK["postal_code"], 12),
    *export_parts.COLUMNS,
    Column("abroad", gettext_lazy("address abroad"), 24),
    Column("life_cycle", gettext_lazy("life cycle"), 12),
    Column("delinquent", gettext_lazy("delinquent"), 13),
    Column("last_paid_on", gettext_lazy("last paid on"), 13),
    Column("archived_on", gettext_lazy("archived on"), 13),
    Column(OWN_ID, _READ_BACK[OWN_ID], 38),
)

_READ: tuple[str, ...] = (
    "number",
    "name",
    "kind",
    "document_kind",
    "document",
    "email",
    "phone",
    "city",
    "state",
    "code",
)
_READ += ("registered_on", "first_subscribed_on", "fact_last_paid_on", "fact_archived_on", "fact_subscribed")
_READ += ("fact_owes", "id")
_MORE: tuple[str, ...] = (
    "birth_on",
    "source",
    "street",
    "street_number",
    "complement",
    "district",
    "postal_code",
    "country",
)


def understand(filter: Mapping[str, Any], account: Any, now: datetime) -> dict[str, Any]:
    """The list's own parameters; `ids` (only these) and `but` (all but these) come on top. Raises BadFilter."""
    asked = _asked(filter, account, now)
    unknown = sorted(set(filter) - set(asked.parameters) - {"ids", "but"})
    if unknown:
        raise BadFilter(
            _("The filter knows no “%(name)s”. It knows: %(names)s.")
            % {"name": unknown[0], "names": ", ".join((*asked.parameters, "ids"))}
        )
    if asked.notices:
        raise BadFilter(asked.notices[0])
    understood: dict[str, Any] = {name: value for name, value in asked.parameters.items() if value}
    for name in ("ids", "but"):
        if name in filter:
            understood[name] = listed_ids(filter, name)
    return understood


def _asked(filter: Mapping[str, Any], account: Any, now: datetime) -> Asked:
    return understand_list({name: str(value) for name, value in filter.items()}, account, now)


def query(asking: Asking) -> tuple[str, Any]:
    asked = _asked(asking.filter, asking.account, asking.now)
    view = asked.wanted.view
    found: Any = queries.matching(asked.wanted)
    if "ids" in asking.filter:
        found = Customer.objects.filter(id__in=asking.filter["ids"])
    if asking.filter.get("but"):
        found = found.exclude(id__in=asking.filter["but"])
    found = exported.with_own(export_parts.with_parts(found.with_facts(view))).order_by(*_order(asked))
    return found.values_list(*_READ, *_MORE, *export_parts.READ, *exported.READ).query.sql_with_params()


def _order(asked: Asked) -> tuple[Any, ...]:
    sort = queries.sort_of(asked.wanted.sort)
    assert sort is not None
    if asked.wanted.sort == "owner":
        rank = Func(Value(list(owners())), F("owner_id"), function="array_position", output_field=IntegerField())
        falling = asked.wanted.descending
        named = ("-name_sort", "-id") if falling else ("name_sort", "id")
        return (rank.desc(nulls_last=True) if falling else rank.asc(nulls_last=True), *named)
    column: Any = F("fact_last_paid_on") if sort.may_be_null else F(sort.column)
    if sort.field is not None:
        said = FieldValue.objects.filter(customer_id=OuterRef("id"), field_id=sort.field)
        # Of several choices the one that counts in the list.
        said = said.order_by(f"-{sort.column}" if asked.wanted.descending else sort.column)
        column = Subquery(said.values(sort.column)[:1])
    falling = asked.wanted.descending
    return (
        column.desc(nulls_last=sort.may_be_null or None)
        if falling
        else column.asc(nulls_last=sort.may_be_null or None),
        "-id" if falling else "id",
    )


def line(asking: Asking) -> Callable[[Sequence[Any]], Sequence[Any]]:
    day = {name: value for name, value in asking.filter.items() if name == "as_of"}
    view = _asked(day, asking.account, asking.now).wanted.view
    country = asking.account.country
    kinds = {kind: str(label) for kind, label in Customer.Kind.choices}
    states = {state: str(label) for state, label in STATE_NAMES.items()}
    yes = _("yes")
    parts, tell_parts = len(export_parts.READ), export_parts.cells_of(country)
    tell_own = exported.cells_of(asking)

    def cells(row: Sequence[Any]) -> Sequence[Any]:
        *row, own = row
        (number, name, kind, document_kind, document, email, phone, city, state, code) = row[:10]
        (registered_on, first_subscribed_on, paid_on, archived_on, subscribed, owes, id, *more, postal_code, there) = (
            row[10:-parts]
        )
        foreign = bool(there) and there != country
        ever = first_subscribed_on is not None and first_subscribed_on <= view.day
        life = state_of(Facts(paid_on, ever, subscribed, archived_on), view)
        return (
            number,
            name,
            kinds[kind],
            people.format_document(document_kind, document) if document else "",
            email,
            people.format_phone(phone, country) if phone else "",
            city,
            # An import reads states and postal codes of the account's own country.
            "" if foreign else state,
            code,
            registered_on,
            *more,
            "" if foreign else people.format_cep(postal_code) if country == "BR" and postal_code else postal_code,
            *tell_parts(row[-parts:]),
            ", ".join(filter(None, (postal_code, state, there))) if foreign else "",
            states[life],
            yes if owes and archived_on is None else "",
            paid_on,
            archived_on,
            str(id),
            *tell_own(own),
        )

    return cells


CUSTOMERS = ExportKind(
    name="customers",
    label=gettext_lazy("Customers"),
    right="customers.see",
    columns=COLUMNS,
    understand=understand,
    query=query,
    line=line,
    more=lambda asking: exported.columns(COLUMNS),
    filters=(
        ("state", "lead, active, inactive or archived (default: all but the archived)"),
        ("delinquent", "1: only delinquent ones"),
        ("q", "what the search finds"),
        ("city", "a city"),
        ("owner", "the id of whoever is in charge, or nobody"),
        ("registered_from", "a day"),
        ("registered_until", "a day"),
        ("paid", "older or newer, than so many `days`"),
        ("group", "a group's name or id, or none"),
        ("as_of", "a past day"),
        ("sort", "name, number, registered, paid or owner; with - in front descending"),
    ),
    icon="users",
    text=gettext_lazy("Everybody who is not archived, with what the list and the card tell."),
)
