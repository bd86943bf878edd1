"""Test databases: made and migrated once as the owner, copied for each worker, used as the serving role."""

import contextlib
import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError
from django.db.backends.postgresql.creation import DatabaseCreation as PostgresCreation

from carteira.core.walls.roles import as_owner

PREFIX = "test_carteira_"


class DatabaseCreation(PostgresCreation):
    def create_test_db(
        self, verbosity: int = 1, autoclobber: bool = False, serialize: bool | None = None, keepdb: bool = False
    ) -> str:
        # Named by its process, so that several runs at once do not meet.
        name = f"{PREFIX}{os.getpid()}"
        with as_owner(self.connection):
            template = self._template()
            with self._nodb_cursor() as cursor:
                self._drop_leftovers(cursor)
                cursor.execute(f"CREATE DATABASE {self._quote_name(name)} TEMPLATE {self._quote_name(template)}")
        self._use(name)
        return name

    def destroy_test_db(self, old_database_name: Any = None, *args: Any, **kwargs: Any) -> None:
        name = self.connection.settings_dict["NAME"]
        # A connection some thread forgot makes it stay: then the next run drops it.
        with as_owner(self.connection), self._nodb_cursor() as cursor, contextlib.suppress(DatabaseError):
            cursor.execute(f"DROP DATABASE IF EXISTS {self._quote_name(name)}")
        self._use(old_database_name)

    def _drop_leftovers(self, cursor: Any) -> None:
        """Databases of runs that were killed: their process is gone, and so are its connections."""
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"])
        for (name,) in cursor.fetchall():
            process = name.removeprefix(PREFIX)
            if process == str(os.getpid()) or not Path(f"/proc/{process}").exists():
                # Another run may be dropping it at the same moment, or a dying connection may still hold it.
                with contextlib.suppress(DatabaseError):
                    cursor.execute(f"DROP DATABASE IF EXISTS {self._quote_name(name)}")

    def _use(self, name: str) -> None:
        self.connection.close()
        if hasattr(self.connection, "close_pool"):
            self.connection.close_pool()
        settings.DATABASES[self.connection.alias]["NAME"] = name
        self.connection.settings_dict["NAME"] = name

    def _template(self) -> str:
        """The name of a migrated database, made again only when a migration or the backend changed."""
        name = f"carteira_template_{_fingerprint()}"
        with _one_at_a_time(), self._nodb_cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'carteira_template_%'")
            existing = {row[0] for row in cursor.fetchall()}
            if name in existing:
                return name
            for outdated in existing:
                with contextlib.suppress(DatabaseError):  # Another run may be copying it.
                    cursor.execute(f"DROP DATABASE IF EXISTS {self._quote_name(outdated)}")
            # Migrated under another name and renamed at the end: a killed run leaves no half template.
            draft = f"carteira_draft_{_fingerprint()}"
            cursor.execute(f"DROP DATABASE IF EXISTS {self._quote_name(draft)}")
            cursor.execute(f"CREATE DATABASE {self._quote_name(draft)}")
            before = self.connection.settings_dict["NAME"]
            self._use(draft)
            self._prepare(draft)
            call_command("migrate", verbosity=0, interactive=False, database=self.connection.alias)
            self._use(before)
            cursor.execute(f"ALTER DATABASE {self._quote_name(draft)} RENAME TO {self._quote_name(name)}")
        return name

    def _prepare(self, name: str) -> None:
        from carteira.core.database.roles import ensure_privileges

        self.connection.ensure_connection()
        ensure_privileges(self.connection.connection)

    def _quote_name(self, name: str) -> str:
        return self.connection.ops.quote_name(name)


def _fingerprint() -> str:
    """Changes with every file that decides what the test database looks like."""
    digest = hashlib.sha256(sys.version.encode())
    folders = {Path(config.path) / "migrations" for config in apps.get_app_configs()}
    folders |= {Path(__file__).parent, Path(__file__).parents[2] / "database"}
    for folder in sorted(folders):
        for file in sorted(folder.glob("*.py")) + sorted(folder.glob("*.sql")):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    path = Path(settings.CARTEIRA_HOME) / "test-template.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
