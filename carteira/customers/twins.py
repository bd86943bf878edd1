"""Who may be the same person as somebody about to be registered: same document, e-mail, phone or whole name (N8)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import CharField, F, QuerySet, Value
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.core import people
from carteira.core.privacy import traces
from carteira.core.privacy.models import PersonRequest
from carteira.customers.models import ContactPoint, Customer, SearchEntry

SHOWN = 5
DOCUMENT, EMAIL, PHONE, NAME = "document", "email", "phone", "name"


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
    parts = [_part(name, query) for name, query in _queries(known)]
    if not parts:
        return []
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    same: dict[Any, list[str]] = {}
    for id, name in rows:
        if name not in same.setdefault(id, []):
            same[id].append(name)
    order = [DOCUMENT, EMAIL, PHONE, NAME]
    customers = Customer.objects.in_bulk(list(same))
    twins = [Twin(customers[id], sorted(names, key=order.index)) for id, names in same.items() if id in customers]
    twins.sort(key=lambda twin: (order.index(twin.same[0]), -len(twin.same), twin.customer.name_sort))
    return twins[:SHOWN]


def _part(name: str, query: QuerySet) -> QuerySet:
    return query.annotate(same=Value(name, output_field=CharField())).values_list("key", "same")[: SHOWN + 1]


def _queries(known: Mapping[str, str]) -> Iterator[tuple[str, QuerySet]]:
    """By the customer's own row, and by its further e-mails and phones; `key` is the customer's id."""
    own = Customer.objects.annotate(key=F("id")).order_by()
    entries, points = (model.objects.annotate(key=F("customer_id")) for model in (SearchEntry, ContactPoint))
    if DOCUMENT in known:
        yield DOCUMENT, entries.exclude(document="").filter(document=known[DOCUMENT])
    if EMAIL in known:
        yield EMAIL, entries.exclude(email="").filter(email=known[EMAIL])
        yield EMAIL, points.order_by().filter(kind=EMAIL, value=known[EMAIL])
    if PHONE in known:
        variants = people.phone_variants(known[PHONE])
        yield PHONE, entries.exclude(phone="").filter(phone__in=variants)
        yield PHONE, points.order_by().filter(kind=PHONE, value__in=variants)
    if NAME in known:
        yield NAME, own.filter(name_sort=known[NAME])


def anonymised_before(known: Mapping[str, str]) -> PersonRequest | None:
    """The request by which a person with this document, e-mail or phone was anonymised here."""
    return traces.returned([known]).get(0)
