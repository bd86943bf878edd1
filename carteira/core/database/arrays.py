"""Many values as one parameter."""

from collections.abc import Iterable
from uuid import UUID


def uuids(ids: Iterable[UUID]) -> str:
    """An array for `= ANY(%s)` and `unnest(%s::uuid[])`, as PostgreSQL writes it: psycopg quotes a list value by value,
    which for thousands costs more than what they are asked for."""
    return "{" + ",".join(map(str, ids)) + "}"
