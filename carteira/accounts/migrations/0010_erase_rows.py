from django.conf import settings
from django.db import migrations

# The serving role may delete neither payments nor events, and rightly so. When a closed business's time has come the
# owner lends it this one act: all rows of that business in one walled table. The conditions stand here again, so that
# no mistake in the program deletes a business that nobody closed.
_FUNCTION = """
CREATE FUNCTION accounts_erase_rows(one regclass, account uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_account a JOIN accounts_closure c ON c.account_id = a.id
        WHERE a.id = account AND a.closes_at <= now() AND c.due_at <= now() AND c.canceled_at IS NULL
    ) THEN
        RAISE EXCEPTION 'The time of account % has not come.', account;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = one AND polname = 'account_wall') THEN
        RAISE EXCEPTION '% stands outside the walls.', one;
    END IF;
    EXECUTE format('DELETE FROM %s WHERE account_id = $1', one) USING account;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$
"""


def lend(apps, schema_editor):
    app = schema_editor.quote_name(settings.DATABASE_APP_ROLE)
    schema_editor.execute(_FUNCTION, params=None)
    schema_editor.execute("REVOKE ALL ON FUNCTION accounts_erase_rows FROM PUBLIC")
    schema_editor.execute(f"GRANT EXECUTE ON FUNCTION accounts_erase_rows TO {app}")


def take_back(apps, schema_editor):
    schema_editor.execute("DROP FUNCTION accounts_erase_rows")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_closed_accounts")]

    operations = [migrations.RunPython(lend, take_back)]
