import carteira.core.walls.models
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.uuid
from django.db import migrations, models

from carteira.core.database.roles import SEARCH

# As in 0005, but it reads the entries; the customers themselves only where it matters who is archived.
_FUNCTION = """
CREATE OR REPLACE FUNCTION customers_search(words text[], archived boolean DEFAULT NULL, most integer DEFAULT NULL)
RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 500
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account uuid := NULLIF(current_setting('carteira.account', true), '')::uuid;
    word text;
    pattern text;
    either text;
    condition text := '';
    hits text;
BEGIN
    IF account IS NULL OR words IS NULL OR cardinality(words) = 0 THEN
        RETURN;
    END IF;
    FOREACH word IN ARRAY words LOOP
        either := '';
        FOREACH pattern IN ARRAY string_to_array(word, E'\\x1f') LOOP
            either := either || CASE either WHEN '' THEN '' ELSE ' OR ' END || format('text LIKE %L', pattern);
        END LOOP;
        condition := condition || ' AND (' || either || ')';
    END LOOP;
    hits := 'SELECT customer_id AS id, name_sort FROM public.customers_searchentry WHERE account_id = $1' || condition;
    IF most IS NULL THEN
        RETURN QUERY EXECUTE 'SELECT id FROM (' || hits || ') hit' USING account;
    ELSIF archived IS NULL THEN
        RETURN QUERY EXECUTE
            'WITH hit AS MATERIALIZED (' || hits || ') SELECT id FROM hit ORDER BY name_sort, id LIMIT $2'
            USING account, most;
    ELSE
        RETURN QUERY EXECUTE
            'WITH hit AS MATERIALIZED (' || hits || ')'
            ' SELECT id FROM hit WHERE (SELECT c.archived_on IS NOT NULL FROM public.customers_customer c'
            ' WHERE c.account_id = $1 AND c.id = hit.id) = $2'
            ' ORDER BY name_sort, id LIMIT $3' USING account, archived, most;
    END IF;
END
$$
"""
_TABLE = "customers_searchentry"
_COLUMNS = "account_id, customer_id, name_sort, text"


def fill(apps, schema_editor):
    run = schema_editor.execute
    # The owner of the tables stands behind the wall as well: account by account.
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_account")
        accounts = [row[0] for row in cursor.fetchall()]
        for account in accounts:
            cursor.execute(f"SET LOCAL carteira.account = '{account}'")
            cursor.execute(
                f"INSERT INTO {_TABLE} ({_COLUMNS})"
                " SELECT account_id, id, name_sort, search FROM customers_customer WHERE account_id = %s",
                [account],
            )
        cursor.execute("SET LOCAL carteira.account = ''")
    # Else the tables have events of foreign keys waiting, and cannot be altered in this transaction.
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")


def let_search(apps, schema_editor):
    run = schema_editor.execute
    run(f"GRANT SELECT ({_COLUMNS}) ON {_TABLE} TO {SEARCH}")
    run(f"CREATE POLICY search_sees_all ON {_TABLE} FOR SELECT TO {SEARCH} USING (true)")
    run(f"REVOKE SELECT (search, name_sort) ON customers_customer FROM {SEARCH}")
    run(_FUNCTION, params=None)


def as_before(apps, schema_editor):
    from importlib import import_module

    before = import_module("carteira.customers.migrations.0005_search_by_name")
    run = schema_editor.execute
    run(f"GRANT SELECT (search, name_sort) ON customers_customer TO {SEARCH}")
    run(before._FUNCTION.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"), params=None)
    run(f"DROP POLICY search_sees_all ON {_TABLE}")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_shared_cache"),
        ("customers", "0005_search_by_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=django.db.models.functions.uuid.UUID7(),
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "account",
                    carteira.core.walls.models.AccountKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                ("name_sort", models.CharField(max_length=200)),
                ("text", models.TextField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.RemoveIndex(
            model_name="customer",
            name="customers_search",
        ),
        migrations.AddConstraint(
            model_name="searchentry",
            constraint=models.UniqueConstraint(fields=("account", "customer"), name="customers_search_entry_once"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="searchentry",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["account", "text"], name="customers_search_text", opclasses=["uuid_ops", "gin_trgm_ops"]
            ),
        ),
        migrations.RunPython(let_search, as_before),
    ]
