from django.conf import settings
from django.db import migrations

from carteira.core.database.roles import SEARCH

# Under row security LIKE is never an index condition: PostgreSQL does not trust it to keep quiet about rows that are
# not ours. So the trigram index is read by a function of a role nobody can log in as. That role sees the few columns
# granted here, of all accounts; the function names the account itself and gives back ids only, which the caller reads
# again through the wall.
#
# Each element of `words` holds LIKE patterns, one of which must match, parted by a unit separator; all elements must.
# The statement is put together anew each time, because a plan for any pattern suits no pattern.
_FUNCTION = """
CREATE FUNCTION customers_search(words text[]) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 500
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account uuid := NULLIF(current_setting('carteira.account', true), '')::uuid;
    word text;
    pattern text;
    either text;
    condition text := '';
BEGIN
    IF account IS NULL OR words IS NULL OR cardinality(words) = 0 THEN
        RETURN;
    END IF;
    FOREACH word IN ARRAY words LOOP
        either := '';
        FOREACH pattern IN ARRAY string_to_array(word, E'\\x1f') LOOP
            either := either || CASE either WHEN '' THEN '' ELSE ' OR ' END || format('search LIKE %L', pattern);
        END LOOP;
        condition := condition || ' AND (' || either || ')';
    END LOOP;
    RETURN QUERY EXECUTE 'SELECT id FROM public.customers_customer WHERE account_id = $1' || condition USING account;
END
$$
"""
_COLUMNS = "account_id, id, search"


def make_function(schema_editor):
    run = schema_editor.execute
    app = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    run(_FUNCTION, params=None)
    run("REVOKE ALL ON FUNCTION customers_search(text[]) FROM PUBLIC")
    run(f"GRANT EXECUTE ON FUNCTION customers_search(text[]) TO {app}")
    run(f"ALTER FUNCTION customers_search(text[]) OWNER TO {SEARCH}")


def build(apps, schema_editor):
    run = schema_editor.execute
    run(f"GRANT SELECT ({_COLUMNS}) ON customers_customer TO {SEARCH}")
    run(f"CREATE POLICY search_sees_all ON customers_customer FOR SELECT TO {SEARCH} USING (true)")
    make_function(schema_editor)
    # Lists read index pages only as long as vacuum has marked the table's pages: it comes after 2 %, not 20 %.
    for table in ("customers_customer", "customers_span"):
        run(
            f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.02,"
            " autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)"
        )


def tear_down(apps, schema_editor):
    run = schema_editor.execute
    for table in ("customers_customer", "customers_span"):
        run(
            f"ALTER TABLE {table} RESET (autovacuum_vacuum_scale_factor,"
            " autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor)"
        )
    run("DROP FUNCTION customers_search(text[])")
    run("DROP POLICY search_sees_all ON customers_customer")
    run(f"REVOKE SELECT ({_COLUMNS}) ON customers_customer FROM {SEARCH}")


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_lists_from_indexes")]

    operations = [migrations.RunPython(build, tear_down)]
