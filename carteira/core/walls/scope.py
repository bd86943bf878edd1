"""The current account: one context variable and one PostgreSQL setting that always agree."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db import connection, transaction

_current: ContextVar[UUID | None] = ContextVar("carteira_account", default=None)


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
        token = _current.set(account_id)
        try:
            yield
        finally:
            _current.reset(token)
        # SET LOCAL outlives a released savepoint, so an enclosing transaction gets its value back by hand.
        # After an exception the rolled-back savepoint has already restored it.
        if nested and not connection.needs_rollback:
            _set_local(_current.get())
