"""A limit on how long the database may work at one question: what a person asks must not hold everybody up."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

# What PostgreSQL calls a statement that was canceled, by its own limit too.
_CANCELED = "57014"


class TookTooLong(Exception):
    """A statement was canceled, and what was written within the limit is undone."""


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Each statement within may take so long; further in, a limit that is there already stays if it is shorter. Raises
    TookTooLong, with the transaction as it was before."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT setting::bigint FROM pg_settings WHERE name = 'statement_timeout'")
            before = int(cursor.fetchone()[0])
            limit = max(1, int(seconds * 1000))
            cursor.execute(f"SET LOCAL statement_timeout = {min(limit, before) if before else limit}")
            yield
            cursor.execute(f"SET LOCAL statement_timeout = {before}")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != _CANCELED:
            raise
        raise TookTooLong from error
