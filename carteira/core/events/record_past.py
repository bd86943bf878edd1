"""Writing a past that is made up or taken over: many events of several kinds, each at its own moment."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from carteira.core import dates
from carteira.core.events.follow import tell
from carteira.core.events.kinds import kind
from carteira.core.walls.scope import require_account_id


def record_past(
    kinds: Iterable[str], sql: str, parameters: Mapping[str, Any], *, by: Any, personal: bool = False
) -> int:
    """One event for each row of `sql` (kind, at, customer_id, subject_id, what as jsonb), in the order of time; how
    many. `kinds` are those it may yield. `what` must hold nothing personal: with `personal` that comes in a column of
    this name.

    Nobody reacts to them: a mail about last year's invoice helps no one. Raises UnknownKind.
    """
    names = [kind(name).name for name in kinds]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO core_event (account_id, kind, customer_id, subject_id, by_id, at, what, personal)
            SELECT %(event_account)s, f.kind, f.customer_id, f.subject_id, %(event_by)s, f.at, f.what, {"f.personal" if personal else "'{}'::jsonb"}
            FROM ({sql}) AS f WHERE f.kind = ANY(%(event_kinds)s) ORDER BY f.at""",
            {**parameters, "event_account": require_account_id(), "event_by": by and by.pk, "event_kinds": names},
        )
        written = max(cursor.rowcount, 0)
    for name in names if written else ():
        tell(name, None, dates.now())
    return written
