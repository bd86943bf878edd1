from django.conf import settings
from django.db import migrations, models

from carteira.core.database.roles import SEARCH

# The drain must learn which accounts have something to do, and the serving role sees no account's rows from outside.
# The function gives it the accounts' ids and nothing else; its owner, who cannot log in, sees nothing but this table.
_FUNCTION = """
CREATE FUNCTION core_accounts_with_due_reactions(by_now timestamptz) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT DISTINCT account_id FROM core_pendingevent
    WHERE NOT parked AND (retry_at IS NULL OR retry_at <= by_now);
END
"""


def let_the_drain_wake(apps, schema_editor):
    search, app = map(schema_editor.quote_name, (SEARCH, settings.DATABASE_APP_ROLE))
    for statement in (
        f"GRANT SELECT (account_id, retry_at, parked) ON core_pendingevent TO {search}",
        f"CREATE POLICY drain_wakes ON core_pendingevent FOR SELECT TO {search} USING (true)",
        _FUNCTION,
        f"ALTER FUNCTION core_accounts_with_due_reactions OWNER TO {search}",
        "REVOKE ALL ON FUNCTION core_accounts_with_due_reactions FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION core_accounts_with_due_reactions TO {app}",
    ):
        schema_editor.execute(statement)


def as_before(apps, schema_editor):
    schema_editor.execute("DROP FUNCTION core_accounts_with_due_reactions")
    schema_editor.execute("DROP POLICY drain_wakes ON core_pendingevent")
    schema_editor.execute(f"REVOKE ALL ON core_pendingevent FROM {schema_editor.quote_name(SEARCH)}")


class Migration(migrations.Migration):
    dependencies = [("core", "0003_files_and_sheet_imports")]

    operations = [
        migrations.AddField(
            "pendingevent", "reaction", models.CharField(default="", max_length=150), preserve_default=False
        ),
        migrations.AddField("pendingevent", "attempts", models.SmallIntegerField(db_default=0)),
        migrations.AddField("pendingevent", "retry_at", models.DateTimeField(null=True)),
        migrations.AddField("pendingevent", "parked", models.BooleanField(db_default=False)),
        migrations.AddField("pendingevent", "error", models.CharField(blank=True, db_default="", max_length=300)),
        migrations.RunPython(let_the_drain_wake, as_before),
    ]
