"""Changing the type of a field: what can be read as the new type becomes it, the rest stays as it was said.

The values are read in Python (only that knows what a text means) and written by a few statements. Where they are many,
`convert_many` reads them beforehand, outside the transaction that writes; what changed since is read again within.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import translation

from carteira.core.events.follow import tell
from carteira.core.events.record import record
from carteira.core.sheets.staging import copy_in, execute, scalar, table
from carteira.core.walls.scope import require_account_id
from carteira.customers.fields.becoming import becomes, goal_of
from carteira.customers.fields.define import CHANGED, CannotDefine
from carteira.customers.fields.found import FOUND_BY
from carteira.customers.fields.models import Field, FieldValue, Kind
from carteira.customers.fields.rows_json import AS_JSON, COLUMNS, as_json, rows_of
from carteira.customers.fields.values import Reading
from carteira.customers.search_more import renew_listed

EXAMPLES = 10
# Of so many customers a preview looks at what becomes of it.
LOOKED_AT = 2_000
# A temporary table: customer_id, was, rows (rows_json).
BECOMES = "own_becomes"
_LATE, _PIECE = "own_late", 2_000


@dataclass
class Outcome:
    """What would come of it. `examples` are texts that do not fit, each once; `whole`: everybody was looked at."""

    fits: int = 0
    stays: int = 0
    examples: list[str] = field(default_factory=list)
    options: list[dict[str, Any]] = field(default_factory=list)
    whole: bool = True


def preview(own: Field, kind: str, *, account: Any, now: datetime) -> Outcome:
    """Of the customers who have something there, the first LOOKED_AT. Writes nothing."""
    with translation.override(account.language):
        goal = goal_of(own, kind)
        reading, outcome = Reading(account, now), Outcome(options=goal.options)
        everybody = FieldValue.objects.filter(field=own).order_by("customer_id").values_list("customer_id", flat=True)
        first = list(everybody.distinct()[: LOOKED_AT + 1])
        outcome.whole = len(first) <= LOOKED_AT
        found = FieldValue.objects.filter(field=own, customer_id__in=first[:LOOKED_AT]).order_by("customer_id", "id")
        for _customer, rows in groupby(found, key=lambda row: row.customer_id):
            said = becomes(own, goal, list(rows), reading)
            if said[0].fits:
                outcome.fits += 1
                continue
            outcome.stays += 1
            if len(outcome.examples) < EXAMPLES and said[0].said not in outcome.examples:
                outcome.examples.append(said[0].said)
        return outcome


def change_kind(own: Field, kind: str, *, account: Any, by: Any, now: datetime, ready: Field | None = None) -> Outcome:
    """Make it a field of another type. Nothing is lost: what does not fit stays readable as it was said, and fits again
    when the type is changed back. Raises CannotDefine.

    `ready`: the field as it was when BECOMES was filled; without it, or where it is another by now, all is read here.
    """
    with transaction.atomic(), translation.override(account.language):
        own = Field.objects.select_for_update().get(pk=own.pk)
        if kind not in Kind.values:
            raise CannotDefine(translation.gettext("Choose a type."), "kind")
        if kind == own.kind:
            return Outcome()
        goal = goal_of(own, kind)
        if ready is None:
            table(BECOMES, "SELECT NULL::uuid AS customer_id, NULL::jsonb AS was, NULL::jsonb AS rows LIMIT 0")
        elif (ready.kind, ready.options) != (own.kind, own.options) or goal_of(ready, kind).options != goal.options:
            execute(f"DELETE FROM {BECOMES}")
        _read_late(own, goal, Reading(account, now))
        goal.unique = goal.unique and not scalar(_SAME_TWICE)
        outcome = _counted(goal)
        before, searched = own.kind, not FOUND_BY.isdisjoint({own.kind, kind})
        _write(own, goal)
        own.kind, own.options, own.unique = goal.kind, goal.options, goal.unique
        own.save(update_fields=["kind", "options", "unique"])
        if searched:
            renew_listed(BECOMES)
        record(
            CHANGED,
            by=by,
            now=now,
            subject_id=own.pk,
            what={"label": own.label, "kind": kind, "before": before, "fits": outcome.fits, "stays": outcome.stays},
        )
        # What is asked of everybody's values is another thing now.
        tell(CHANGED, None, now)
        return outcome


# What was different may be the same now: 1 and 1,0.
_SAME_TWICE = f"""SELECT EXISTS (SELECT FROM {BECOMES} b CROSS JOIN LATERAL jsonb_array_elements(b.rows) AS r
    GROUP BY r ->> 'text' HAVING count(*) > 1)"""


def converted(own: Field, goal: Field, some: Sequence[tuple[UUID, Any]], reading: Reading) -> list[tuple[Any, ...]]:
    """Rows of BECOMES for (customer, rows as JSON)."""
    return [
        (id, was, as_json(becomes(own, goal, rows_of(own, was, customer_id=id), reading)))
        for id, was in ((id, rows if isinstance(rows, str) else as_json(rows_of(own, rows))) for id, rows in some)
    ]


def said_by_all(own: Field) -> tuple[str, dict[str, Any]]:
    """SQL: customer_id, rows."""
    return (
        f"""SELECT v.customer_id, jsonb_agg({AS_JSON} ORDER BY v.option) AS rows FROM customers_fieldvalue v
        WHERE v.account_id = %(account)s AND v.field_id = %(field)s GROUP BY v.customer_id""",
        {"account": require_account_id(), "field": own.pk},
    )


def _read_late(own: Field, goal: Field, reading: Reading) -> None:
    """Those who are not in BECOMES as they are now."""
    sql, parameters = said_by_all(own)
    late = table(
        _LATE,
        f"""SELECT row_number() OVER () AS nth, coalesce(n.customer_id, b.customer_id) AS customer_id, n.rows
        FROM ({sql}) n FULL JOIN {BECOMES} b ON b.customer_id = n.customer_id WHERE n.rows IS DISTINCT FROM b.was""",
        parameters,
    )
    execute(f"DELETE FROM {BECOMES} WHERE customer_id IN (SELECT customer_id FROM {_LATE})")
    for first in range(0, late, _PIECE):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT customer_id, rows FROM {_LATE} WHERE nth > %s AND nth <= %s AND rows IS NOT NULL",
                [first, first + _PIECE],
            )
            some = cursor.fetchall()
        copy_in(BECOMES, ["customer_id", "was", "rows"], converted(own, goal, some, reading))
    execute(f"ANALYZE {BECOMES}")


def _counted(goal: Field) -> Outcome:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FILTER (WHERE rows -> 0 -> 'fits' IS NULL), count(*) FROM {BECOMES}")
        fits, everybody = cursor.fetchone()
    return Outcome(fits, everybody - fits, options=goal.options)


def _write(own: Field, goal: Field) -> None:
    parameters = {"account": require_account_id(), "field": own.pk, "alone": goal.unique}
    if not own.unique and Kind.CHOICES not in (own.kind, goal.kind):
        # One row each, before and after: in place, so that nothing is checked anew.
        execute(
            f"""UPDATE customers_fieldvalue v SET option = coalesce(r.option, ''), said = r.said, text = r.text,
                number = r.number, "on" = r."on", fits = coalesce(r.fits, TRUE)
            FROM {BECOMES} b CROSS JOIN LATERAL jsonb_to_record(b.rows -> 0) AS r({COLUMNS})
            WHERE v.account_id = %(account)s AND v.field_id = %(field)s AND v.customer_id = b.customer_id""",
            parameters,
        )
        return
    execute("DELETE FROM customers_fieldvalue WHERE account_id = %(account)s AND field_id = %(field)s", parameters)
    execute(
        f"""INSERT INTO customers_fieldvalue (account_id, field_id, customer_id, option, said, text, number, "on", fits, alone)
        SELECT %(account)s, %(field)s, b.customer_id, coalesce(r.option, ''), r.said, r.text, r.number, r."on",
            coalesce(r.fits, TRUE), %(alone)s
        FROM {BECOMES} b CROSS JOIN LATERAL jsonb_to_recordset(b.rows) AS r({COLUMNS})""",
        parameters,
    )
