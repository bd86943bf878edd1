"""Jobs to try the worker with. Each leaves a number behind for what it committed."""

import time
from uuid import UUID

from django.db import connection

from carteira.core.counters import take_numbers
from carteira.core.jobs import job, safe_point
from carteira.core.walls import current_account_id, scope
from carteira.core.walls.scope import _current


@job()
def count(name: str) -> None:
    take_numbers(name)


@job()
def slow(name: str, seconds: float) -> None:
    """Writes first and commits late: cut off in between, nothing may be left."""
    take_numbers(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])


@job(own_scope=True)
def in_steps(account_id: UUID, name: str, steps: int) -> None:
    for _step in range(steps):
        safe_point()
        with scope(account_id):
            take_numbers(name)
        time.sleep(0.05)


@job(own_scope=True)
def deaf(account_id: UUID, seconds: float) -> None:
    """Neither asks the database nor looks at safe points."""
    time.sleep(seconds)


@job(retries=2)
def broken(name: str) -> None:
    take_numbers(name)
    raise ValueError("the CPF 123.456.789-09 of maria@example.com is bad")


@job(own_scope=True)
def careless(account_id: UUID) -> None:
    """Leaves a scope behind, as a generator that is never finished would."""
    _current.set(account_id)


@job(own_scope=True)
def look(account_id: UUID) -> None:
    """Counts the scopes it finds open at its begin."""
    if current_account_id() is not None:
        with scope(account_id):
            take_numbers("scopes found open")
    with scope(account_id):
        take_numbers("looked")
