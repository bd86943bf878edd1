"""Procrastinate's way to the jobs' table, and what it leaves open: workers that died, locks in the way."""

import logging
from typing import Any

from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from carteira.core.jobs import alive
from carteira.core.jobs.retries import MOST_INTERRUPTIONS

logger = logging.getLogger("carteira.jobs")

# A worker tells it lives every 10 s; the jobs of one silent for this long, on whatever machine, are given to
# another.
SILENT_SECONDS = 30

# `attempts` counts failures; how often a job was cut off is what its events say beyond them. A job that
# waits under the same queueing lock will do this one's work, and the lock's index allows only one to wait.
_GIVE_BACK = """
WITH orphans AS (
    SELECT job.id, job.queueing_lock,
        row_number() OVER (PARTITION BY job.queueing_lock ORDER BY job.id) AS nth,
        (
            SELECT count(*) FROM procrastinate_events event
            WHERE event.job_id = job.id AND event.type = 'started'
        ) AS starts
    FROM procrastinate_jobs job
    WHERE job.status = 'doing' AND (
        job.worker_id IS NULL OR job.worker_id = ANY(%(dead)s) OR job.worker_id IN (
            SELECT id FROM procrastinate_workers
            WHERE last_heartbeat < now() - %(silent)s * interval '1 second'
        )
    )
)
UPDATE procrastinate_jobs job SET
    status = CASE
        WHEN orphans.starts >= %(most)s THEN 'failed'
        WHEN orphans.queueing_lock IS NOT NULL AND (orphans.nth > 1 OR EXISTS (
            SELECT FROM procrastinate_jobs waiting
            WHERE waiting.status = 'todo' AND waiting.queueing_lock = orphans.queueing_lock
        )) THEN 'aborted'
        WHEN job.abort_requested THEN 'aborted'
        ELSE 'todo' END::procrastinate_job_status,
    abort_requested = false, scheduled_at = NULL, worker_id = NULL
FROM orphans WHERE job.id = orphans.id AND job.status = 'doing'
RETURNING job.id, job.task_name, job.status::text AS status
"""
_FORGET = """
DELETE FROM procrastinate_workers
WHERE id = ANY(%(dead)s) OR last_heartbeat < now() - %(silent)s * interval '1 second'
"""


class CarteiraJobManager(JobManager):
    """Marks its worker as alive here, gives dead ones' jobs back at once, never trips over a lock."""

    async def register_worker(self) -> int:
        worker_id = await super().register_worker()
        alive.hold(worker_id)
        await self.give_back()
        return worker_id

    async def unregister_worker(self, worker_id: int) -> None:
        await super().unregister_worker(worker_id)
        alive.let_go(worker_id)

    async def give_back(self) -> int:
        """Put the jobs of workers that are gone back into the queue; how many there were."""
        with alive.dead_ones() as dead:
            arguments: dict[str, Any] = {"dead": dead, "silent": SILENT_SECONDS}
            rows = await self.connector.execute_query_all_async(_GIVE_BACK, most=MOST_INTERRUPTIONS, **arguments)
            await self.connector.execute_query_async(_FORGET, **arguments)
        for row in rows:
            logger.warning("Job %s %s was cut off; it is %s now", row["id"], row["task_name"], row["status"])
        return len(rows)

    async def retry_job(self, job: Any, *args: Any, **options: Any) -> None:
        try:
            await super().retry_job(job, *args, **options)
        except UniqueViolation:
            # Another one waits under the same queueing lock: it will do the work.
            await self.finish_job(job, status=Status.ABORTED, delete_job=False)
