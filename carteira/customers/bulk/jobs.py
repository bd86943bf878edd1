"""An act as a job: part after part, each in a transaction of its own."""

from uuid import UUID

from carteira.core import dates
from carteira.core.jobs import job, safe_point
from carteira.core.walls import scope
from carteira.customers.bulk import run


@job(queue="bulk", own_scope=True)
def change_many(account_id: UUID, act_id: str) -> None:
    """Begin or go on with an act, or with its undo; one that is finished is left alone."""
    more = True
    while more:
        safe_point()
        with scope(account_id):
            more = run.step(UUID(act_id), now=dates.now())
