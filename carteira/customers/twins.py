"""Who may be the same person as somebody about to be registered: same document, e-mail, phone or whole name (N8)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.core import people
from carteira.core.privacy import traces
from carteira.core.privacy.models import PersonRequest
from carteira.core.walls.scope import require_account_id
from carteira.customers.models import Contact, Customer, DuplicatePair

SHOWN = 5
DOCUMENT, EMAIL, PHONE, NAME = "document", "email", "phone", "name"
# By the customer's own row, and by its further e-mails and phones. Asked at every registration, so not composed anew.
_ENTRY = "SELECT customer_id, '{0}' FROM customers_searchentry WHERE account_id = %(account)s AND {0} <> '' AND {0} = "
_POINT = (
    "SELECT customer_id, '{0}' FROM customers_contactpoint WHERE account_id = %(account)s AND kind = '{0}' AND value = "
)
_PARTS = {
    DOCUMENT: [_ENTRY.format(DOCUMENT) + "%(document)s"],
    EMAIL: [_ENTRY.format(EMAIL) + "%(email)s", _POINT.format(EMAIL) + "%(email)s"],
    PHONE: [_ENTRY.format(PHONE) + "ANY(%(variants)s)", _POINT.format(PHONE) + "ANY(%(variants)s)"],
    NAME: ["SELECT id, 'name' FROM customers_customer WHERE account_id = %(account)s AND name_sort = %(name)s"],
}


@dataclass
class Twin:
    """`same`: what they have in common, the most telling first."""

    customer: Customer
    same: list[str] = field(default_factory=list)

    @property
    def sure(self) -> bool:
        """More than a name: two people rarely share one of these."""
        return any(one != NAME for one in self.same)

    @property
    def text(self) -> str:
        words = {
            DOCUMENT: _("same document"),
            EMAIL: _("same e-mail"),
            PHONE: _("same phone"),
            NAME: _("same name"),
        }
        return ", ".join(words[one] for one in self.same)


def known_of(given: Mapping[str, Any], account: Account) -> dict[str, str]:
    """What was typed, as it would be stored; what is not whole yet, or wrong, is left out."""
    known = {}
    for name, clean in _cleaners(account).items():
        try:
            known[name] = clean(str(given.get(name) or "")[:300])
        except ValidationError:
            continue
    return {name: value for name, value in known.items() if value}


def _cleaners(account: Account) -> dict[str, Callable[[str], str]]:
    return {
        DOCUMENT: lambda text: people.clean_document(text, account.country)[1],
        EMAIL: people.clean_email,
        PHONE: lambda text: people.clean_phone(text, account.country),
        NAME: _whole_name,
    }


def _whole_name(text: str) -> str:
    """A single word is no sign of anything."""
    name = people.name_sort(people.clean_name(text))
    return name if " " in name else ""


def find_twins(known: Mapping[str, str]) -> list[Twin]:
    """At most five customers of the open scope with the same document, e-mail, phone (with or without the ninth digit)
    or name. Two queries at most, each part of the first a probe of one index."""
    parts = " UNION ALL ".join(f"({part} LIMIT {SHOWN + 1})" for name in known for part in _PARTS[name])
    if not parts:
        return []
    variants = people.phone_variants(known[PHONE]) if PHONE in known else []
    same: dict[Any, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(parts, {**known, "account": require_account_id(), "variants": list(variants)})
        for id, name in cursor.fetchall():
            if name not in same.setdefault(id, []):
                same[id].append(name)
    if not same:
        return []
    order = [DOCUMENT, EMAIL, PHONE, NAME]
    customers = Customer.objects.in_bulk(list(same))
    twins = [Twin(customers[id], sorted(names, key=order.index)) for id, names in same.items() if id in customers]
    twins.sort(key=lambda twin: (order.index(twin.same[0]), -len(twin.same), twin.customer.name_sort))
    return twins[:SHOWN]


def twins_of(known: Mapping[str, str], customer: Customer | None) -> list[Twin]:
    """Of somebody who is here: without themselves, their contacts, and those who were said not to be the same."""
    twins = find_twins(known)
    if customer is None or not twins:
        return twins
    ids = [twin.customer.pk for twin in twins]
    pairs = DuplicatePair.objects.filter(Q(first=customer, second__in=ids) | Q(second=customer, first__in=ids))
    links = Contact.objects.filter(Q(customer=customer, other__in=ids) | Q(other=customer, customer__in=ids))
    apart = {customer.pk}
    apart.update(*pairs.exclude(dismissed_at=None).values_list("first_id", "second_id"))
    apart.update(*links.values_list("customer_id", "other_id"))
    return [twin for twin in twins if twin.customer.pk not in apart]


def anonymised_before(known: Mapping[str, str]) -> PersonRequest | None:
    """The request by which a person with this document, e-mail or phone was anonymised here."""
    return traces.returned([known]).get(0)
