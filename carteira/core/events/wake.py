"""Who wakes the drain: whoever committed an event, and a sweep every minute for those who died in between."""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import Error, connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

logger = logging.getLogger("carteira.events")


@dataclass(frozen=True)
class _Drain:
    """Equal for the same account, so that a transaction with many events asks once."""

    account_id: UUID

    def __call__(self) -> None:
        try:
            drain_soon(self.account_id)
        except (Error, ConnectorException) as error:
            # The facts are committed; the next sweep wakes the drain.
            logger.warning("Could not wake the drain of account %s: %s", self.account_id, type(error).__name__)


def drain_after_commit(account_id: UUID) -> None:
    """Enqueue the drain once the open transaction has committed.

    Not inside it: a job that already waits may start before this transaction commits and miss its events; and
    refusing a second one by its queueing lock would make transactions of one account wait for each other.
    """
    hook = _Drain(account_id)
    if not any(known == hook for _savepoints, known, *_ in connection.run_on_commit):
        transaction.on_commit(hook)


def drain_soon(account_id: UUID) -> bool:
    """Enqueue the account's drain; False when one waits already (it will see what is committed by now)."""
    from carteira.core.events.jobs import drain

    lock = f"events:{account_id}"
    with connection.cursor() as cursor:
        # Asked first, because each refusal by the lock below is an error line in the server's log.
        cursor.execute("SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = %s", [lock])
        if cursor.fetchone():
            return False
    try:
        with transaction.atomic():
            drain.task.configure(lock=lock, queueing_lock=lock).defer(account_id=str(account_id))
    except AlreadyEnqueued:
        return False
    return True


def sweep(now: datetime) -> int:
    """Wake the drain of every account with reactions that are due; for how many accounts."""
    with connection.cursor() as cursor:
        # A function of the database (migrations/0003): this role itself sees no account's rows from outside.
        cursor.execute("SELECT core_accounts_with_due_reactions(%s)", [now])
        accounts = [account_id for (account_id,) in cursor.fetchall()]
    return sum(map(drain_soon, accounts))


@app.periodic(cron="* * * * *")
@app.task(name="core.events.sweep", queue="events", queueing_lock="core.events.sweep")
def sweep_every_minute(timestamp: int) -> None:
    """Every minute: reactions whose pause is over, events whose process died before it woke the drain."""
    from carteira.core import dates

    sweep(dates.now())
