"""The list's own columns, and what a person chose of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from carteira.accounts.models import Membership
from carteira.accounts.roles import Right
from carteira.accounts.tastes import taste
from carteira.core import people
from carteira.core.ui.formats import day
from carteira.customers import columns
from carteira.customers.columns import Column, Line
from carteira.customers.lifecycle import State
from carteira.customers.models import Customer
from carteira.customers.queries import Wanted

TASTE = "customers"
FIT = 8
_KINDS = dict(Customer.Kind.choices)


@dataclass(frozen=True)
class Layout:
    """The list as one person likes it. `chosen` are names in order, also of columns not shown on the day."""

    chosen: list[str]
    columns: dict[str, Column]
    dense: bool

    @property
    def wide(self) -> bool:
        """More than fit beside each other on every screen: the table scrolls in a frame of its own."""
        return len(self.columns) > FIT

    @property
    def sql(self) -> dict[str, str]:
        return {name: column.sql for name, column in self.columns.items() if column.sql}


def layout_of(membership: Membership, wanted: Wanted, asked: Mapping[str, str]) -> Layout:
    """`asked` are the parameters of the list's address: those of a saved view name its columns."""
    liked = choice_of(membership, asked)
    names = liked.get("columns")
    chosen = [str(name) for name in names] if isinstance(names, list) else columns.usual()
    archive = wanted.state is State.ARCHIVED
    found = columns.shown(chosen, membership.may, live=wanted.view.live, archive=archive)
    if archive:
        # On a phone the day of the archiving takes the place of the payment's; only today's archive is sorted by it.
        found = {name: replace(column, css="") if name == "paid" else column for name, column in found.items()}
        if not wanted.view.live:
            found["archived"] = replace(found["archived"], sort="")
    if len(found) > FIT:
        found = {name: replace(column, css=column.cell_css) for name, column in found.items()}
    return Layout(chosen, found, bool(liked.get("dense")))


def choice_of(membership: Membership, asked: Mapping[str, str]) -> dict[str, Any]:
    """`columns` and `dense` as the address says, else as this person likes them."""
    if asked["columns"]:
        return {"columns": asked["columns"].split("."), "dense": bool(asked["dense"])}
    return taste(membership, TASTE)


def register() -> None:
    """Called once, when the room is set up."""
    for order, (name, column) in enumerate(_own().items(), 1):
        columns.columns.add(name, column, order=order * 10)


def _own() -> dict[str, Column]:
    return {
        "number": Column(_("No."), lambda line: str(line.customer.number), sort="number", css="tnum", usual=True),
        # Its link is made by the row (list_rows.py), as are the badges of the state.
        "name": Column(
            _("Name"), lambda line: line.customer.name, sort="name", css="cell-main cell-fill cell-stuck", usual=True
        ),
        "code": Column(_("Code"), lambda line: line.customer.code, css="tnum from-xl cell-brief", usual=True),
        "state": Column(_("State"), lambda line: "", css="cell-state", usual=True),
        "city": Column(_("City"), lambda line: line.customer.city, css="from-lg cell-brief", usual=True),
        "paid": Column(
            _("Last payment"), lambda line: _day(line.story.last_paid_on), sort="paid", numeric=True, css="cell-meta",
            usual=True,
        ),
        "registered": Column(
            _("Registered"), lambda line: _day(line.customer.registered_on), sort="registered", numeric=True,
            css="from-xl", usual=True,
        ),
        "archived": Column(
            _("Archived on"),
            lambda line: _day(line.story.archived_on),
            sort="archived",
            numeric=True,
            css="cell-meta",
            of_archived=True,
        ),
        "kind": Column(_("Person or company"), lambda line: str(_KINDS[_value(line, "kind")]), sql="c.kind"),
        "email": Column(_("E-mail"), lambda line: _value(line, "email"), sql="c.email", css="cell-brief"),
        "phone": Column(_("Phone"), _phone, sql="c.phone", css="tnum cell-brief"),
        # Whole, so only for those who see it whole on the card.
        "document": Column(
            _("Document"), _document, sql="c.document_kind || ':' || c.document", css="tnum cell-brief",
            right=Right.EDIT_CUSTOMERS,
        ),
        "region": Column(_("State or province"), lambda line: _value(line, "region"), sql="c.state", css="cell-brief"),
        "owner": Column(
            _("In charge"),
            lambda line: _value(line, "owner") or "",
            # People stand outside the walls; whom the key names is told by this business's own row.
            sql="(SELECT coalesce(nullif(u.name, ''), u.email) FROM accounts_user u WHERE u.id = c.owner_id)",
            sort="owner",
            css="cell-brief",
        ),
        "source": Column(_("Source"), lambda line: _value(line, "source"), sql="c.source", css="cell-brief"),
        "first_paid": Column(
            _("First payment"), lambda line: _day(_value(line, "first_paid")), numeric=True,
            sql="CASE WHEN c.first_paid_on <= %(day)s THEN c.first_paid_on END",
        ),
    }  # fmt: skip


def _value(line: Line, name: str) -> Any:
    return line.customer.values[name]


def _day(on: Any) -> str:
    return day(on) if on else "–"


def _phone(line: Line) -> str:
    phone = _value(line, "phone")
    return people.format_phone(phone, line.account.country) if phone else ""


def _document(line: Line) -> str:
    kind, _colon, document = _value(line, "document").partition(":")
    return people.format_document(kind, document) if document else ""
