"""The current account: one context variable and one PostgreSQL setting that always agree."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import cast
from uuid import UUID

from django.db import connection, transaction

_current: ContextVar[UUID | None] = ContextVar("carteira_account", default=None)
# What is to be done before the open scope ends, by its name.
_at_end: ContextVar[dict[str, Callable[[], None]] | None] = ContextVar("carteira_at_end", default=None)


class NoAccountScope(RuntimeError):
    """A query on a table with account data ran while no account's scope was open."""


class WrongAccount(RuntimeError):
    """A row of one account was about to be written in the scope of another."""


def current_account_id() -> UUID | None:
    return _current.get()


def require_account_id() -> UUID:
    """The account whose scope is open. Raises NoAccountScope."""
    account_id = _current.get()
    if account_id is None:
        raise NoAccountScope("No account's scope is open here: wrap this in core.walls.scope(account_id).")
    return account_id


def at_end[Act: Callable[[], None]](name: str, make: Callable[[], Act]) -> Act:
    """What is called once before the open scope ends, in its transaction unless that is rolled back; made by the first
    who asks for that name, so that later ones add to it."""
    waiting = _at_end.get()
    if waiting is None:
        raise NoAccountScope("No account's scope is open here: nothing ends.")
    if name not in waiting:
        waiting[name] = make()
    return cast("Act", waiting[name])


def finish() -> None:
    """Do what waits for the end of the open scope now: for whoever must see its result."""
    waiting = _at_end.get()
    while waiting:
        waiting.pop(next(iter(waiting)))()


def _set_local(account_id: UUID | None) -> None:
    # A literal, not set_config(): a sharding proxy (Citus) only forwards a literal SET LOCAL to its shards.
    # The value is a UUID object's own text, so there is nothing to escape.
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL carteira.account = '{account_id or ''}'")


@contextmanager
def scope(account_id: UUID | str) -> Iterator[None]:
    """Open one account's scope: a transaction in which only that account's rows exist.

    Nests: leaving restores the scope around it. An exception rolls back what was done inside.
    """
    account_id = account_id if isinstance(account_id, UUID) else UUID(str(account_id))
    nested = connection.in_atomic_block
    with transaction.atomic():
        _set_local(account_id)
        token, ending = _current.set(account_id), _at_end.set({})
        try:
            yield
            if not connection.needs_rollback:
                finish()
        finally:
            _current.reset(token)
            _at_end.reset(ending)
        # SET LOCAL outlives a released savepoint, so an enclosing transaction gets its value back by hand.
        # After an exception the rolled-back savepoint has already restored it.
        if nested and not connection.needs_rollback:
            _set_local(_current.get())
