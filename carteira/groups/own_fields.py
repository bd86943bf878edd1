"""What rules may ask about the fields a business has of its own (customers.fields), each by its kind.

Operators of kinds whose values are written differently have different names: of a field that became another kind the
old questions fit nobody, instead of being misread.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.core import people
from carteira.customers.fields import asking, queries
from carteira.customers.fields.models import CHOSEN, Field
from carteira.customers.fields.models import Kind as Own
from carteira.customers.fields.values import SCALE
from carteira.groups.fields import Asked, Kind, Operator, RuleField

SECTION = _("Own fields")
_TEXTS = frozenset({Own.TEXT, Own.EMAIL, Own.URL})


def family(account: Account) -> Mapping[str, RuleField]:
    """Of the open scope; a removed field is asked no more (nobody fits), until it is restored."""
    return {field.name: _rule_field(field) for field in queries.living()}


def _rule_field(field: Field) -> RuleField:
    labels = {one["id"]: one["label"] for one in field.options}
    return RuleField(
        field.label,
        {**_operators(field), **_presence(field)},
        options=lambda account: labels,
        section=SECTION,
        right=Right.EDIT_CUSTOMERS if field.kind == Own.DOCUMENT else Right.SEE_CUSTOMERS,
    )


def _presence(field: Field) -> Mapping[str, Operator]:
    filled = asking.of_each(asking.saying(field))
    return {
        "filled": Operator(_("is filled in"), Kind.NOTHING, lambda value, asked: filled),
        "empty": Operator(_("is empty"), Kind.NOTHING, lambda value, asked: ~filled),
    }


def _operators(field: Field) -> Mapping[str, Operator]:
    if field.kind in CHOSEN:
        return {
            "one_of": Operator(_("is one of"), Kind.CHOICES, partial(_chosen, field)),
            "none_of": Operator(_("is none of"), Kind.CHOICES, lambda value, asked: ~_chosen(field, value, asked)),
        }
    if field.kind == Own.YES_NO:
        return {
            name: Operator(label, Kind.NOTHING, partial(_number, field, number=number))
            for name, label, number in (("yes", _("yes"), 1), ("no", _("no"), 0))
        }
    if field.kind == Own.NUMBER:
        return _range(field, Kind.NUMBER)
    if field.kind == Own.MONEY:
        return _range(field, Kind.MONEY)
    if field.kind == Own.DATE:
        return _days(field)
    if field.kind in _TEXTS:
        return {
            "is": Operator(_("is"), Kind.TEXT, partial(_text, field)),
            "is_not": Operator(_("is not"), Kind.TEXT, lambda value, asked: ~_text(field, value, asked)),
        }
    return {}


def _text(field: Field, value: str, asked: Asked) -> Q:
    return asking.of_each(asking.saying(field, text=people.name_sort(value)))


def _chosen(field: Field, value: list[str], asked: Asked) -> Q:
    labels = [people.name_sort(one["label"]) for one in field.options if one["id"] in value]
    return asking.of_each(asking.saying(field, text__in=labels, option__in=value))


def _number(field: Field, value: Any, asked: Asked, *, number: int) -> Q:
    return asking.of_each(asking.saying(field, number=number))


def _range(field: Field, kind: Kind) -> Mapping[str, Operator]:
    def stored(value: Any) -> int:
        return int(Decimal(value).scaleb(SCALE)) if kind is Kind.NUMBER else int(value)

    def between(value: Any, asked: Asked, *, least: bool, most: bool) -> Q:
        end = stored(value)
        return asking.of_each(asking.between(field, end if least else None, end if most else None))

    return {
        f"{kind}_least": Operator(_("at least"), kind, partial(between, least=True, most=False)),
        f"{kind}_most": Operator(_("at most"), kind, partial(between, least=False, most=True)),
        f"{kind}_is": Operator(_("is"), kind, partial(between, least=True, most=True)),
    }


def _days(field: Field) -> Mapping[str, Operator]:
    def back(value: int, asked: Asked) -> date:
        return asked.view.day - timedelta(days=value)

    def between(least: date | None, most: date | None) -> Q:
        return asking.of_each(asking.between(field, least, most))

    return {
        # Days of own fields are no column of the customer: time alone may change who fits on any day.
        "within": Operator(
            _("within the last (days)"),
            Kind.DAYS,
            lambda value, asked: between(back(value, asked), asked.view.day),
            lambda value, asked: None,
        ),
        "longer_ago": Operator(
            _("longer ago than (days)"),
            Kind.DAYS,
            lambda value, asked: between(None, back(value + 1, asked)),
            lambda value, asked: None,
        ),
        "from": Operator(_("on or after"), Kind.DAY, lambda value, asked: between(date.fromisoformat(value), None)),
        "until": Operator(_("on or before"), Kind.DAY, lambda value, asked: between(None, date.fromisoformat(value))),
    }
