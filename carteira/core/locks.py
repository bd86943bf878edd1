"""Locks with a name, within the account whose scope is open: for what is compared with rows that may not be there yet."""

from django.db import connection

from carteira.core.walls.scope import require_account_id


def lock(name: str, *, shared: bool = False) -> None:
    """Until the transaction ends. Holding it alone and then sharing it is one hold."""
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [f"{name} {require_account_id()}"])
