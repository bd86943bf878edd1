"""Rules: who belongs to a group, as data.

A rule is `{"all": […]}` or `{"any": […]}` of rules and conditions; a condition is `{"field": …, "is": …, "value": …}`
with a name of groups.fields, one of its operators, and what the operator's kind wants. README.md has examples.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import reduce
from operator import and_, or_
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.core import people
from carteira.groups.fields import Asked, Kind, Operator, RuleField, known

MAX_DEPTH = 5
MAX_CONDITIONS = 50
MAX_DAYS = 36_500
MAX_TEXT = 200
MAX_DECIMALS = 4
# What a bigint holds, and no business owns.
MAX_MONEY = 10**15

type Rule = dict[str, Any]

# Nobody fits: what asks for something that is not there any more.
NOBODY = Q(pk__in=[])


class BadRule(ValueError):
    """Not a rule, or one that makes no sense; the text is a sentence for the user."""


def clean(rule: Any, account: Account, *, fields: Mapping[str, RuleField] | None = None) -> Rule:
    """The rule in its stored form. Raises BadRule. Whether groups it names exist is asked by groups.references."""
    fields, count = known(account) if fields is None else fields, 0

    def node(given: Any, depth: int) -> Rule:
        nonlocal count
        if not isinstance(given, dict):
            raise BadRule(_("A rule is made of conditions."))
        for way in ("all", "any"):
            if set(given) == {way}:
                parts = given[way]
                if not isinstance(parts, list) or not parts:
                    raise BadRule(_("Give the rule at least one condition."))
                if depth == MAX_DEPTH:
                    raise BadRule(_("These conditions are nested too deeply."))
                return {way: [node(part, depth + 1) for part in parts]}
        count += 1
        if count > MAX_CONDITIONS:
            raise BadRule(_("A rule has at most %(n)s conditions.") % {"n": MAX_CONDITIONS})
        return _condition(given, fields, account)

    cleaned = node(rule, 0)
    return cleaned if "all" in cleaned or "any" in cleaned else {"all": [cleaned]}


def _condition(given: Mapping[str, Any], fields: Mapping[str, RuleField], account: Account) -> Rule:
    field = fields.get(given["field"]) if isinstance(given.get("field"), str) else None
    if field is None:
        raise BadRule(_("There is no field “%(name)s” to ask about.") % {"name": _told(given.get("field", ""))})
    name = given.get("is")
    operator = field.operators.get(name) if isinstance(name, str) else None
    if operator is None:
        raise BadRule(_("%(field)s cannot be asked like that.") % {"field": field.label})
    try:
        value = _value(given.get("value"), operator.kind, field, account)
    except (TypeError, ValueError, KeyError, InvalidOperation, ValidationError):
        raise BadRule(_("%(field)s: say what to compare with.") % {"field": field.label}) from None
    return {"field": given["field"], "is": name, "value": value}


def _value(value: Any, kind: Kind, field: RuleField, account: Account) -> Any:
    match kind:
        case Kind.NOTHING:
            return None
        case Kind.DAYS:
            return _whole(value, MAX_DAYS)
        case Kind.CHOICES:
            options = field.options(account)
            chosen = [name for name in _texts(value) if name in options]
            if not chosen or len(chosen) != len(_texts(value)):
                raise ValueError(value)
            return list(dict.fromkeys(chosen))
        case Kind.GROUPS:
            return [str(UUID(text)) for text in dict.fromkeys(_texts(value))]
        case Kind.TEXT:
            text = people.clean_text(value, limit=MAX_TEXT) if isinstance(value, str) else ""
            if not text:
                raise ValueError(value)
            return text
        case Kind.DAY:
            return date.fromisoformat(value).isoformat()
        case Kind.NUMBER:
            return _number(Decimal(str(value)))
        case Kind.MONEY:
            return _whole(value, MAX_MONEY)
        case Kind.MONEY_IN_DAYS:
            days = value.get("days") if isinstance(value, dict) else None
            amount = _whole(value["amount"], MAX_MONEY)
            return {"amount": amount, "days": None if days is None else _whole(days, MAX_DAYS)}


def _texts(value: Any) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise ValueError(value)
    return texts


def _whole(value: Any, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str) or not 0 <= int(value) <= most:
        raise ValueError(value)
    return int(value)


def _number(number: Decimal) -> str:
    """Without an exponent, which may be any: with so many digits as a number of a customer's has."""
    if not number.is_finite() or abs(number) >= 10**12:
        raise ValueError(number)
    if number and (number.adjusted() < -MAX_DECIMALS or number != round(number, MAX_DECIMALS)):
        raise ValueError(number)
    return f"{round(number, MAX_DECIMALS):f}".rstrip("0").rstrip(".") if number else "0"


def _told(written: Any) -> str:
    """What somebody wrote, as far as it can be shown."""
    return str(written)[:80].encode(errors="replace").decode()


def conditions(rule: Rule) -> Iterator[Rule]:
    """All conditions of a rule, whatever they are nested in."""
    if "field" in rule:
        yield rule
        return
    for part in rule.get("all") or rule.get("any") or ():
        yield from conditions(part)


def named_groups(rule: Rule | None, account: Account, fields: Mapping[str, RuleField] | None = None) -> set[UUID]:
    """The groups a rule asks about."""
    if rule is None:
        return set()
    fields = known(account) if fields is None else fields
    return {
        UUID(id)
        for one in conditions(rule)
        if (operator := operator_of(one, fields)) and operator.kind is Kind.GROUPS
        for id in one["value"]
    }


def who(rule: Rule, asked: Asked, fields: Mapping[str, RuleField]) -> Q:
    """Those a rule means. A field that is gone (a module, an own field) fits nobody."""
    if "field" in rule:
        operator = operator_of(rule, fields)
        return NOBODY if operator is None else operator.condition(rule["value"], asked)
    way, parts = ("all", rule["all"]) if "all" in rule else ("any", rule["any"])
    return reduce(and_ if way == "all" else or_, (who(part, asked, fields) for part in parts))


def flips(rule: Rule, asked: Asked, fields: Mapping[str, RuleField]) -> set[tuple[str, int]] | None:
    """When time alone may change who is meant: (date column of the customer, days after it), or None for any day."""
    found: set[tuple[str, int]] = set()
    for one in conditions(rule):
        operator = operator_of(one, fields)
        flip = operator.flips(one["value"], asked) if operator else ()
        if flip is None:
            return None
        found.update(flip)
    return found


def operator_of(condition: Rule, fields: Mapping[str, RuleField]) -> Operator | None:
    """None: its field is gone, or is of another kind now."""
    field = fields.get(condition["field"])
    return None if field is None else field.operators.get(condition["is"])
