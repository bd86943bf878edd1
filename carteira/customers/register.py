"""Registering and editing a customer (S0-07, S2-15): only the name is asked for."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account
from carteira.core import people
from carteira.core.counters import take_numbers
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.walls.insert import insert
from carteira.customers import search_entries
from carteira.customers.merge.notice import notice_new
from carteira.customers.models import Customer
from carteira.customers.returned import tell_returned

REGISTERED = kinds.register("customer.registered", gettext_lazy("Registered as customer {number}."))
EDITED = kinds.register("customer.edited", gettext_lazy("Edited: {fields}."))

ADDRESS = ("country", "postal_code", "street", "street_number", "complement", "district", "city", "state")
FIELDS = (
    *("kind", "code", "name", "email", "document_kind", "document", "phone", "registered_on"),
    *("birth_on", "source", "owner"),
    *ADDRESS,
)


def register(account: Account, *, by: Any, now: datetime, **fields: Any) -> Customer:
    """Make a customer from cleaned fields (customers.forms); the next number of the account is its own.

    `registered_on` (account's day) defaults to today. Records customer.registered. The code's and the number's
    uniqueness is the database's: IntegrityError on a race the form could not see.
    """
    with transaction.atomic():
        registered_on: date = fields.pop("registered_on", None) or account.today(now)
        customer = Customer(
            account=account,
            number=take_numbers("customer"),
            registered_on=registered_on,
            counted_from=registered_on,
            created_at=now,
            updated_at=now,
            **fields,
        )
        derive(customer)
        insert(customer)
        search_entries.renew([customer.pk])
        record(REGISTERED, by=by, now=now, customer_id=customer.pk, what={"number": customer.number})
        if customer.document or customer.email or customer.phone:
            tell_returned([customer], by=by, now=now)
        notice_new(customer, now=now)
        return customer


def derive(customer: Customer) -> None:
    """Write the columns that follow from others: sorting and search."""
    customer.name_sort = people.name_sort(customer.name)
    customer.city_sort = people.city_sort(customer.city)
    customer.search = search_text(customer)


def search_text(customer: Customer) -> str:
    """What the search finds a customer by (S2-19): any fragment of name, e-mail, document, phone, code, number, and of
    the further e-mails, phones and contacts that stand in `search_more`."""
    own = people.search_text(
        customer.name,
        customer.email,
        customer.document,
        *(people.phone_variants(customer.phone) if customer.phone else ()),
        customer.code,
        str(customer.number),
    )
    return f"{own}\n{customer.search_more}" if customer.search_more else own
