"""Asking a few customers about all rules at once, fast enough for every payment: the question is composed once for an
account's rules and day, and kept in the process's memory."""

import json
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Case, Value, When

from carteira.accounts.models import Account
from carteira.core import dates
from carteira.core.walls.scope import require_account_id
from carteira.customers.fields.queries import VERSION
from carteira.customers.lifecycle import Rule, View
from carteira.customers.models import Customer
from carteira.groups.models import Group
from carteira.groups.truth import Truth

# Questions of so many accounts are kept, and of fewer where they are long (characters).
KEPT, KEPT_LENGTH = 200, 20_000_000


class Known(NamedTuple):
    """A living group as it stands in the table; `rule` is its text, None for one by hand."""

    name: str
    rule: str | None
    changes_on: date | None


class Fit(NamedTuple):
    """Of one customer: the groups by rule it fits, and for each when time alone may change that (None: never)."""

    customer: UUID
    resting: bool
    groups: frozenset[UUID]
    next_flips: dict[UUID, date | None]


@dataclass(frozen=True)
class _Question:
    sql: str
    parameters: tuple[Any, ...]
    # Date columns it reads besides, and of each group by rule in order: what it leans on, and when time changes it.
    columns: tuple[str, ...]
    groups: tuple[UUID, ...]
    flips: tuple[frozenset[tuple[str, int]] | None, ...]
    leaning: dict[UUID, frozenset[UUID]]


_questions: OrderedDict[Any, _Question] = OrderedDict()


@dataclass(frozen=True)
class Standing:
    """The account's living groups, and the view they are evaluated with."""

    groups: dict[UUID, Known]
    view: View
    question: _Question

    def leaning(self, ids: Collection[UUID]) -> set[UUID]:
        """These groups and those whose rules ask about them."""
        return {one for id in ids for one in self.question.leaning.get(id, ())}

    def ask(self, customers: Collection[UUID], *, rules: bool = True) -> list[Fit]:
        """Of those there are. Without `rules` only whether they rest."""
        if not rules:
            rows = Customer.objects.filter(pk__in=customers).values_list("pk", "archived_on")
            return [Fit(id, archived_on is not None, frozenset(), {}) for id, archived_on in rows]
        question, found = self.question, []
        with connection.cursor() as cursor:
            cursor.execute(question.sql, [*question.parameters, list(customers)])
            for id, archived_on, *rest in cursor.fetchall():
                days = dict(zip(question.columns, rest, strict=False))
                fits = rest[len(question.columns) :]
                groups = frozenset(group for group, yes in zip(question.groups, fits, strict=True) if yes)
                flips = zip(question.groups, question.flips, strict=True)
                found.append(
                    Fit(id, archived_on is not None, groups, {group: self._next(flip, days) for group, flip in flips})
                )
        return found

    def _next(self, flips: frozenset[tuple[str, int]] | None, days: dict[str, date | None]) -> date | None:
        if flips is None:
            return self.view.day + timedelta(days=1)
        found = (day + timedelta(days=after) for column, after in flips if (day := days[column]) is not None)
        return min((day for day in found if day > self.view.day), default=None)


def standing(now: datetime) -> Standing | None:
    """Of the open scope; None while it has no groups."""
    account_id = require_account_id()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT g.id, g.name, g.rule::text, g.changes_on, a.activity_rule, a.activity_days, a.time_zone,
                {VERSION}
            FROM groups_group g JOIN accounts_account a ON a.id = g.account_id
            WHERE g.account_id = %(account)s AND g.deleted_at IS NULL ORDER BY g.id""",
            {"account": account_id},
        )
        rows = cursor.fetchall()
    if not rows:
        return None
    groups = {row[0]: Known(*row[1:4]) for row in rows}
    kind, days, zone, fields = rows[0][4:]
    view = View(dates.day_of(now, zone), Rule(kind, days), live=True)
    key = (account_id, view, fields, tuple((id, known.rule) for id, known in groups.items()))
    question = _questions.get(key)
    if question is None:
        question = _compose(account_id, view, groups)
        _keep(key, question)
    return Standing(groups, view, question)


def _keep(key: Any, question: _Question) -> None:
    """An account's former question is asked no more."""
    for other in [other for other in list(_questions) if other[0] == key[0]]:
        _questions.pop(other, None)
    _questions[key] = question
    while len(_questions) > KEPT or (len(_questions) > 1 and _length() > KEPT_LENGTH):
        _questions.popitem(last=False)


def _length() -> int:
    return sum(len(question.sql) for question in list(_questions.values()))


def _compose(account_id: UUID, view: View, known: dict[UUID, Known]) -> _Question:
    groups = [Group(pk=id, name=one.name, rule=one.rule and json.loads(one.rule)) for id, one in known.items()]
    truth = Truth.of(Account.objects.get(pk=account_id), view, groups=groups, many=False)
    by_rule = [group for group in groups if group.rule is not None]
    flips = [truth.flips(group) for group in by_rule]
    columns = sorted({column for found in flips for column, _days in found or ()})
    asked = {f"fits_{nth}": _yes(truth.by_rule(group)) for nth, group in enumerate(by_rule)}
    rows = Customer.objects.annotate(**asked).order_by().values_list("pk", "archived_on", *columns, *asked)
    sql, parameters = rows.query.sql_with_params()
    return _Question(
        # Flattened by the planner: only these customers are asked.
        f"SELECT * FROM ({sql}) AS asked WHERE pk = ANY(%s)",
        tuple(parameters),
        tuple(columns),
        tuple(group.pk for group in by_rule),
        tuple(None if found is None else frozenset(found) for found in flips),
        {group.pk: frozenset(truth.leaning([group.pk])) for group in groups},
    )


def _yes(condition: Any) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
