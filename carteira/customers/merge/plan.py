"""What a merge would do, to be looked at before: which value wins, what moves, and the sums."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from carteira.core import people
from carteira.core.countries import territory_choices
from carteira.core.ui import formats
from carteira.customers.fields.values import Reading, shown
from carteira.customers.merge.movers import counts, tables
from carteira.customers.merge.own_fields import own_of
from carteira.customers.merge.values import BOTH, CHOICES, row_of, winner
from carteira.customers.models import Customer

# Of these the value that loses stays on the card.
STAY = ("email", "phone", "address")


@dataclass(frozen=True)
class Field:
    """`wins`: KEPT, MERGED or BOTH; `stays`: what loses is kept as a further one; `both`: both together, "" where only
    one can stay."""

    name: str
    label: str
    kept: str
    merged: str
    wins: str
    stays: bool = False
    both: str = ""

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


def plan_of(
    kept: Customer,
    merged: Customer,
    *,
    chosen: Collection[str] = (),
    own: Mapping[str, str] | None = None,
    may: Callable[[str], bool],
    now: datetime,
) -> Plan:
    """Four queries, however much there is."""
    fields = [*_fields(kept, merged, chosen), *_own_fields(kept, merged, own or {}, now)]
    return Plan(fields, _lines(kept, merged, may))


def _fields(kept: Customer, merged: Customer, chosen: Collection[str]) -> list[Field]:
    rows = row_of(kept), row_of(merged)
    found = []
    for name, choice in CHOICES.items():
        texts = [_text(one, name) for one in (kept, merged)]
        if any(texts):
            wins = winner(name, *rows, chosen)
            found.append(Field(name, str(choice.label), texts[0], texts[1], wins, name in STAY))
    return found


def _own_fields(kept: Customer, merged: Customer, asked: Mapping[str, str], now: datetime) -> list[Field]:
    """Those that differ; of removed ones nobody is asked."""
    reading = Reading(kept.account, now)
    return [
        Field(
            own.field.name,
            own.field.label,
            shown(own.field, own.kept, reading),
            shown(own.field, own.merged, reading),
            own.wins(asked.get(own.field.name, "")),
            both=shown(own.field, own.left(BOTH), reading) if own.unites and own.kept and own.merged else "",
        )
        for own in own_of(kept.pk, merged.pk)
        if own.differs and own.field.removed_at is None
    ]


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
    code = customer.postal_code
    if code and (customer.country or customer.account.country) == "BR":
        code = people.format_cep(code)
    parts = (street, customer.complement, customer.district, customer.city, state, code, country)
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
