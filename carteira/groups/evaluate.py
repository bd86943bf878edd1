"""Asking a few customers about all rules at once, fast enough for every payment: each condition is asked once, however
many rules it stands in, and put together here. The question is composed once for an account's rules and day, and kept
in the process's memory."""

import json
from collections import OrderedDict
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Case, Q, Value, When

from carteira.accounts.models import Account
from carteira.core import dates
from carteira.core.walls.scope import require_account_id
from carteira.customers.fields.queries import VERSION
from carteira.customers.lifecycle import Rule, View
from carteira.customers.models import Customer
from carteira.groups import rules
from carteira.groups.models import Group
from carteira.groups.truth import Truth

# Questions of so many accounts are kept, and of fewer where they are long (characters).
KEPT, KEPT_LENGTH = 200, 20_000_000


class Known(NamedTuple):
    """A living group."""

    name: str
    by_rule: bool


class Fit(NamedTuple):
    """Of one customer: the groups by rule it fits, and for each when time alone may change that (None: never)."""

    customer: UUID
    resting: bool
    groups: frozenset[UUID]
    next_flips: dict[UUID, date | None]


# A part of a rule, to be asked with the answers to its conditions and whom the other groups hold.
type _Part = Callable[[Sequence[bool], Container[UUID]], bool]


@dataclass(frozen=True)
class _Question:
    """`groups` in the order of their ids; `parts`: the rule of each by rule."""

    groups: dict[UUID, Known]
    sql: str
    parameters: tuple[Any, ...]
    # Date columns it reads besides, and of each group by rule when time changes it.
    columns: tuple[str, ...]
    parts: dict[UUID, _Part]
    flips: dict[UUID, frozenset[tuple[str, int]] | None]
    leaning: dict[UUID, frozenset[UUID]]


class _Belonging:
    """The groups somebody is in, by the answers to all conditions and the pins; each is asked when it is needed."""

    def __init__(self, parts: Mapping[UUID, _Part], answers: Sequence[bool], pins: Mapping[UUID, bool]) -> None:
        self._parts, self._answers, self._pins = parts, answers, pins
        self._fits: dict[UUID, bool] = {}

    def __contains__(self, group: object) -> bool:
        assert isinstance(group, UUID)
        pinned = self._pins.get(group)
        return self.fits(group) if pinned is None else pinned

    def fits(self, group: UUID) -> bool:
        """Whether the rule alone means them; a group without one means nobody."""
        if group not in self._fits:
            part = self._parts.get(group)
            self._fits[group] = part is not None and part(self._answers, self)
        return self._fits[group]


_questions: OrderedDict[Any, _Question] = OrderedDict()


@dataclass(frozen=True)
class Standing:
    """The account's living groups, and the view they are evaluated with."""

    view: View
    question: _Question
    # Of each group the day time alone changes its members next, as text.
    days: str

    @property
    def groups(self) -> dict[UUID, Known]:
        return self.question.groups

    def changes_on(self) -> dict[UUID, date | None]:
        days = (date.fromisoformat(day) if day else None for day in self.days.split(","))
        return dict(zip(self.groups, days, strict=True))

    def leaning(self, ids: Collection[UUID]) -> set[UUID]:
        """These groups and those whose rules ask about them."""
        return {one for id in ids for one in self.question.leaning.get(id, ())}

    def ask(self, customers: Collection[UUID], pins: Mapping[UUID, Mapping[UUID, bool]]) -> list[Fit]:
        """Of those there are; `pins` of each customer, by group."""
        question, found = self.question, []
        with connection.cursor() as cursor:
            cursor.execute(question.sql, [*question.parameters, list(customers)])
            for id, archived_on, *rest in cursor.fetchall():
                days = dict(zip(question.columns, rest, strict=False))
                belonging = _Belonging(question.parts, rest[len(question.columns) :], pins.get(id, {}))
                groups = frozenset(group for group in question.parts if belonging.fits(group))
                flips = {group: self._next(flip, days) for group, flip in question.flips.items()}
                found.append(Fit(id, archived_on is not None, groups, flips))
        return found

    def resting(self, customers: Collection[UUID]) -> list[Fit]:
        """The same without the rules: only whether they rest."""
        rows = Customer.objects.filter(pk__in=customers).values_list("pk", "archived_on")
        return [Fit(id, archived_on is not None, frozenset(), {}) for id, archived_on in rows]

    def _next(self, flips: frozenset[tuple[str, int]] | None, days: dict[str, date | None]) -> date | None:
        if flips is None:
            return self.view.day + timedelta(days=1)
        found = (day + timedelta(days=after) for column, after in flips if (day := days[column]) is not None)
        return min((day for day in found if day > self.view.day), default=None)


def standing(now: datetime) -> Standing | None:
    """Of the open scope, its groups locked; None while it has none. One row tells whether the question at hand still
    holds: reading all rules for each payment costs more than asking it."""
    account_id = require_account_id()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT g.hash, g.days, a.activity_rule, a.activity_days, a.time_zone, {VERSION}
            FROM accounts_account a CROSS JOIN (
                SELECT md5(string_agg(concat_ws(' ', id, name, rule), ' ' ORDER BY id)) AS hash,
                    string_agg(coalesce(changes_on::text, ''), ',' ORDER BY id) AS days
                FROM groups_group WHERE account_id = %(account)s AND deleted_at IS NULL
            ) g WHERE a.id = %(account)s""",
            {"account": account_id},
        )
        hash, told, kind, days, zone, fields = cursor.fetchone()
    if hash is None:
        return None
    view = View(dates.day_of(now, zone), Rule(kind, days), live=True)
    key = (account_id, view, hash, fields)
    question = _questions.get(key)
    if question is None:
        question = _compose(account_id, view)
        _keep(key, question)
    return Standing(view, question, told)


def _keep(key: Any, question: _Question) -> None:
    """An account's former question is asked no more."""
    for other in [other for other in list(_questions) if other[0] == key[0]]:
        _questions.pop(other, None)
    _questions[key] = question
    while len(_questions) > KEPT or (len(_questions) > 1 and _length() > KEPT_LENGTH):
        _questions.popitem(last=False)


def _length() -> int:
    return sum(len(question.sql) for question in list(_questions.values()))


def _compose(account_id: UUID, view: View) -> _Question:
    groups = list(Group.objects.filter(deleted_at=None).order_by("pk"))
    truth = Truth.of(Account.objects.get(pk=account_id), view, groups=groups, many=False)
    conditions: dict[str, Q] = {}
    parts = {group.pk: _part(group.rule, truth, conditions) for group in groups if group.rule is not None}
    flips = {group.pk: truth.flips(group) for group in groups if group.rule is not None}
    columns = sorted({column for found in flips.values() for column, _days in found or ()})
    asked = {f"says_{nth}": _yes(condition) for nth, condition in enumerate(conditions.values())}
    rows = Customer.objects.annotate(**asked).order_by().values_list("pk", "archived_on", *columns, *asked)
    sql, parameters = rows.query.sql_with_params()
    return _Question(
        {group.pk: Known(group.name, group.by_rule) for group in groups},
        # Flattened by the planner: only these customers are asked.
        f"SELECT * FROM ({sql}) AS asked WHERE pk = ANY(%s)",
        tuple(parameters),
        tuple(columns),
        parts,
        {id: None if found is None else frozenset(found) for id, found in flips.items()},
        {group.pk: frozenset(truth.leaning([group.pk])) for group in groups},
    )


def _part(rule: rules.Rule, truth: Truth, conditions: dict[str, Q]) -> _Part:
    """`conditions` takes those that the database is to be asked, each once. As rules.who, one by one."""
    if "field" not in rule:
        parts = [_part(one, truth, conditions) for one in rule.get("all") or rule["any"]]
        if "all" in rule:
            return lambda answers, groups: all(part(answers, groups) for part in parts)
        return lambda answers, groups: any(part(answers, groups) for part in parts)
    operator, value = rules.operator_of(rule, truth.fields), rule["value"]
    if operator is None:
        return lambda answers, groups: False
    if (among := operator.among) is not None:
        return lambda answers, groups: among(value, groups)
    name = json.dumps(rule, sort_keys=True)
    nth = list(conditions).index(name) if name in conditions else len(conditions)
    conditions.setdefault(name, operator.condition(value, truth.asked))
    return lambda answers, groups: answers[nth]


def _yes(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
