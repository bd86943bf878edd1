"""A rule while it is written: what the builder's form holds, as typed, right or wrong.

A node's place is its path ("0.2": the third part of the first part). The form carries `node` for every node in order,
`way:PATH` of those that hold others, and `field:PATH`, `is:PATH`, `value:PATH`, `days:PATH` of conditions.
"""

import dataclasses
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.core import dates
from carteira.core.money import Money, parse_amount
from carteira.core.ui.formats import reader_locale
from carteira.groups import rules
from carteira.groups.fields import Kind, Operator, RuleField
from carteira.groups.rules import MAX_CONDITIONS, MAX_DEPTH, BadRule, Rule

MOST_NODES = 4 * MAX_CONDITIONS


@dataclasses.dataclass
class Node:
    """`way` all or any with `parts`; or a condition: names of its field and operator, values as typed."""

    way: str = ""
    parts: list["Node"] = dataclasses.field(default_factory=list)
    field: str = ""
    operator: str = ""
    values: list[str] = dataclasses.field(default_factory=list)
    days: str = ""
    path: str = ""
    error: str = ""

    def number(self, path: str = "") -> "Node":
        """Give every node its path."""
        self.path = path
        for nth, part in enumerate(self.parts):
            part.number(f"{path}.{nth}" if path else str(nth))
        return self

    @property
    def blank(self) -> bool:
        """A condition whose value nobody has written or chosen yet."""
        return not self.way and not any(value.strip() for value in self.values)

    @property
    def may_nest(self) -> bool:
        return self.path.count(".") + (1 if self.path else 0) < MAX_DEPTH - 2


def empty(fields: dict[str, RuleField]) -> Node:
    return Node(way="all", parts=[condition(fields)]).number()


def condition(fields: dict[str, RuleField], name: str = "") -> Node:
    name = name if name in fields else next(iter(fields))
    return Node(field=name, operator=next(iter(fields[name].operators)))


def of_rule(rule: Rule, account: Account, fields: dict[str, RuleField]) -> Node:
    """As somebody would have typed it."""
    if "field" not in rule:
        way = "all" if "all" in rule else "any"
        return Node(way=way, parts=[of_rule(part, account, fields) for part in rule[way]]).number()
    node = Node(field=rule["field"], operator=rule["is"])
    found = fields.get(rule["field"])
    operator = found.operators.get(rule["is"]) if found else None
    value = rule["value"]
    match operator and operator.kind:
        case Kind.CHOICES | Kind.GROUPS:
            node.values = list(value)
        case Kind.MONEY:
            node.values = [_typed(value, account)]
        case Kind.MONEY_IN_DAYS:
            node.values = [_typed(value["amount"], account)]
            node.days = "" if value["days"] is None else str(value["days"])
        case Kind.NOTHING | None:
            pass
        case _:
            node.values = [str(value)]
    return node


def _typed(minor: int, account: Account) -> str:
    return Money(minor, account.currency).format_plain(reader_locale())


def read(given: QueryDict, fields: dict[str, RuleField]) -> Node:
    """From the builder's form; what makes no sense is left out."""
    root = Node(way=_way(given, ""))
    known: dict[str, Node] = {"": root}
    for path in given.getlist("node")[:MOST_NODES]:
        above, _dot, last = path.rpartition(".")
        parent = known.get(above if _dot else "")
        if not last.isdecimal() or parent is None or not parent.way or path in known:
            continue
        if path.count(".") >= MAX_DEPTH:
            continue
        if f"way:{path}" in given:
            node = Node(way=_way(given, path))
        else:
            name = given.get(f"field:{path}", "")
            if name not in fields:
                continue
            operator = given.get(f"is:{path}", "")
            if operator not in fields[name].operators:
                operator = next(iter(fields[name].operators))
            node = Node(
                field=name,
                operator=operator,
                values=[value.replace("\x00", "")[:400] for value in given.getlist(f"value:{path}")[:500]],
                days=given.get(f"days:{path}", "")[:20],
            )
        known[path] = node
        parent.parts.append(node)
    # The paths that were sent are those the acts name, so they are kept until those are done.
    for path, node in known.items():
        node.path = path
    return root


def _way(given: QueryDict, path: str) -> str:
    return "any" if given.get(f"way:{path}") == "any" else "all"


def act(root: Node, what: str, fields: dict[str, RuleField]) -> Node:
    """`add:PATH` a condition, `nest:PATH` a part with one, `drop:PATH`."""
    verb, _colon, path = what.partition(":")
    for node in _all(root):
        if verb == "drop":
            node.parts = [part for part in node.parts if part.path != path or not part.path]
        elif node.path == path and node.way:
            if verb == "add":
                node.parts.append(condition(fields))
            elif verb == "nest":
                other = "any" if node.way == "all" else "all"
                node.parts.append(Node(way=other, parts=[condition(fields)]))
            break
    return _tidy(root).number()


def _tidy(node: Node) -> Node:
    """Parts that hold nothing any more go."""
    node.parts = [_tidy(part) for part in node.parts]
    node.parts = [part for part in node.parts if part.parts or not part.way]
    return node


def _all(node: Node) -> list[Node]:
    return [node, *(one for part in node.parts for one in _all(part))]


def rule_of(root: Node, account: Account, fields: dict[str, RuleField]) -> Rule:
    """The rule that was meant. Raises BadRule, with the sentence also at its condition."""

    def build(node: Node) -> Any:
        if node.way:
            return {node.way: [build(part) for part in node.parts]}
        try:
            value = _value(node, fields[node.field].operators[node.operator], account)
            built = {"field": node.field, "is": node.operator, "value": value}
            rules.clean(built, account, fields=fields)
        except (ValidationError, BadRule) as error:
            node.error = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            raise BadRule(node.error) from None
        return built

    return rules.clean(build(root), account, fields=fields)


def hush(root: Node) -> bool:
    """While a rule is being written, what is not filled in yet is no mistake. Whether there was something to hush."""
    unfilled = [node for node in _all(root) if node.error and node.blank]
    for node in unfilled:
        node.error = ""
    return bool(unfilled)


def _value(node: Node, operator: Operator, account: Account) -> Any:
    first = node.values[0].strip() if node.values else ""
    language = get_language() or account.language
    match operator.kind:
        case Kind.NOTHING:
            return None
        case Kind.CHOICES | Kind.GROUPS:
            return node.values
        case Kind.DAY:
            return dates.parse_date(first, language=language).isoformat()
        case Kind.MONEY:
            return parse_amount(first, currency=account.currency, language=language)
        case Kind.MONEY_IN_DAYS:
            amount = parse_amount(first, currency=account.currency, language=language)
            days = node.days.strip()
            if days and not (days.isascii() and days.isdecimal() and len(days) < 8):
                raise BadRule(_("Write the days as a whole number, or nothing for ever."))
            return {"amount": amount, "days": int(days) if days else None}
        case Kind.NUMBER:
            return first.replace(",", ".")
        case _:
            return first
