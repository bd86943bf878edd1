"""Around every job of a worker: an empty context, a plain word in the log when it fails, a way to stop it."""

import contextvars
import logging
import threading
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from carteira.core.jobs.job import ONCE
from carteira.core.jobs.retries import Interrupted

logger = logging.getLogger("carteira.jobs")

_PACKAGE = Path(__file__).resolve().parents[2]
_stopping = threading.Event()
_connections: dict[int, BaseDatabaseWrapper] = {}


def safe_point() -> None:
    """For long jobs, between transactions: raises Interrupted when the worker is going down."""
    if _stopping.is_set():
        raise Interrupted


def stop_at_safe_points() -> None:
    _stopping.set()


def database_processes() -> list[int]:
    """The database processes that serve the jobs running now."""
    opened = [wrapper.connection for wrapper in list(_connections.values())]
    return [found.info.backend_pid for found in opened if found is not None and not found.closed]


def around(call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
    """Worker-wide middleware of the jobs that run in threads: all but Procrastinate's own housekeeping."""
    job = context.job
    _connections[job.id] = connections[DEFAULT_DB_ALIAS]  # this thread's own, so that it can be cut off from outside
    try:
        if job.task_kwargs.get(ONCE):
            _drop_equal_ones(job)
        # An empty context: whatever an earlier job of this thread left behind (a scope, a language) is not
        # here.
        return contextvars.Context().run(call_next)
    finally:
        del _connections[job.id]
        if not worker.wait:
            connection.close()  # the thread ends with this turn of work


async def telling(call_next: Callable[[], Awaitable[Any]], context: Any, worker: Any) -> Any:
    """Worker-wide middleware of all jobs: one line in the log when one fails."""
    try:
        return await call_next()
    except Exception as error:
        _tell(
            context.job,
            error,
            will_retry=bool(context.task.get_retry_exception(exception=error, job=context.job)),
        )
        raise


# In a statement of its own, before the job's first look at the data: whatever the dropped ones were to see is
# committed, so this job sees it. Rows another worker is just fetching are left to it.
_DROP_EQUAL = """
DELETE FROM procrastinate_jobs WHERE id IN (
    SELECT id FROM procrastinate_jobs
    WHERE status = 'todo' AND task_name = %s AND args = (SELECT args FROM procrastinate_jobs WHERE id = %s)
    FOR UPDATE SKIP LOCKED
)
"""


def _drop_equal_ones(job: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_DROP_EQUAL, [job.task_name, job.id])


def _tell(job: Any, error: BaseException, *, will_retry: bool) -> None:
    level = logging.WARNING if will_retry else logging.ERROR
    logger.log(
        level,
        "Job %s %s of account %s %s (attempt %s): %s",
        job.id,
        job.task_name,
        job.task_kwargs.get("account_id", "-"),
        "was cut off or failed and will be tried again" if will_retry else "failed for good",
        job.attempts + 1,
        describe(error),
    )


def describe(error: BaseException) -> str:
    """What went wrong and where, without the error's own text: that may quote customers' data."""
    words = type(error).__name__
    cause = getattr(error, "__cause__", None)
    diagnosis = getattr(cause, "diag", None)
    if diagnosis is not None:
        facts = (
            ("state", diagnosis.sqlstate),
            ("table", diagnosis.table_name),
            ("rule", diagnosis.constraint_name),
        )
        words += "".join(f" {name} {value}" for name, value in facts if value)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(_PACKAGE) and path != Path(__file__):
            return f"{words} at {path.relative_to(_PACKAGE.parent)}:{frame.lineno} in {frame.name}"
    return words
