"""One lock for all groups of an account. Whoever evaluates a few customers shares it; whoever evaluates everybody or
changes what is evaluated holds it alone: else each would miss what the other has not committed yet."""

from django.db import connection

from carteira.core.walls.scope import require_account_id


def lock_groups(*, shared: bool = False) -> None:
    """Until the transaction ends. Holding it alone and then sharing it is one hold."""
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [f"groups {require_account_id()}"])
