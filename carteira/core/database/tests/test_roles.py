"""T5: what each role may do, and that the program refuses to serve as more."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from carteira.core.database.guard import UnsafeAppRole, refuse_unsafe_app_role
from carteira.core.database.roles import ensure_privileges, roles_sql
from carteira.core.database.server import admin_connection
from carteira.core.database.tests.tools import connect

type Connection = psycopg.Connection[Any]


@pytest.fixture
def owner(running_home: Path) -> Iterator[Connection]:
    with connect(running_home, "owner") as connection:
        yield connection
        connection.execute("DROP OWNED BY carteira_owner, carteira_search")
        ensure_privileges(connection)


@pytest.fixture
def app(running_home: Path, owner: Connection) -> Iterator[Connection]:
    with connect(running_home, "app") as connection:
        yield connection


def test_attributes(running_home: Path) -> None:
    with admin_connection(running_home) as admin:
        rows = admin.execute(
            "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication "
            "FROM pg_roles WHERE rolname LIKE 'carteira%' ORDER BY rolname"
        ).fetchall()
        members = admin.execute(
            "SELECT roleid::regrole::text, member::regrole::text, admin_option FROM pg_auth_members "
            "WHERE member::regrole::text LIKE 'carteira%'"
        ).fetchall()
        hashes = admin.execute(
            "SELECT rolname, left(rolpassword, 13) FROM pg_authid WHERE rolpassword IS NOT NULL ORDER BY 1"
        ).fetchall()
    assert rows == [
        ("carteira_admin", True, True, True, True, True, True),
        ("carteira_app", True, False, False, False, False, False),
        ("carteira_owner", True, False, False, False, True, False),
        ("carteira_search", False, False, False, False, False, False),
    ]
    assert sorted(members) == [
        ("carteira_search", "carteira_owner", False),
        ("pg_signal_backend", "carteira_owner", False),  # to drop test databases in use
    ]
    assert hashes == [("carteira_app", "SCRAM-SHA-256"), ("carteira_owner", "SCRAM-SHA-256")]


def test_app_reads_and_writes_rows_and_nothing_else(owner: Connection, app: Connection) -> None:
    owner.execute("CREATE TABLE item (id bigserial PRIMARY KEY, name text)")
    app.execute("INSERT INTO item (name) VALUES ('a')")
    app.execute("UPDATE item SET name = 'b'")
    assert app.execute("DELETE FROM item RETURNING name").fetchall() == [("b",)]
    app.execute("CREATE TEMPORARY TABLE load (name text)")  # bulk loads
    with app.cursor().copy("COPY load FROM STDIN") as copy:
        copy.write("x\n")
    app.execute("INSERT INTO item (name) SELECT name FROM load")
    for forbidden in (
        "TRUNCATE item",
        "DROP TABLE item",
        "ALTER TABLE item ADD more text",
        "ALTER TABLE item DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE other (id int)",
        "CREATE SCHEMA other",
        "CREATE DATABASE other",
        "CREATE ROLE other",
        "CREATE TRIGGER t AFTER INSERT ON item EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "SELECT setval('item_id_seq', 1)",
        "SET ROLE carteira_owner",
        "SET ROLE carteira_search",
        "SELECT * FROM pg_authid",
        "COPY item TO PROGRAM 'cat'",
        "SELECT pg_read_file('PG_VERSION')",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(forbidden)
    assert app.execute("SHOW lock_timeout").fetchone() == ("10s",)
    assert app.execute("SHOW idle_in_transaction_session_timeout").fetchone() == ("5min",)


def test_search_functions_change_hands(owner: Connection, app: Connection) -> None:
    owner.execute("CREATE TABLE item (name text)")
    owner.execute("INSERT INTO item VALUES ('a')")
    for body in ("count(*)", "count(*) + 1"):
        owner.execute(
            "CREATE OR REPLACE FUNCTION find() RETURNS bigint LANGUAGE sql SECURITY DEFINER "
            f"SET search_path = public RETURN (SELECT {body} FROM item)"
        )
        owner.execute("ALTER FUNCTION find() OWNER TO carteira_search")
    owner.execute("GRANT SELECT ON item TO carteira_search")
    owner.execute("REVOKE ALL ON FUNCTION find() FROM PUBLIC")
    owner.execute("GRANT EXECUTE ON FUNCTION find() TO carteira_app")
    assert app.execute("SELECT find()").fetchone() == (2,)
    owner.execute("DROP FUNCTION find()")


def test_databases_made_by_the_owner_are_ready(running_home: Path, owner: Connection) -> None:
    """The test suite makes its own: they inherit extensions and default privileges."""
    owner.execute("CREATE DATABASE test_one")
    try:
        with connect(running_home, "owner", "test_one") as inside:
            inside.execute("CREATE TABLE item (id bigserial, name text)")
            ensure_privileges(inside)
        with connect(running_home, "app", "test_one") as app:
            app.execute("INSERT INTO item (name) VALUES (unaccent('ç'))")
            assert app.execute("SELECT similarity(name, 'c') FROM item").fetchone() == (1.0,)
    finally:
        owner.execute("DROP DATABASE test_one WITH (FORCE)")


def test_ensure_privileges_mends_and_keeps_narrow(owner: Connection, app: Connection) -> None:
    default = "ALTER DEFAULT PRIVILEGES FOR ROLE carteira_owner IN SCHEMA public"
    owner.execute(f"{default} REVOKE ALL ON TABLES FROM carteira_app")
    owner.execute("CREATE TABLE forgotten (id int)")
    owner.execute("CREATE TABLE ledger (id int)")
    owner.execute("GRANT SELECT, INSERT ON ledger TO carteira_app")
    owner.execute("CREATE TABLE loose (id int)")
    owner.execute("GRANT ALL ON loose TO carteira_app")
    owner.execute("GRANT TRUNCATE ON loose TO PUBLIC")
    for _ in range(2):
        ensure_privileges(owner)
        held = {name: {word for word in _ALL if _has(owner, name, word)} for name in ("forgotten", "ledger", "loose")}
        rows = {"SELECT", "INSERT", "UPDATE", "DELETE"}
        assert held == {"forgotten": rows, "ledger": {"SELECT", "INSERT"}, "loose": rows}
    owner.execute("CREATE TABLE later (id int)")
    app.execute("INSERT INTO later VALUES (1)")


def test_the_list_of_migrations_is_read_only_to_who_serves(owner: Connection, app: Connection) -> None:
    """T5: it tells whether the tables fit the program; with a line too many the next start would skip a migration."""
    owner.execute("CREATE TABLE django_migrations (app text)")
    owner.execute("INSERT INTO django_migrations VALUES ('customers')")
    assert _has(owner, "django_migrations", "DELETE")  # as any table by default
    ensure_privileges(owner)
    assert app.execute("SELECT app FROM django_migrations").fetchall() == [("customers",)]
    for forbidden in (
        "INSERT INTO django_migrations VALUES ('more')",
        "UPDATE django_migrations SET app = 'other'",
        "DELETE FROM django_migrations",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(forbidden)


_ALL = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")


def _has(owner: Connection, table: str, privilege: str) -> bool:
    row = owner.execute("SELECT has_table_privilege('carteira_app', %s, %s)", (table, privilege)).fetchone()
    return bool(row and row[0])


def test_script_for_a_server_of_ones_own_runs_any_number_of_times(running_home: Path) -> None:
    with admin_connection(running_home) as admin:
        admin.execute("CREATE DATABASE own TEMPLATE template0")
        try:
            with admin_connection(running_home, "own") as inside:
                for _ in range(2):
                    inside.execute(roles_sql(database="own", test_databases=True))
            with connect(running_home, "owner", "own") as owner:
                owner.execute("CREATE TABLE item (name text)")
                ensure_privileges(owner)
            with connect(running_home, "app", "own") as app:
                app.execute("INSERT INTO item VALUES (unaccent('ç'))")
                refuse_unsafe_app_role(app.cursor())
        finally:
            admin.execute("DROP DATABASE own WITH (FORCE)")
    assert not re.search("(?i)password", roles_sql())


def test_guard_lets_the_serving_role_pass(owner: Connection, app: Connection) -> None:
    owner.execute("CREATE TABLE item (id int)")
    refuse_unsafe_app_role(app.cursor())


def test_guard_refuses_owner_and_superuser(running_home: Path, owner: Connection) -> None:
    owner.execute("CREATE TABLE item (id int)")
    with pytest.raises(UnsafeAppRole, match="carteira_owner: it owns table item"):
        refuse_unsafe_app_role(owner.cursor())
    with admin_connection(running_home, "carteira") as admin:
        with pytest.raises(UnsafeAppRole, match="carteira_admin: it is superuser"):
            refuse_unsafe_app_role(admin.cursor())
        admin.execute("SET ROLE carteira_app")  # one RESET ROLE away from everything
        with pytest.raises(UnsafeAppRole, match="superuser"):
            refuse_unsafe_app_role(admin.cursor())


@pytest.mark.parametrize(
    ("grant", "revoke", "reason"),
    [
        ("ALTER ROLE carteira_app BYPASSRLS", "ALTER ROLE carteira_app NOBYPASSRLS", "BYPASSRLS"),
        ("GRANT carteira_owner TO carteira_app", "REVOKE carteira_owner FROM carteira_app", "owns table item"),
        ("GRANT carteira_admin TO carteira_app", "REVOKE carteira_admin FROM carteira_app", "by membership"),
        ("GRANT TRUNCATE ON item TO carteira_app", "REVOKE TRUNCATE ON item FROM carteira_app", "TRUNCATE"),
        ("GRANT TRUNCATE ON item TO PUBLIC", "REVOKE TRUNCATE ON item FROM PUBLIC", "TRUNCATE"),
    ],
)
def test_guard_refuses_each_right_too_many(
    running_home: Path, owner: Connection, app: Connection, grant: str, revoke: str, reason: str
) -> None:
    owner.execute("CREATE TABLE item (id int)")
    with admin_connection(running_home, "carteira") as admin:
        admin.execute(grant)
        try:
            with pytest.raises(UnsafeAppRole, match=reason) as refusal:
                refuse_unsafe_app_role(app.cursor())
            assert "\n" not in str(refusal.value)
        finally:
            admin.execute(revoke)
    refuse_unsafe_app_role(app.cursor())
