"""Who may do what in the database, as SQL that can run any number of times.

| role | log in | may |
|---|---|---|
| carteira_owner | yes | owns the database and all in schema public; migrates, backs up, restores |
| carteira_app | yes | serves: reads and writes rows; owns nothing, no TRUNCATE, makes temporary tables only |
| carteira_search | no | owns the SECURITY DEFINER search functions, which read by their own policy |

The embedded server's set-up runs it; ``python -m carteira.core.database.roles`` prints it for a server of
one's own. Only the embedded server has a fourth, carteira_admin: its bootstrap superuser, used by the set-up
alone.
"""

import sys
from typing import Any

OWNER, APP, SEARCH, ADMIN = "carteira_owner", "carteira_app", "carteira_search", "carteira_admin"
# Trusted extensions: the owner of a database may create them without being superuser.
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gin")

_JOIN_OWNER = f"""DO $$ BEGIN
IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
   AND NOT pg_has_role(current_user, '{OWNER}', 'USAGE')
THEN EXECUTE format('GRANT {OWNER} TO %I', current_user); END IF;
END $$"""

# Set on the roles, so that they hold on any server and behind any pooler. A session that idles in a
# transaction keeps locks and stops vacuum; a statement that cannot get its lock must give up before requests
# pile up behind it.
_LIMITS = {
    OWNER: {"lock_timeout": "20s", "idle_in_transaction_session_timeout": "10min"},
    APP: {"lock_timeout": "10s", "idle_in_transaction_session_timeout": "5min"},
}


def roles_sql(*, database: str = "carteira", test_databases: bool = False) -> str:
    """Return the whole script for a server of one's own; run it as an administrator, connected to
    ``database``.

    ``test_databases`` lets the owner create and drop databases, which only the test suite needs. Passwords are not
    part of it: set them with psql's ``\\password carteira_owner`` and ``\\password carteira_app``.
    """
    statements = [*cluster_statements(test_databases=test_databases), *database_statements(database)]
    return "".join(f"{statement};\n" for statement in statements)


def cluster_statements(*, test_databases: bool) -> list[str]:
    """Return what holds for the whole server: the roles, their attributes, membership and limits."""
    statements = [
        _role(OWNER, login=True, createdb=test_databases),
        _role(APP, login=True, createdb=False),
        _role(SEARCH, login=False, createdb=False),
        # As a member the owner can hand functions over to the search role, and later replace or drop them.
        f"GRANT {SEARCH} TO {OWNER} WITH INHERIT TRUE, SET TRUE",
        # ALTER DEFAULT PRIVILEGES FOR ROLE asks for membership from an administrator who is not superuser.
        _JOIN_OWNER,
    ]
    if test_databases:
        # DROP DATABASE ... WITH (FORCE) ends the serving role's sessions.
        statements.append(f"GRANT pg_signal_backend TO {OWNER}")
    for role, limits in _LIMITS.items():
        statements += [f"ALTER ROLE {role} SET {name} = '{value}'" for name, value in limits.items()]
    return statements


def database_statements(database: str | None) -> list[str]:
    """Return what holds inside one database (connected to it): ownership, schema, default privileges,
    extensions.

    Without a name it prepares a template: everything that a copy inherits.
    """
    statements = []
    if database is not None:
        name = _quoted(database)
        statements += [
            f"ALTER DATABASE {name} OWNER TO {OWNER}",
            f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
            f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {APP}",
        ]
    return [
        *statements,
        "ALTER SCHEMA public OWNER TO pg_database_owner",
        *owner_statements(),
    ]


def ensure_privileges(connection: Any) -> None:
    """Bring the current database's privileges in order; run as the owner, before and after migrations.

    ``connection`` is a psycopg or Django connection of carteira_owner; nothing is committed here. Tables and
    sequences whose rights nobody has ever set (they were made before the default privileges) get
    carteira_app's usual ones; where a migration has narrowed them (an append-only table without UPDATE) they
    stay narrow. TRUNCATE, REFERENCES, TRIGGER and MAINTAIN are taken away wherever they appear, and writing in
    the list of migrations: who serves reads there whether the tables are its own version's.
    """
    with connection.cursor() as cursor:
        for statement in owner_statements():
            cursor.execute(statement)
        cursor.execute(_UNTOUCHED_OBJECTS)
        for name, kind in cursor.fetchall():
            if kind == "S":
                cursor.execute(f"GRANT USAGE, SELECT ON SEQUENCE {name} TO {APP}")
            else:
                cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {APP}")
        cursor.execute(_TOO_MANY_RIGHTS, (APP,))
        for (name,) in cursor.fetchall():
            cursor.execute(f"REVOKE TRUNCATE, REFERENCES, TRIGGER, MAINTAIN ON {name} FROM {APP}, PUBLIC")
        cursor.execute("SELECT to_regclass('public.django_migrations')::text")
        if (found := cursor.fetchone()) and found[0]:
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON public.django_migrations FROM {APP}, PUBLIC")


# Only what this role owns: extensions' own objects and those of the search role are none of our business.
_UNTOUCHED_OBJECTS = """
SELECT format('%I.%I', n.nspname, c.relname), c.relkind::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND c.relowner = current_user::regrole
  AND c.relacl IS NULL
ORDER BY 1
"""
_TOO_MANY_RIGHTS = """
SELECT format('%%I.%%I', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm') AND c.relowner = current_user::regrole
  AND EXISTS (SELECT FROM aclexplode(c.relacl) held WHERE held.grantee IN (0, %s::regrole)
              AND held.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'))
ORDER BY 1
"""


def owner_statements() -> list[str]:
    """Return what the owner itself may set up in its database."""
    default = f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public"
    return [
        *schema_statements(),
        f"{default} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP}",
        f"{default} GRANT USAGE, SELECT ON SEQUENCES TO {APP}",
    ]


def schema_statements() -> list[str]:
    """Return the part of it that must stand before objects can be made, default privileges left out."""
    return [
        *(f"CREATE EXTENSION IF NOT EXISTS {extension} WITH SCHEMA public" for extension in EXTENSIONS),
        f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {APP}",
        f"GRANT USAGE ON SCHEMA public TO {APP}",
        # Whoever is to own a function in a schema must be allowed to create there, else ALTER ... OWNER is
        # refused.
        f"GRANT USAGE, CREATE ON SCHEMA public TO {SEARCH}",
    ]


def _role(name: str, *, login: bool, createdb: bool) -> str:
    """Create the role, or take away what it must not have. Attributes are altered only where they differ:
    naming SUPERUSER or BYPASSRLS at all is refused to administrators of hosted servers."""
    log_in, create = ("LOGIN" if login else "NOLOGIN"), ("CREATEDB" if createdb else "NOCREATEDB")
    wrong = f"rolcanlogin <> {str(login).lower()}"
    if createdb:
        wrong += " OR NOT rolcreatedb"
    return f"""DO $$ BEGIN
IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}')
THEN CREATE ROLE {name} {log_in} {create}; END IF;
IF EXISTS (SELECT FROM pg_roles
           WHERE rolname = '{name}' AND (rolsuper OR rolbypassrls OR rolreplication))
THEN ALTER ROLE {name} NOSUPERUSER NOBYPASSRLS NOREPLICATION; END IF;
IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}' AND (rolcreaterole OR {wrong}))
THEN ALTER ROLE {name} {log_in} NOCREATEROLE {create}; END IF;
END $$"""


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


if __name__ == "__main__":
    print("-- Create the database first: CREATE DATABASE carteira TEMPLATE template0 ENCODING 'UTF8'")
    print("--   LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C.UTF-8';")
    print("-- Run this as an administrator, connected to it; then, in psql:")
    print("--   \\password carteira_owner and \\password carteira_app")
    sys.stdout.write(roles_sql())
