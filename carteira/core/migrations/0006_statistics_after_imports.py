from django.conf import settings
from django.db import migrations

# Until somebody analyzes a table that has just been filled, the planner takes any index that begins with the account
# for as good as the primary key: every check of a foreign key then reads the whole account (1 ms instead of 0.01).
# Autovacuum comes within a minute; an import that follows another does not wait for it. Only a table's owner may
# analyze it, so the owner lends the serving role this one act.
_FUNCTION = """
CREATE FUNCTION core_analyze(tables regclass[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    one regclass;
BEGIN
    FOREACH one IN ARRAY tables LOOP
        IF EXISTS (
            SELECT FROM pg_class WHERE oid = one AND relkind = 'r' AND relowner = current_user::regrole
        ) THEN
            EXECUTE 'ANALYZE ' || one;
        END IF;
    END LOOP;
END
$$
"""


def lend(apps, schema_editor):
    app = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(_FUNCTION)
    schema_editor.execute("REVOKE ALL ON FUNCTION core_analyze FROM PUBLIC")
    schema_editor.execute(f"GRANT EXECUTE ON FUNCTION core_analyze TO {app}")


def take_back(apps, schema_editor):
    schema_editor.execute("DROP FUNCTION core_analyze")


class Migration(migrations.Migration):
    dependencies = [("core", "0005_import_signs_of_life")]

    operations = [migrations.RunPython(lend, take_back)]
