from django.db import migrations

# Counters of attempts (sign-in, password reset) must be the same for every web process on every machine: Django's
# database cache. Unlogged: after a crash of the server they start from nothing, which costs nothing.
MAKE = """
CREATE UNLOGGED TABLE accounts_shared_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamptz NOT NULL
);
CREATE INDEX accounts_shared_cache_expires ON accounts_shared_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_last_account_email_case")]

    operations = [migrations.RunSQL(MAKE, "DROP TABLE accounts_shared_cache")]
