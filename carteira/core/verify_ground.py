"""What the ground floor itself verifies."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection

from carteira.core import dates
from carteira.core.counters import Counter
from carteira.core.database.guard import UnsafeAppRole, refuse_unsafe_app_role
from carteira.core.events.kinds import all_kinds, find_reaction
from carteira.core.events.models import Event, PendingEvent
from carteira.core.jobs.manager import SILENT_SECONDS
from carteira.core.registries import Verifier, verifiers
from carteira.core.verify import installation, numbers_used
from carteira.core.walls.inspect import holes

# A reaction that is due or a job that waits for so long has nobody who does it.
PATIENCE = timedelta(hours=1)


def kinds_are_known() -> Iterator[str]:
    known = {kind.name for kind in all_kinds()}
    for name in Event.objects.order_by("kind").values_list("kind", flat=True).distinct():
        if name not in known:
            yield f"Events of kind {name} are recorded, which no room registers."


def reactions_are_done() -> Iterator[str]:
    for row in PendingEvent.objects.select_related("event").order_by("id").iterator():
        about = f"{row.reaction} to event {row.event_id} ({row.event.kind})"
        if find_reaction(row.reaction) is None:
            yield f"Reaction {about} waits, but no room registers it."
        elif row.parked:
            yield (
                f"Reaction {about} failed {row.attempts} times and is parked: {row.error}. "
                "carteira events --retry tries it again."
            )
        elif (row.retry_at or row.event.at) < dates.now() - PATIENCE:
            yield f"Reaction {about} has been due for more than an hour: does a worker run?"


def counters_are_ahead() -> Iterator[str]:
    given = dict(Counter.objects.values_list("name", "value"))
    for name in numbers_used.names():
        highest = numbers_used.get(name)
        used = highest() if highest is not None else 0
        if used > given.get(name, 0):
            yield f"Counter {name} stands at {given.get(name, 0)}, but number {used} is in use."


def walls_stand() -> Iterator[str]:
    with connection.cursor() as cursor:
        try:
            refuse_unsafe_app_role(cursor)
        except UnsafeAppRole as error:
            yield str(error)
    yield from holes()


_JOBS = """
SELECT job.id, job.task_name, job.args->>'account_id', job.status::text
FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
WHERE job.status = 'failed'
    OR (job.status = 'doing' AND (worker.id IS NULL OR worker.last_heartbeat < now() - %(silent)s))
    OR (job.status = 'todo' AND coalesce(
        job.scheduled_at,
        (SELECT max(event.at) FROM procrastinate_events event WHERE event.job_id = job.id)
    ) < now() - %(patience)s)
ORDER BY job.id
"""


_STUCK = {
    "failed": "failed for good: carteira jobs --retry or --forget.",
    "doing": "is being done by a worker that is gone.",
    "todo": "has been due for more than an hour: does a worker run?",
}


def jobs_are_done() -> Iterator[str]:
    # The minutely rescue comes first.
    silent = timedelta(seconds=SILENT_SECONDS + 120)
    with connection.cursor() as cursor:
        cursor.execute(_JOBS, {"silent": silent, "patience": PATIENCE})
        for job_id, task, account, status in cursor.fetchall():
            whose = f" of account {account}" if account else ""
            yield f"Job {job_id} {task}{whose} {_STUCK[status]}"


verifiers.add("core.kinds", Verifier("events have a known kind", kinds_are_known), order=900)
verifiers.add("core.reactions", Verifier("reactions are done", reactions_are_done), order=901)
verifiers.add("core.counters", Verifier("counters are ahead of their numbers", counters_are_ahead), order=902)
installation.add("core.walls", Verifier("the walls stand", walls_stand))
installation.add("core.jobs", Verifier("jobs are done", jobs_are_done))
