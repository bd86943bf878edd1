"""The bulk twin of edit: one field of many customers gets one value."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from carteira.core import people
from carteira.core.events.record_selected import record_selected
from carteira.core.walls.scope import require_account_id
from carteira.customers.edit import why_not_edited
from carteira.customers.models import Customer
from carteira.customers.register import EDITED

# What may be the same for many; what identifies one (name, document, code) may not. With each, the columns that follow.
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "kind": {},
    "city": {"city_sort": people.city_sort},
    "state": {},
    "source": {},
}


class Edited(NamedTuple):
    """`refused`: why not, in a sentence."""

    changed: list[UUID]
    refused: dict[UUID, str]


def edit_many(ids: Sequence[UUID], *, field: str, value: str, by: Any, now: datetime) -> Edited:
    """Write a cleaned value (customers.forms) into one field of customers of the open scope; who has it already is
    left alone, who was anonymised is refused. Records customer.edited for each, with the old values.
    """
    with transaction.atomic():
        gone = _hold(ids)
        changed = _write(field, list(ids), [value] * len(ids), expected=None, by=by, now=now)
        had = Customer.objects.filter(pk__in=gone).exclude(**{field: value}).values_list("pk", flat=True)
        return Edited(changed, dict.fromkeys(had, why_not_edited()))


def put_back_many(ids: Sequence[UUID], *, field: str, value: str, at: datetime, by: Any, now: datetime) -> list[UUID]:
    """Undo what edit_many did `at` that moment, where the field still holds `value`; those that were put back.

    The old values stand in the history, and nowhere else: whose history was erased keeps what is there now.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT customer_id, personal->'old'->>%(field)s FROM core_event
            WHERE account_id = %(account)s AND customer_id = ANY(%(ids)s) AND kind = %(kind)s AND at = %(at)s
                AND personal->'old' ? %(field)s AND personal->'new'->>%(field)s = %(value)s""",
            {
                "account": require_account_id(), "ids": list(ids), "kind": EDITED, "at": at, "field": field,
                "value": value,
            },
        )  # fmt: skip
        olds = dict(cursor.fetchall())
    with transaction.atomic():
        _hold(list(olds))
        return _write(field, list(olds), list(olds.values()), expected=value, by=by, now=now)


def _hold(ids: Sequence[UUID]) -> list[UUID]:
    """Lock their rows, in one order for everybody; those who were anonymised."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, anonymised_on FROM customers_customer WHERE account_id = %(account)s AND id = ANY(%(ids)s)"
            " ORDER BY id FOR NO KEY UPDATE",
            {"account": require_account_id(), "ids": list(ids)},
        )
        return [id for id, anonymised_on in cursor.fetchall() if anonymised_on is not None]


def _write(
    field: str, ids: list[UUID], values: list[Any], *, expected: str | None, by: Any, now: datetime
) -> list[UUID]:
    follow = FIELDS[field]
    also = "".join(f", {column} = w.{column}" for column in follow)
    arrays = "".join(f", %({column})s::text[]" for column in follow)
    names = "".join(f", {column}" for column in follow)
    parameters: dict[str, Any] = {
        "account": require_account_id(), "ids": ids, "values": values, "expected": expected, "now": now, "field": field,
        **{column: [derive(value) for value in values] for column, derive in follow.items()},
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE customers_customer c SET {field} = w.value, updated_at = %(now)s{also}
            FROM unnest(%(ids)s::uuid[], %(values)s::text[]{arrays}) AS w(id, value{names})
            WHERE c.account_id = %(account)s AND c.id = w.id AND c.id = ANY(%(ids)s) AND c.{field} <> w.value
                AND c.anonymised_on IS NULL
                AND (%(expected)s::text IS NULL OR c.{field} = %(expected)s)
            RETURNING c.id, OLD.{field}, NEW.{field}""",
            parameters,
        )
        changed = cursor.fetchall()
    if changed:
        _record(field, changed, by=by, now=now)
    return [id for id, _old, _new in changed]


def _record(field: str, changed: list[Any], *, by: Any, now: datetime) -> None:
    ids, olds, news = (list(column) for column in zip(*changed, strict=True))
    record_selected(
        EDITED,
        """SELECT w.id AS customer_id, NULL::uuid AS subject_id,
            jsonb_build_object('fields', jsonb_build_array(%(field)s::text)) AS what,
            jsonb_build_object('old', jsonb_build_object(%(field)s::text, w.old),
                'new', jsonb_build_object(%(field)s::text, w.new)) AS personal
        FROM unnest(%(ids)s::uuid[], %(olds)s::text[], %(news)s::text[]) AS w(id, old, new)""",
        {"field": field, "ids": ids, "olds": olds, "news": news},
        by=by,
        now=now,
        personal=True,
    )
