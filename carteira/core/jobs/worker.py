"""One worker process: takes jobs until it is told to stop, outlives the database going away for a while."""

import asyncio
import contextlib
import logging
import os
import random
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from asgiref.sync import sync_to_async
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections
from procrastinate.contrib.django import app, connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.periodic import PeriodicRegistry
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker

from carteira.core.database.urls import django_settings
from carteira.core.jobs import running
from carteira.core.jobs.manager import CarteiraJobManager

logger = logging.getLogger("carteira.jobs")

GRACE = 25.0  # seconds a stopping worker leaves its jobs to end by themselves
_POLL = 2.0  # seconds; new jobs are announced, but nobody announces that a postponed one is due
_CUT_OFF_PATIENCE = 3.0
_LONGEST_PAUSE = 10.0
_QUIETED = threading.Event()
# A worker that starts after a silence lets the clocks tick at once, if their last hour was missed.
_CATCH_UP = 3700


def run_worker(*, queues: Sequence[str] | None = None, concurrency: int = 2, grace: float = GRACE) -> None:
    """Work until SIGTERM or SIGINT. Then running jobs have `grace` seconds to end; those that do not are cut
    off, their transactions rolled back, and given back to the queue. A second signal cuts them off at once.
    """
    connections.close_all()
    connections.settings[DEFAULT_DB_ALIAS].update(django_settings("worker"))
    _quiet_procrastinate()
    stop = _Stop(grace)
    pause = 0.25
    while not stop.asked:
        started = time.monotonic()
        reason = "it ended by itself"
        try:
            asyncio.run(_work(stop, queues, concurrency))
        except asyncio.CancelledError:
            return  # asked to stop before it had begun
        except (ConnectorException, psycopg.Error, OSError) as error:
            reason = running.describe(error.__cause__ or error)
        finally:
            stop.no_work()
        if stop.asked:
            return
        pause = 0.25 if time.monotonic() - started > 60 else min(pause * 2, _LONGEST_PAUSE)
        logger.warning("The worker lost the database (%s); trying again", reason)
        # Not all workers of an installation at the same moment.
        stop.event.wait(pause * random.uniform(0.8, 1.2))


def do_waiting_jobs() -> None:
    """Do what waits now, clocks left aside, and return: for tests, and for a turn of work in a command."""
    _quiet_procrastinate()
    asyncio.run(_work(None, None, 1))


async def _work(stop: "_Stop | None", queues: Sequence[str] | None, concurrency: int) -> None:
    """One life of a worker: until `stop`, or without it until nothing waits any more."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_tell_lost_task)
    if stop is not None:
        stop.before_work(asyncio.current_task(), loop)
    # The pool below would try in silence for half a minute.
    await (await psycopg.AsyncConnection.connect(**connector_params(), connect_timeout=5)).close()
    # Procrastinate's clock defers through Django's connection of this one thread, which may be a dead one.
    await sync_to_async(close_old_connections)()
    # One connection to fetch and finish jobs, one that listens; each job's thread has its own.
    connector = PsycopgConnector(kwargs=connector_params(), min_size=1, max_size=2, timeout=10)
    # Jobs deferred by jobs go through `app` and Django's connection all the same: in the job's own
    # transaction.
    working = app.with_connector(connector)
    if stop is None:
        working.periodic_registry = PeriodicRegistry()
    working.periodic_defaults = {"max_delay": _CATCH_UP}
    working.job_manager = manager = CarteiraJobManager(connector)
    async with working.open_async():
        options: Any = {**working.worker_defaults}
        options["task_middleware"] = [*options.get("task_middleware", ()), running.around]
        options["worker_middleware"] = [running.telling]
        worker = Worker(
            app=working,
            queues=queues,
            concurrency=concurrency,
            wait=stop is not None,
            install_signal_handlers=False,
            fetch_job_polling_interval=_POLL,
            **options,
        )
        with stop.watching(worker, manager) if stop is not None else contextlib.nullcontext():
            await worker.run()


class _Stop:
    """The way from a signal to the end of the worker."""

    def __init__(self, grace: float) -> None:
        self.grace = grace
        self.event = threading.Event()
        self._end: Any = None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._on_signal())

    @property
    def asked(self) -> bool:
        return self.event.is_set()

    def before_work(self, task: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._end = lambda: loop.call_soon_threadsafe(task.cancel)

    @contextlib.contextmanager
    def watching(self, worker: Worker, manager: CarteiraJobManager) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        tasks: set[Any] = set()

        def begin() -> None:
            worker.stop()
            running.stop_at_safe_points()
            loop.call_later(self.grace, cut_off)

        def cut_off() -> None:
            tasks.add(asyncio.ensure_future(_cut_off(manager)))

        calls = [begin, cut_off]
        self._end = lambda: loop.call_soon_threadsafe(calls.pop(0)) if calls else None
        if self.asked:
            loop.call_soon(begin)  # once the worker runs: it forgets what it was told before
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()

    def no_work(self) -> None:
        self._end = None

    def _on_signal(self) -> None:
        self.event.set()
        if self._end is not None:
            self._end()


async def _cut_off(manager: CarteiraJobManager) -> None:
    """End the jobs that are still running: roll back what they have not committed, so that another worker
    may begin them anew; their own threads then fail and Procrastinate gives them back. What does not even
    notice is left behind.
    """
    with contextlib.suppress(ConnectorException):
        await manager.connector.execute_query_all_async(
            "SELECT pg_terminate_backend(pid) FROM unnest(%(pids)s::int[]) AS pid",
            pids=running.database_processes(),
        )
    await asyncio.sleep(_CUT_OFF_PATIENCE)
    logger.warning("Jobs that would not end are left to the next worker")
    logging.shutdown()
    # A thread cannot be ended. The next worker sees that this process is gone, and takes its jobs.
    os._exit(0)


def _tell_lost_task(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Silent about a job whose end could not be written down for want of a database: it is done again."""
    if not isinstance(context.get("exception"), ConnectorException):
        loop.default_exception_handler(context)


def _quiet_procrastinate() -> None:
    """Its lines about failures quote errors, which may quote customers' data; running.py tells instead."""
    if _QUIETED.is_set():
        return
    _QUIETED.set()
    told = {"job_error", "job_error_retry", "job_aborted", "side_task_failed", "poll_jobs_to_abort_error"}

    def pass_on(record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = None
        return getattr(record, "action", "") not in told and " error: " not in record.getMessage()

    for name in ("procrastinate.worker", "procrastinate.worker.worker", "procrastinate.utils"):
        logging.getLogger(name).addFilter(pass_on)
    # One line for each try to connect; that the database is lost is told once.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
