"""Many values as one parameter."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID


def uuids(ids: Iterable[UUID]) -> str:
    """An array for `= ANY(%s)` and `unnest(%s::uuid[])`, as PostgreSQL writes it: psycopg quotes a list value by value,
    which for thousands costs more than what they are asked for."""
    return "{" + ",".join(map(str, ids)) + "}"


def array(values: Iterable[Any]) -> str:
    """The same of numbers, truths, names and ids, None for null; not of free text."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"
