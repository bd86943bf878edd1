"""Procrastinate's own periodic tasks: the hourly tick, and the rescue of jobs whose worker died."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from procrastinate import JobContext
from procrastinate.contrib.django import app

from carteira.core import dates
from carteira.core.jobs import clocks
from carteira.core.jobs.job import defer, job

# A worker tells it lives every 10 s; a job of one silent for this long is given to another.
SILENT_SECONDS = 30


@job(queue="clocks", retries=3)
def tick(clock: str) -> None:
    """Let one clock tick for one account."""
    from carteira.core.walls.scope import require_account_id

    account = apps.get_model(settings.ACCOUNT_MODEL)._default_manager.get(id=require_account_id())
    clocks.clock(clock).tick(account, dates.now())


def tick_account(account_id: UUID) -> None:
    for clock in clocks.all_clocks():
        defer(tick, account_id, lock=f"clock:{clock.name}", clock=clock.name)


@app.periodic(cron="2 * * * *")
@app.task(name="core.jobs.hour", queue="clocks", queueing_lock="core.jobs.hour", pass_context=False)
def hour(timestamp: int) -> None:
    """Every hour: one job per account and clock."""
    for account_id in apps.get_model(settings.ACCOUNT_MODEL)._default_manager.values_list("id", flat=True).iterator():
        tick_account(account_id)


@app.periodic(cron="* * * * *")
@app.task(name="core.jobs.rescue", queue="clocks", queueing_lock="core.jobs.rescue", pass_context=True)
async def rescue(context: JobContext, timestamp: int) -> None:
    """Every minute: jobs of workers that fell silent go back into the queue; jobs are written to bear that."""
    await rescue_stalled(context.app.job_manager)


async def rescue_stalled(job_manager: Any) -> int:
    stalled = list(await job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS))
    for stalled_job in stalled:
        await job_manager.retry_job(stalled_job)
    return len(stalled)
