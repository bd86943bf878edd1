"""The search for duplicates as a job: kind after kind, each in a transaction of its own."""

from uuid import UUID

from carteira.core.jobs import job, safe_point
from carteira.core.walls import scope
from carteira.customers.merge import find


@job(queue="bulk", own_scope=True)
def find_duplicates(account_id: UUID) -> None:
    """Begin or go on with the search that was asked for; a finished one is left alone."""
    more = True
    while more:
        safe_point()
        with scope(account_id):
            more = find.step()
