"""The installation's own periodic tasks: the hourly tick, the rescue of jobs whose worker died, pruning.

They belong to no account. Periodic ones share a queueing lock, so that no two of a kind wait.
"""

from itertools import batched
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from carteira.core import dates
from carteira.core.jobs import clocks
from carteira.core.jobs.job import job
from carteira.core.jobs.retries import Pauses
from carteira.core.walls.scope import require_account_id

# Hours that finished jobs are kept: long enough to see what just ran; failed ones until somebody has looked.
KEEP_SUCCEEDED, KEEP_OTHERS = 3, 24 * 30
_BATCH = 1000


@job(queue="clocks", retries=3)
def tick(clock: str) -> None:
    """Let one clock tick for one account. A clock that is no longer there does not."""
    found = clocks.find(clock)
    if found is not None:
        account = apps.get_model(settings.ACCOUNT_MODEL)._default_manager.get(id=require_account_id())
        found.tick(account, dates.now())


@app.periodic(cron="2 * * * *")
@app.task(name="core.jobs.hour", queue="clocks", queueing_lock="core.jobs.hour", retry=Pauses(3))
def hour(timestamp: int) -> None:
    """Every hour: one job per account and clock."""
    accounts = apps.get_model(settings.ACCOUNT_MODEL)._default_manager.order_by("id").values_list("id", flat=True)
    for some in batched(accounts, _BATCH, strict=False):
        tick_accounts(some)


def tick_accounts(account_ids: Any) -> int:
    """Enqueue a tick per account and clock, none where one still waits (clocks catch up); how many."""
    wanted = {
        f"clock:{clock.name}:{account_id}": (account_id, clock.name)
        for account_id in account_ids
        for clock in clocks.all_clocks()
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(%s)",
            [list(wanted)],
        )
        for (waiting,) in cursor.fetchall():
            del wanted[waiting]
    jobs = [_tick(lock, account_id, name) for lock, (account_id, name) in wanted.items()]
    try:
        with transaction.atomic():
            app.job_manager.batch_defer_jobs(jobs)
    except AlreadyEnqueued:  # Somebody else enqueued one of them just now.
        return sum(map(_enqueued, jobs))
    return len(jobs)


def _tick(lock: str, account_id: UUID, name: str) -> Any:
    arguments = {"account_id": str(account_id), "clock": name}
    return tick.task.configure(lock=lock, queueing_lock=lock, task_kwargs=arguments).job


def _enqueued(tick_job: Any) -> bool:
    try:
        with transaction.atomic():
            app.job_manager.defer_job(tick_job)
    except AlreadyEnqueued:
        return False
    return True


@app.periodic(cron="* * * * *")
@app.task(name="core.jobs.rescue", queue="clocks", queueing_lock="core.jobs.rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:
    """Every minute: jobs of workers that fell silent go back into the queue; jobs bear that."""
    await context.app.job_manager.give_back()  # type: ignore[attr-defined]


@app.periodic(cron="17 * * * *")
@app.task(name="core.jobs.prune", queue="clocks", queueing_lock="core.jobs.prune", pass_context=True)
async def prune(context: JobContext, timestamp: int) -> None:
    """Every hour: forget jobs that ended long ago."""
    manager = context.app.job_manager
    await manager.delete_old_jobs(KEEP_SUCCEEDED)
    await manager.delete_old_jobs(KEEP_OTHERS, include_failed=True, include_cancelled=True, include_aborted=True)
