"""A rule in words."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.core.ui.formats import day, money, number
from carteira.groups.fields import Kind, known
from carteira.groups.models import Group
from carteira.groups.rules import Rule


def told(rule: Rule, account: Account, may: Callable[[Right], bool]) -> dict[str, Any]:
    """`{"way": "all" or "any", "parts": […]}`; a condition is `{"text": sentence}`. What it asks about things that this
    reader `may` not see is not told: with the members it would tell these."""
    fields = known(account)
    names = {group.pk: group.name for group in Group.objects.filter(deleted_at=None).only("name")}

    def tell(node: Rule) -> dict[str, Any]:
        if "field" not in node:
            way = "all" if "all" in node else "any"
            return {"way": way, "parts": [tell(part) for part in node[way]]}
        field = fields.get(node["field"])
        operator = field and field.operators.get(node["is"])
        if field is None or operator is None:
            return {"text": _("A field that is not there any more: nobody fits.")}
        if not may(field.right):
            return {"text": _("Something that your role does not show you.")}
        words = (str(field.label), str(operator.label), _value(node["value"], operator.kind, field, account, names))
        return {"text": " ".join(filter(None, words))}

    return tell(rule)


def _value(value: Any, kind: Kind, field: Any, account: Account, names: dict[UUID, str]) -> str:
    match kind:
        case Kind.NOTHING:
            return ""
        case Kind.CHOICES:
            options = field.options(account)
            return ", ".join(options.get(name, "?") for name in value)
        case Kind.GROUPS:
            return ", ".join(names.get(UUID(id), "?") for id in value)
        case Kind.DAY:
            return day(date.fromisoformat(value))
        case Kind.DAYS:
            return number(value)
        case Kind.MONEY:
            return money(value, account.currency)
        case Kind.MONEY_IN_DAYS:
            amount = money(value["amount"], account.currency)
            if value["days"] is None:
                return amount
            days = ngettext("in the last %(n)s day", "in the last %(n)s days", value["days"]) % {
                "n": number(value["days"])
            }
            return f"{amount} {days}"
        case _:
            return f"“{value}”"
