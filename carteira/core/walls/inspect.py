"""Looking at the walls as they stand in the database, whatever the migrations meant to build."""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db import connection

from carteira.core.walls.models import account_key


def holes() -> Iterator[str]:
    """A sentence for each walled table that is not walled in the database, and for account data without
    walls.
    """
    keys = {}
    for model in apps.get_models(include_auto_created=True):
        key = account_key(model)
        if key is not None and model._meta.managed:
            keys[model._meta.db_table] = key.column
    with connection.cursor() as cursor:
        for question in (_TABLES, _POLICIES, _KEYS, _FOREIGN, _INDEXES, _UNKNOWN):
            cursor.execute(
                question,
                {
                    "tables": list(keys),
                    "columns": list(keys.values()),
                    "app": settings.DATABASE_APP_ROLE,
                    "known": [m._meta.db_table for m in apps.get_models(include_auto_created=True)],
                },
            )
            for (sentence,) in cursor.fetchall():
                yield sentence


_WALLED = """
WITH walled AS (
    SELECT c.oid, w.name, w.account, c.relrowsecurity, c.relforcerowsecurity,
        (SELECT attnum FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = w.account) AS account_number
    FROM unnest(%(tables)s::text[], %(columns)s::text[]) AS w(name, account)
    LEFT JOIN pg_class c ON c.relname = w.name AND c.relnamespace = 'public'::regnamespace
)
"""

_TABLES = (
    _WALLED
    + """
SELECT CASE
    WHEN oid IS NULL THEN format('Table %%s does not exist.', name)
    WHEN account_number IS NULL THEN format('Table %%s has no column %%s.', name, account)
    WHEN NOT relrowsecurity THEN format('Table %%s has no row security.', name)
    ELSE format('Table %%s does not force row security on its owner.', name)
END
FROM walled
WHERE oid IS NULL OR account_number IS NULL OR NOT relrowsecurity OR NOT relforcerowsecurity
ORDER BY name
"""
)

# The wall itself; and any other door that the serving role could walk through.
_POLICIES = (
    _WALLED
    + """
SELECT format('Table %%s has no policy account_wall on its account.', name)
FROM walled
WHERE oid IS NOT NULL AND NOT EXISTS (
    SELECT FROM pg_policy p
    WHERE p.polrelid = walled.oid AND p.polname = 'account_wall' AND p.polcmd = '*' AND p.polroles = '{0}'
        AND pg_get_expr(p.polqual, p.polrelid) LIKE '(' || account || ' = %%current_setting(''carteira.account''%%'
        AND pg_get_expr(p.polwithcheck, p.polrelid) = pg_get_expr(p.polqual, p.polrelid)
)
UNION ALL
SELECT format('Table %%s has no policy owner_sees_all for its owner.', name)
FROM walled JOIN pg_class c ON c.oid = walled.oid
WHERE NOT EXISTS (
    SELECT FROM pg_policy p
    WHERE p.polrelid = walled.oid AND p.polname = 'owner_sees_all' AND p.polroles = ARRAY[c.relowner]
)
UNION ALL
SELECT format('Policy %%s opens table %%s to %%s.', p.polname, name, %(app)s::text)
FROM walled JOIN pg_policy p ON p.polrelid = walled.oid AND p.polname <> 'account_wall' AND p.polpermissive
WHERE EXISTS (
    SELECT FROM unnest(p.polroles) AS role
    WHERE role = 0 OR pg_has_role(%(app)s::name, role, 'MEMBER')
)
ORDER BY 1
"""
)

_KEYS = (
    _WALLED
    + """
SELECT format('The primary key of table %%s does not begin with its account.', name)
FROM walled
WHERE oid IS NOT NULL AND NOT EXISTS (
    SELECT FROM pg_constraint k
    WHERE k.conrelid = walled.oid AND k.contype = 'p' AND k.conkey[1] = account_number
)
ORDER BY 1
"""
)

# A row cannot point into another account: both ends of the key begin with it.
_FOREIGN = (
    _WALLED
    + """
SELECT format('Foreign key %%s of table %%s could point into another account.', k.conname, walled.name)
FROM walled
JOIN pg_constraint k ON k.conrelid = walled.oid AND k.contype = 'f'
JOIN walled target ON target.oid = k.confrelid
WHERE k.conkey[1] <> walled.account_number OR k.confkey[1] <> target.account_number
ORDER BY 1
"""
)

_INDEXES = (
    _WALLED
    + """
SELECT format('Index %%s of table %%s does not begin with its account.', i.indexrelid::regclass, name)
FROM walled JOIN pg_index i ON i.indrelid = walled.oid
WHERE i.indkey[0] <> account_number
UNION ALL
SELECT format('Index %%s of table %%s is not valid.', i.indexrelid::regclass, name)
FROM walled JOIN pg_index i ON i.indrelid = walled.oid
WHERE NOT i.indisvalid
ORDER BY 1
"""
)

_UNKNOWN = """
SELECT format('Table %%s has account data, but no room knows it.', c.relname)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'account_id' AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
    AND c.relname <> ALL(%(known)s::text[])
ORDER BY 1
"""
