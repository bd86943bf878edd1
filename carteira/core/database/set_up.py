"""Roles, passwords, template and database inside a running embedded server; all that uses superuser rights.

The mark of a finished set-up names the cluster, the SQL and the passwords it was made with: the set-up is
repeated when one of them has changed, so a new version's roles and a lost password file need no care.
"""

import contextlib
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carteira.core.database.passwords import passwords
from carteira.core.database.places import PORT, Places, places
from carteira.core.database.roles import ADMIN, APP, OWNER, cluster_statements, database_statements
from carteira.core.database.urls import DATABASE_NAME, socket_folder

if TYPE_CHECKING:
    import psycopg


def admin_connection(home: Path | str | None = None, database: str = "postgres") -> "psycopg.Connection[Any]":
    """Connect as the bootstrap superuser, in autocommit. For the set-up and for tests; the server must be
    held."""
    import psycopg

    where = places(home)
    return psycopg.connect(
        host=str(socket_folder(where)),
        port=PORT,
        user=ADMIN,
        dbname=database,
        autocommit=True,
        connect_timeout=10,
    )


def is_set_up(where: Places) -> bool:
    """Say whether this very cluster has had this very set-up."""
    try:
        return where.set_up_mark.read_text().strip() == _mark(where)
    except FileNotFoundError:
        return False


def _mark(where: Places) -> str:
    """Return the fingerprint of all that the set-up writes, passwords included, and of its cluster."""
    parts = [*cluster_statements(test_databases=True), *database_statements(DATABASE_NAME)]
    parts += [f"{key}={value}" for key, value in sorted(passwords(where).items())]
    with (where.cluster / "global" / "pg_control").open("rb") as file:
        parts.append(file.read(8).hex())  # the system identifier
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def set_up(where: Places, admin: "psycopg.Connection[Any]") -> None:
    """Create roles, passwords, template and database, or bring them in order, however often."""
    from psycopg import sql

    words = passwords(where)
    for statement in cluster_statements(test_databases=True):
        admin.execute(statement)
    for role in (OWNER, APP):
        # Hashed here, so that the password itself never reaches the server, let alone its log.
        verifier = admin.pgconn.encrypt_password(words[role].encode(), role.encode(), b"scram-sha-256").decode()
        admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)))
    # The template first: databases made from it, the tests' among them, inherit all of it.
    with contextlib.closing(admin_connection(where.home, "template1")) as template:
        for statement in database_statements(None):
            template.execute(statement)
    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE_NAME,)).fetchone():
        admin.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template1").format(
                sql.Identifier(DATABASE_NAME), sql.Identifier(OWNER)
            )
        )
    with contextlib.closing(admin_connection(where.home, DATABASE_NAME)) as database:
        for statement in database_statements(DATABASE_NAME):
            database.execute(statement)
    draft = where.set_up_mark.with_suffix(".new")
    draft.write_text(_mark(where))
    draft.rename(where.set_up_mark)


def answers(where: Places) -> bool:
    """Say whether the serving role can log in to the database now."""
    import psycopg

    try:
        psycopg.connect(
            host=str(socket_folder(where)),
            port=PORT,
            user=APP,
            password=passwords(where)[APP],
            dbname=DATABASE_NAME,
            connect_timeout=5,
        ).close()
    except psycopg.OperationalError:
        return False
    return True
