"""What a merge would do, to be looked at before: which value wins, what moves, and the sums."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from carteira.core import people
from carteira.core.countries import territory_choices
from carteira.core.ui import formats
from carteira.customers.merge.movers import counts, tables
from carteira.customers.merge.values import CHOICES, MERGED, row_of, winner
from carteira.customers.models import Customer

# Of these the value that loses stays on the card.
STAY = ("email", "phone", "address")


@dataclass(frozen=True)
class Field:
    """`stays`: what loses is kept as a further one."""

    name: str
    label: str
    kept: str
    merged: str
    takes_merged: bool
    stays: bool

    @property
    def asks(self) -> bool:
        """Two values, of which one has to win."""
        return bool(self.kept and self.merged and self.kept != self.merged)


@dataclass(frozen=True)
class Line:
    """Texts: a count, or an amount of money."""

    label: str
    kept: str
    merged: str
    together: str
    is_sum: bool = False


@dataclass(frozen=True)
class Plan:
    fields: list[Field]
    lines: list[Line]


def plan_of(kept: Customer, merged: Customer, *, chosen: Collection[str] = (), may: Callable[[str], bool]) -> Plan:
    """Three queries, however much there is."""
    return Plan(_fields(kept, merged, chosen), _lines(kept, merged, may))


def _fields(kept: Customer, merged: Customer, chosen: Collection[str]) -> list[Field]:
    rows = row_of(kept), row_of(merged)
    found = []
    for name, choice in CHOICES.items():
        texts = [_text(one, name) for one in (kept, merged)]
        if any(texts):
            takes = winner(name, *rows, chosen) == MERGED
            found.append(Field(name, str(choice.label), texts[0], texts[1], takes, name in STAY))
    return found


def _text(customer: Customer, name: str) -> str:
    country = customer.account.country
    if name == "kind":
        return str(customer.get_kind_display())
    if name == "phone":
        return people.format_phone(customer.phone, country) if customer.phone else ""
    if name == "document":
        return people.format_document(customer.document_kind, customer.document) if customer.document else ""
    if name == "address":
        return address_text(customer)
    if name == "photo":
        return _("a photo") if customer.photo_id else ""
    value = getattr(customer, name)
    if isinstance(value, date):
        return formats.day(value)
    return str(value) if value else ""


def address_text(customer: Customer) -> str:
    street = " ".join(part for part in (customer.street, customer.street_number) if part)
    state = customer.state
    country = dict(territory_choices(get_language() or "")).get(customer.country, customer.country)
    parts = (street, customer.complement, customer.district, customer.city, state, customer.postal_code, country)
    return ", ".join(str(part) for part in parts if part)


def _lines(kept: Customer, merged: Customer, may: Callable[[str], bool]) -> list[Line]:
    found = counts([kept.pk, merged.pk])
    currency = kept.account.currency
    lines = []
    for table in tables():
        mover = table.mover
        if mover.derived or not mover.shown or not may(mover.right):
            continue
        zero = [0] * (1 + len(mover.sums))
        one, other = (found[str(each.pk)].get(table.name) or zero for each in (kept, merged))
        if not one[0] and not other[0]:
            continue
        label = table.label
        lines.append(Line(label[:1].upper() + label[1:], *map(formats.number, (one[0], other[0], one[0] + other[0]))))
        for nth, amount in enumerate(mover.sums, start=1):
            amounts = (formats.money(value, currency) for value in (one[nth], other[nth], one[nth] + other[nth]))
            lines.append(Line(str(amount.label), *amounts, is_sum=True))
    return lines
