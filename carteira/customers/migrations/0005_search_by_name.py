from django.conf import settings
from django.db import migrations

from carteira.core.database.roles import SEARCH

# As in 0003, and: the first `most` hits by name, all of them among the archived or among the others. Whoever types sees
# those first; the rows were read for their text anyway, so only these few need to be read again through the wall.
# MATERIALIZED: the planner takes names for evenly strewn, and would walk from A until it has enough Marias.
_FUNCTION = """
CREATE FUNCTION customers_search(words text[], archived boolean DEFAULT NULL, most integer DEFAULT NULL)
RETURNS SETOF uuid
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
    IF most IS NULL THEN
        RETURN QUERY EXECUTE
            'SELECT id FROM public.customers_customer WHERE account_id = $1' || condition USING account;
    ELSE
        RETURN QUERY EXECUTE
            'WITH hit AS MATERIALIZED ('
            'SELECT id, name_sort, archived_on FROM public.customers_customer WHERE account_id = $1' || condition
            || ') SELECT id FROM hit WHERE $2 IS NULL OR (archived_on IS NOT NULL) = $2'
            ' ORDER BY name_sort, id LIMIT $3' USING account, archived, most;
    END IF;
END
$$
"""
_ARGUMENTS = "text[], boolean, integer"
_COLUMNS = "name_sort, archived_on"


def build(apps, schema_editor):
    run = schema_editor.execute
    app = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    run("DROP FUNCTION customers_search(text[])")
    run(f"GRANT SELECT ({_COLUMNS}) ON customers_customer TO {SEARCH}")
    run(_FUNCTION, params=None)
    run(f"REVOKE ALL ON FUNCTION customers_search({_ARGUMENTS}) FROM PUBLIC")
    run(f"GRANT EXECUTE ON FUNCTION customers_search({_ARGUMENTS}) TO {app}")
    run(f"ALTER FUNCTION customers_search({_ARGUMENTS}) OWNER TO {SEARCH}")


def tear_down(apps, schema_editor):
    from importlib import import_module

    before = import_module("carteira.customers.migrations.0003_search")
    run = schema_editor.execute
    run(f"DROP FUNCTION customers_search({_ARGUMENTS})")
    run(f"REVOKE SELECT ({_COLUMNS}) ON customers_customer FROM {SEARCH}")
    before.make_function(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("customers", "0004_past_bar_from_indexes")]

    operations = [migrations.RunPython(build, tear_down)]
