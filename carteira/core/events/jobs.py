"""The drain job: one per account at a time (wake.drain_soon gives it its locks)."""

from uuid import UUID

from carteira.core import dates
from carteira.core.events.drain import drain_batch, waiting_reactions
from carteira.core.jobs import job, safe_point
from carteira.core.walls import scope


@job(queue="events", retries=10, own_scope=True)
def drain(account_id: UUID) -> None:
    """Hand the account's events to their reactions until none is due; a batch is a transaction."""
    now = dates.now()
    while True:
        with scope(account_id):
            names = waiting_reactions(now)
        handed = 0
        for name in names:
            safe_point()
            with scope(account_id):
                handed += drain_batch(name, now)
        if not handed:
            return
