"""Writing events for many facts at once, straight from a query: what imports and other bulk verbs use."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from carteira.core.database.many_ids import IDS, nth_id
from carteira.core.events.follow import MANY, tell
from carteira.core.events.kinds import kind
from carteira.core.events.wake import drain_after_commit
from carteira.core.walls.scope import require_account_id


def record_selected(
    name: str,
    sql: str,
    parameters: Mapping[str, Any],
    *,
    by: Any,
    now: datetime,
    first: str = "",
    personal: bool = False,
) -> int:
    """One event of kind `name` for each row of `sql` (customer_id, subject_id, what as jsonb); how many.

    With `personal` the query has a column of that name too (jsonb).

    `first` is a WITH list (without the word) that the query reads, also one that writes the facts
    themselves. `what` must hold nothing personal; with `personal` the query yields that as well (jsonb).
    """
    account_id = require_account_id()
    reactions = [reaction.name for reaction in kind(name).reactions]
    told = f"""told AS (
        INSERT INTO core_event (account_id, id, kind, customer_id, subject_id, by_id, at, what, personal)
        SELECT %(event_account)s, {nth_id()}, %(event_kind)s, f.customer_id, f.subject_id, %(event_by)s, %(event_at)s,
            f.what, {"f.personal" if personal else "'{}'::jsonb"}
        FROM ({sql}) AS f RETURNING id, customer_id)"""
    if reactions:
        told += """, handed_on AS (
            INSERT INTO core_pendingevent (account_id, event_id, reaction)
            SELECT %(event_account)s, told.id, reaction
            FROM told CROSS JOIN unnest(%(event_reactions)s::text[]) AS reaction)"""
    own = {"event_account": account_id, "event_kind": name, "event_by": by and by.pk, "event_at": now}
    own["event_reactions"] = reactions
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {first + ', ' if first else ''}{IDS}, {told} SELECT count(*), (array_agg(customer_id))[:{MANY + 1}] FROM told",
            {**parameters, **own},
        )
        written, customers = cursor.fetchone()
    if reactions and written:
        drain_after_commit(account_id)
    if written:
        tell(name, _named(customers) if written <= MANY else None, now)
    return int(written)


def _named(customers: list[Any]) -> list[UUID]:
    return [id for id in dict.fromkeys(customers) if id is not None]
