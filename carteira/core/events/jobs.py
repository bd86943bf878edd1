"""The drain job: one per account at a time."""

from uuid import UUID

from carteira.core.events.drain import BATCH, drain_batch
from carteira.core.jobs import defer, job


@job(queue="events", retries=10)
def drain() -> None:
    """Hand one batch to the reactions, and ask for another while there may be more."""
    if drain_batch() == BATCH:
        from carteira.core.walls.scope import require_account_id

        drain_soon(require_account_id())


def drain_soon(account_id: UUID) -> None:
    defer(drain, account_id, once=True)
