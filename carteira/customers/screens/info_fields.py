"""The values of the tab Info as fields that save by themselves: of the customer's row, and of its parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.core import people
from carteira.core.countries import territory_choices
from carteira.core.ui import formats
from carteira.core.ui.inline import Inline
from carteira.customers.models import Address, ContactPoint, Customer
from carteira.customers.owners import members
from carteira.customers.parts import PARTS, part_of

IDENTITY = ("name", "kind", "document", "birth_on", "code", "source", "owner", "registered_on")
MAIN_POINTS = ("email", "phone")
# As people of Brazil write an address: the CEP first, the country last.
ADDRESS = ("postal_code", "street", "street_number", "complement", "district", "city", "state", "country")

_LABELS = {
    "name": gettext_lazy("Name"),
    "kind": gettext_lazy("Person or company"),
    "document": gettext_lazy("Document"),
    "birth_on": gettext_lazy("Birth date"),
    "code": gettext_lazy("Code"),
    "source": gettext_lazy("Source"),
    "owner": gettext_lazy("In charge"),
    "registered_on": gettext_lazy("Registered on"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "country": gettext_lazy("Country"),
    "postal_code": gettext_lazy("Postal code"),
    "street": gettext_lazy("Street"),
    "street_number": gettext_lazy("House number"),
    "complement": gettext_lazy("Complement"),
    "district": gettext_lazy("Neighbourhood"),
    "city": gettext_lazy("City"),
    "state": gettext_lazy("State or province"),
    "label": gettext_lazy("Label"),
    "role": gettext_lazy("Role"),
    "text": gettext_lazy("Note"),
}
_ATTRIBUTES: dict[str, dict[str, Any]] = {
    "email": {"inputmode": "email", "spellcheck": "false"},
    "phone": {"inputmode": "tel"},
    "document": {"spellcheck": "false"},
    "code": {"spellcheck": "false"},
    "postal_code": {"inputmode": "numeric"},
}
_NEEDED = {"name", "value", "text", "kind", "registered_on"}
# What looks different when another value changed.
DEPENDENT = {"document": ("kind",), "kind": ("birth_on",), "country": ("postal_code", "state")}


@dataclass
class Fields:
    """Makes the fields of one page. `whole`: the reader may change them; else they are only read, documents with
    holes."""

    account: Account
    whole: bool

    @classmethod
    def of(cls, request: HttpRequest) -> "Fields":
        return cls(request.account, request.membership.may(Right.EDIT_CUSTOMERS))  # type: ignore[attr-defined]

    def row(self, record: Any, columns: Sequence[str]) -> list[Inline]:
        return [self.field(record, column) for column in columns]

    def field(self, record: Any, column: str, **more: Any) -> Inline:
        """`more`: what came of sending it (core.ui.inline)."""
        return Inline(
            id=f"f-{record.pk.hex[-12:]}-{column}",
            label=self.label(record, column),
            url=_url(record, column) if self.whole else "",
            shown=self.written(record, column),
            choices=self.choices(record, column),
            attrs=self._attributes(record, column),
            required=column in _NEEDED,
            quiet=column == "text",
            lines=column == "text",
            wide=column == "street" and isinstance(record, Address),
            suggestions=_suggested().get(column, ()),
            **more,
        )

    def label(self, record: Any, column: str) -> str:
        brazil = self.account.country == "BR"
        if column == "value":
            return str(ContactPoint.Kind(record.kind).label)
        if column == "document" and brazil:
            return "CPF / CNPJ"
        if column == "birth_on" and record.kind == Customer.Kind.COMPANY:
            return _("Founded on")
        if column == "postal_code" and self.country_of(record) == "BR":
            return "CEP"
        if column == "state" and self.country_of(record) == "BR":
            return _("State (UF)")
        return str(_LABELS[column])

    def written(self, record: Any, column: str) -> str:
        """The stored value as a person writes it."""
        if column == "owner":
            return str(record.owner_id or "")
        if column == "country":
            return self.country_of(record)
        value = getattr(record, column)
        if column == "document":
            shown = people.format_document if self.whole else people.mask_document
            return shown(record.document_kind, value) if value else ""
        if column == "phone" or (column == "value" and record.kind == ContactPoint.Kind.PHONE):
            return people.format_phone(value, self.account.country) if value else ""
        if column == "postal_code" and value and self.country_of(record) == "BR":
            return people.format_cep(value)
        return written_day(value) if isinstance(value, date) else str(value or "")

    def choices(self, record: Any, column: str) -> Sequence[tuple[str, str]]:
        if column == "kind":
            return [(str(key), str(label)) for key, label in Customer.Kind.choices]
        if column == "owner":
            others = [] if record.owner_id is None or self._knows(record.owner_id) else [record.owner]
            return [("", "–"), *self.members, *((str(user.pk), str(user)) for user in others)]
        if column == "country":
            return territory_choices(get_language() or "pt-br")
        if column == "state" and self.country_of(record) == "BR":
            known = [(code, f"{name} ({code})") for code, name in people.STATES.items()]
            own = [] if record.state in {"", *people.STATES} else [(record.state, record.state)]
            return [("", "–"), *known, *own]
        return ()

    def country_of(self, record: Any) -> str:
        return getattr(record, "country", "") or self.account.country

    @cached_property
    def members(self) -> list[tuple[str, str]]:
        return members(self.account)

    def _knows(self, user_id: Any) -> bool:
        return any(id == str(user_id) for id, _name in self.members)

    def _attributes(self, record: Any, column: str) -> dict[str, Any]:
        if column == "value":
            column = record.kind
        if column in {"birth_on", "registered_on"}:
            return {"placeholder": _("dd/mm/yyyy"), "inputmode": "numeric"}
        return {"placeholder": "–", **_ATTRIBUTES.get(column, {})}


def written_day(day: date) -> str:
    """As a person types it; English has two orders, so there it is the one that cannot be misread."""
    return day.isoformat() if (get_language() or "").startswith("en") else formats.day(day)


def _url(record: Any, column: str) -> str:
    if isinstance(record, Customer):
        return reverse("customers:field", args=[record.pk, column])
    name = next(name for name, part in PARTS.items() if part is part_of(record))
    return reverse("customers:part_field", args=[record.customer_id, name, record.pk, column])


def _suggested() -> dict[str, Sequence[str]]:
    return {
        "source": [
            *(_("Recommendation"), "Instagram", "WhatsApp", "Google", "Facebook"),
            *(_("Website"), _("Passing by"), _("Event"), _("Advertisement")),
        ],
        "label": [pgettext("label", "Home"), _("Work"), pgettext("label", "Billing"), _("Delivery"), "WhatsApp"],
        "role": [
            _("Mother"),
            _("Father"),
            _("Guardian"),
            pgettext("role of a contact", "Finance"),
            _("Director"),
            _("Spouse"),
        ],
    }


def columns_of(record: Any) -> tuple[str, ...]:
    """Which columns of this record a person edits one by one."""
    if isinstance(record, Customer):
        return (*IDENTITY, *MAIN_POINTS, *ADDRESS)
    hidden = {"document_kind", "other", "is_payer", "important"} | (
        {"kind"} if isinstance(record, ContactPoint) else set()
    )
    return tuple(column for column in part_of(record).columns if column not in hidden)
