"""The program refuses to serve as anything more than the serving role: forced row security is the second wall
between accounts, and these rights would walk through it."""

from typing import Any


class UnsafeAppRole(RuntimeError):
    """The connection's role could see or destroy what belongs to other accounts."""


def refuse_unsafe_app_role(cursor: Any) -> None:
    """Raise UnsafeAppRole, naming role and reason, unless ``cursor``'s role is fit to serve.

    Unfit are superusers, BYPASSRLS, members of a role that is either, whoever owns (or is a member of who
    owns) a table in schema public, and whoever may TRUNCATE one. Both the session's and the current role are
    looked at: from the second there is a way back to the first.
    """
    cursor.execute(_QUESTION)
    for role, reason in cursor.fetchall():
        raise UnsafeAppRole(
            f"Refusing to serve as database role {role}: it {reason}. Serve as carteira_app "
            "(DATABASE_URL; python -m carteira.core.database.roles prints its rights)."
        )


_QUESTION = """
WITH roles AS (
    SELECT DISTINCT own.oid, own.rolname
    FROM pg_roles own WHERE own.rolname IN (session_user, current_user)
), tables AS (
    SELECT c.oid, c.relname, c.relowner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
)
SELECT rolname, reason FROM (
    SELECT 1 AS rank, roles.rolname,
        CASE WHEN held.rolsuper THEN 'is superuser' ELSE 'has BYPASSRLS' END
        || CASE WHEN held.oid = roles.oid THEN '' ELSE format(' by membership in %I', held.rolname) END
        AS reason
    FROM roles JOIN pg_roles held
        ON (held.rolsuper OR held.rolbypassrls) AND pg_has_role(roles.oid, held.oid, 'MEMBER')
    UNION ALL
    SELECT 2, roles.rolname, format('owns table %I', tables.relname)
    FROM roles JOIN tables ON pg_has_role(roles.oid, tables.relowner, 'MEMBER')
    UNION ALL
    SELECT 3, roles.rolname, format('may TRUNCATE table %I', tables.relname)
    FROM roles JOIN tables ON has_table_privilege(roles.oid, tables.oid, 'TRUNCATE')
) found
ORDER BY rank, rolname, reason DESC
LIMIT 1
"""
