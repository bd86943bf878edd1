"""What a payment method asks for about whoever pays (S2-16 to S2-18, product decision 8). The one place that says it.

The method asks, not the registration: a customer needs only a name until a sale is to be paid by card (name and e-mail)
or by boleto (name, document and full address). Missing data never lose the sale: the invoice waits, and says for what.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from carteira.billing.hold import hold_customer
from carteira.billing.models import Payment
from carteira.customers import parts
from carteira.customers.edit import edit
from carteira.customers.models import Contact, Customer

# A full address, in the order in which one writes it down.
ADDRESS = {"BR": ("postal_code", "street", "street_number", "district", "city", "state")}
ADDRESS_ELSEWHERE = ("street", "city")
LABELS: dict[str, str | Promise] = {
    "name": _("Name"),
    "email": _("E-mail"),
    "document": _("Document"),
    "postal_code": _("Postal code"),
    "street": _("Street"),
    "street_number": _("House number"),
    "district": _("Neighbourhood"),
    "city": _("City"),
    "state": _("State or province"),
}
BRAZIL: dict[str, str | Promise] = {"document": "CPF / CNPJ", "postal_code": "CEP", "state": _("State (UF)")}


def needs(method: str, country: str) -> tuple[str, ...]:
    """The columns a method asks for in a country (ISO 3166); of a method not decided yet, the name."""
    if method == Payment.Method.CARD:
        return ("name", "email")
    if method == Payment.Method.BOLETO:
        return ("name", "document", *ADDRESS.get(country, ADDRESS_ELSEWHERE))
    return ("name",)


def label(column: str, country: str) -> str | Promise:
    return BRAZIL.get(column, LABELS[column]) if country == "BR" else LABELS[column]


@dataclass(frozen=True)
class Payer:
    """Whose data count for a customer's invoices (product decision 3): the customer, another one, or a contact.

    `customer` holds the address; `contact`, where it has data of its own, name, e-mail and document.
    """

    customer: Customer
    contact: Contact | None = None

    @property
    def name(self) -> str:
        return self.value("name")

    def value(self, column: str) -> str:
        text: str = getattr(self.contact if self._of_contact(column) else self.customer, column)
        return text

    def missing(self, method: str, country: str) -> list[str]:
        """The columns this method asks for that are empty."""
        return [column for column in needs(method, country) if not self.value(column)]

    def _of_contact(self, column: str) -> bool:
        return self.contact is not None and column in ("name", "email", "document")

    def split(self, fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Cleaned fields of the contact, and of the customer."""
        own = {"name", "email", "document", "document_kind"} if self.contact is not None else set()
        return (
            {name: value for name, value in fields.items() if name in own},
            {name: value for name, value in fields.items() if name not in own},
        )


def payer_of(customer: Customer) -> Payer:
    """Who pays this customer's invoices. One query."""
    contact = Contact.objects.filter(customer_id=customer.pk, is_payer=True).select_related("other").first()
    if contact is None:
        return Payer(customer)
    return Payer(contact.other) if contact.other is not None else Payer(customer, contact)


def complete(payer: Payer, fields: Mapping[str, Any], *, by: Any, now: datetime) -> None:
    """Write cleaned fields (customers.forms) where they belong. Raises what customers' verbs raise."""
    of_contact, of_customer = payer.split(fields)
    with transaction.atomic():
        if of_customer:
            edit(payer.customer, by=by, now=now, **of_customer)
        if of_contact and payer.contact is not None:
            parts.change(payer.contact, by=by, now=now, **of_contact)


def complete_with(customer: Customer, payer: Payer, fields: Mapping[str, Any], *, by: Any, now: datetime) -> None:
    """The same within a sale to `customer`, whose row a later verb holds: both rows in the order of their ids."""
    if fields and customer.pk < payer.customer.pk:
        hold_customer(customer)
    if fields:
        complete(payer, fields, by=by, now=now)
