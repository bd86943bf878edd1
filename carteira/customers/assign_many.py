"""Putting one person of the business in charge of many customers: the bulk twin of editing `owner`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from carteira.accounts.models import User
from carteira.core.events.record_selected import record_selected
from carteira.core.walls.scope import require_account_id
from carteira.customers.register import EDITED

# Who looked after each before; None: nobody did.
type Before = dict[UUID, UUID | None]


def assign_many(ids: Sequence[UUID], *, owner: UUID | None, by: Any, now: datetime) -> Before:
    """Put a member (checked by the caller's form) in charge of customers of the open scope, or nobody; who has that one
    already is left alone. Those that were changed. Records customer.edited for each, people by name.
    """
    return _write(dict.fromkeys(ids, owner), still=None, by=by, now=now)


def assign_back_many(before: Mapping[UUID, UUID | None], *, owner: UUID | None, by: Any, now: datetime) -> Before:
    """Undo, where `owner` is still in charge."""
    return _write(before, still=[owner], by=by, now=now)


def _write(owners: Mapping[UUID, UUID | None], *, still: list[UUID | None] | None, by: Any, now: datetime) -> Before:
    """Whoever has left the installation meanwhile is nobody. An anonymised customer keeps who looks after it."""
    known = set(User.objects.filter(pk__in={owner for owner in owners.values() if owner}).values_list("pk", flat=True))
    parameters = {
        "account": require_account_id(),
        "ids": list(owners),
        "owners": [owner if owner in known else None for owner in owners.values()],
        "any": still is None,
        "still": still[0] if still else None,
        "now": now,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # One order for everybody who locks many.
        cursor.execute(
            "SELECT id FROM customers_customer WHERE account_id = %(account)s AND id = ANY(%(ids)s)"
            " ORDER BY id FOR NO KEY UPDATE",
            parameters,
        )
        cursor.execute(
            """UPDATE customers_customer c SET owner_id = w.owner_id, updated_at = %(now)s
            FROM unnest(%(ids)s::uuid[], %(owners)s::uuid[]) AS w(id, owner_id)
            WHERE c.account_id = %(account)s AND c.id = w.id AND c.id = ANY(%(ids)s) AND c.anonymised_on IS NULL
                AND c.owner_id IS DISTINCT FROM w.owner_id
                AND (%(any)s OR c.owner_id IS NOT DISTINCT FROM %(still)s::uuid)
            RETURNING c.id, OLD.owner_id, NEW.owner_id""",
            parameters,
        )
        changed = cursor.fetchall()
        if changed:
            _record(changed, by=by, now=now)
    return {id: old for id, old, _new in changed}


def _record(changed: list[Any], *, by: Any, now: datetime) -> None:
    people = {owner for _id, *both in changed for owner in both if owner}
    names = {user.pk: str(user) for user in User.objects.filter(pk__in=people)}
    record_selected(
        EDITED,
        """SELECT w.id AS customer_id, NULL::uuid AS subject_id, '{"fields": ["owner"]}'::jsonb AS what,
            jsonb_build_object('old', jsonb_build_object('owner', w.old),
                'new', jsonb_build_object('owner', w.new)) AS personal
        FROM unnest(%(ids)s::uuid[], %(olds)s::text[], %(news)s::text[]) AS w(id, old, new)""",
        {
            "ids": [id for id, _old, _new in changed],
            "olds": [names.get(old) for _id, old, _new in changed],
            "news": [names.get(new) for _id, _old, new in changed],
        },
        by=by,
        now=now,
        personal=True,
    )
