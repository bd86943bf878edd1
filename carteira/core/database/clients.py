"""Connecting as the owner, for psycopg and for PostgreSQL's own client programs alike."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carteira.core.database.engine import program
from carteira.core.database.urls import django_settings, embedded_settings

if TYPE_CHECKING:
    import psycopg


class Owner:
    """The owner's connection settings, of this installation or of the embedded server in ``home``."""

    def __init__(self, home: Path | str | None = None) -> None:
        found = django_settings("owner") if home is None else embedded_settings("owner", home)
        named = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER"}
        self._parameters: dict[str, Any] = {key: found[name] for key, name in named.items() if found[name]}
        self._parameters.update(found["OPTIONS"])
        self._password: str = found["PASSWORD"]

    def connect(self) -> "psycopg.Connection[Any]":
        """Open a connection in autocommit, without the limits that suit requests and migrations."""
        import psycopg

        connection = psycopg.connect(**self._parameters, password=self._password, autocommit=True)
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"):
            connection.execute(f"SET {limit} = 0")
        return connection

    def command(self, name: str, *options: str) -> list[str]:
        """Return the command line of pg_dump or psql on this database; the password is not part of it."""
        from psycopg.conninfo import make_conninfo

        return [program(name), "--no-password", *options, f"--dbname={make_conninfo(**self._parameters)}"]

    def environment(self) -> dict[str, str]:
        """Return the environment for such a command: ours without other PostgreSQL settings, and the
        password."""
        ours = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        return {**ours, "PGPASSWORD": self._password, "PGAPPNAME": "carteira"}
