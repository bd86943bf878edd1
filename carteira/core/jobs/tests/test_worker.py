"""Jobs as a worker does them: at least once and, for what they commit, at most once; cut off, given back, told."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

from carteira.core.counters import Counter, take_numbers
from carteira.core.jobs import alive, clocks, defer
from carteira.core.jobs.job import Job
from carteira.core.jobs.tasks import hour, tick_accounts
from carteira.core.jobs.tests import sample_jobs
from carteira.core.jobs.worker import _work, do_waiting_jobs
from carteira.core.tests.accounts import new_account
from carteira.core.walls import scope

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]


@pytest.fixture(autouse=True)
def _no_jobs_of_earlier_tests(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        for table in ("periodic_defers", "jobs", "workers"):
            cursor.execute(f"DELETE FROM procrastinate_{table}")


@pytest.fixture
def account() -> Any:
    return new_account(slug="aurora", name="Escola Aurora")


def counter(account: Any, name: str) -> int:
    with scope(account.pk):
        return Counter.objects.filter(name=name).values_list("value", flat=True).first() or 0


def jobs(job: Job) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status::text, attempts, scheduled_at FROM procrastinate_jobs WHERE task_name = %s ORDER BY id",
            [job.name],
        )
        return [dict(zip(("status", "attempts", "scheduled_at"), row, strict=True)) for row in cursor.fetchall()]


def statuses(job: Job) -> list[str]:
    return [found["status"] for found in jobs(job)]


def wait_until(true: Callable[[], Any], seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


class TestOneByOne:
    def test_a_job_runs_in_its_accounts_scope(self, account: Any) -> None:
        other = new_account(slug="boreal", name="Escola Boreal")
        defer(sample_jobs.count, account.pk, name="done")
        do_waiting_jobs()
        assert (counter(account, "done"), counter(other, "done")) == (1, 0)
        assert statuses(sample_jobs.count) == ["succeeded"]

    def test_it_exists_if_and_only_if_its_transaction_committed(self, account: Any) -> None:
        with transaction.atomic():
            defer(sample_jobs.count, account.pk, name="rolled back")
            transaction.set_rollback(True)
        assert jobs(sample_jobs.count) == []

    def test_a_job_of_a_deleted_account_ends_quietly(self, account: Any, caplog: Any) -> None:
        defer(sample_jobs.count, account.pk, name="done")
        with scope(account.pk):
            account.delete()
        do_waiting_jobs()
        assert statuses(sample_jobs.count) == ["succeeded"]
        assert caplog.text == ""

    def test_no_scope_reaches_the_next_job_of_the_thread(self, account: Any) -> None:
        for _round in range(3):
            defer(sample_jobs.careless, account.pk)
            defer(sample_jobs.look, account.pk)
        do_waiting_jobs()
        assert (counter(account, "looked"), counter(account, "scopes found open")) == (3, 0)

    def test_a_failing_job_is_told_without_personal_data_and_tried_again_later(self, account: Any, caplog: Any) -> None:
        defer(sample_jobs.broken, account.pk, name="half")
        with caplog.at_level(logging.INFO):
            pauses = []
            while statuses(sample_jobs.broken) != ["failed"]:
                with connection.cursor() as cursor:
                    cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
                    cursor.execute("SELECT clock_timestamp()")
                    (now,) = cursor.fetchone()
                do_waiting_jobs()
                (found,) = jobs(sample_jobs.broken)
                if found["status"] == "todo":
                    pauses.append(round((found["scheduled_at"] - now).total_seconds()))
        assert len(pauses) == 2
        assert pauses[0] == pytest.approx(3, abs=1)
        assert pauses[1] == pytest.approx(10, abs=1)
        assert counter(account, "half") == 0
        ours = [record for record in caplog.records if record.name == "carteira.jobs"]
        assert [record.levelname for record in ours] == ["WARNING", "WARNING", "ERROR"]
        assert f"core.jobs.tests.sample_jobs.broken of account {account.pk} failed for good" in ours[-1].getMessage()
        assert "sample_jobs.py" in ours[-1].getMessage()
        assert "123.456" not in caplog.text
        assert "maria@" not in caplog.text

    def test_of_equal_jobs_that_wait_the_first_does_the_work_of_all(self, account: Any) -> None:
        for _time in range(3):
            defer(sample_jobs.count, account.pk, once=True, name="same")
        defer(sample_jobs.count, account.pk, once=True, name="other")
        do_waiting_jobs()
        assert (counter(account, "same"), counter(account, "other")) == (1, 1)
        defer(sample_jobs.count, account.pk, once=True, name="same")
        do_waiting_jobs()
        assert counter(account, "same") == 2

    def test_enqueuing_the_same_once_does_not_wait_for_anothers_transaction(self, account: Any) -> None:
        from concurrent.futures import ThreadPoolExecutor

        def enqueue() -> None:
            defer(sample_jobs.count, account.pk, once=True, name="same")
            connection.close()

        with transaction.atomic(), ThreadPoolExecutor(1) as pool:
            defer(sample_jobs.count, account.pk, once=True, name="same")
            pool.submit(enqueue).result(timeout=5)
        do_waiting_jobs()
        assert counter(account, "same") == 1


class TestHousekeeping:
    def insert(self, **columns: Any) -> int:
        names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO procrastinate_jobs (queue_name, task_name, {names})"
                f" VALUES ('q', 'some', {marks}) RETURNING id",
                list(columns.values()),
            )
            return cursor.fetchone()[0]

    def status(self, job_id: int) -> str | None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s", [job_id])
            row = cursor.fetchone()
            return row and row[0]

    def sql(self, statement: str, *values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    def give_back(self) -> None:
        """What a worker does first. These jobs are of no known task: it is told to look elsewhere."""
        asyncio.run(_work(None, ["no such queue"], 1))

    def test_jobs_of_silent_workers_anywhere_are_given_back(self) -> None:
        self.sql("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '31 s'), (now())")
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM procrastinate_workers ORDER BY last_heartbeat")
            (silent,), (talking,) = cursor.fetchall()
        lost = self.insert(status="doing", worker_id=silent)
        running = self.insert(status="doing", worker_id=talking)
        forgotten = self.insert(status="doing", worker_id=None)
        self.give_back()
        assert [self.status(one) for one in (lost, running, forgotten)] == ["todo", "doing", "todo"]

    def test_one_whose_like_waits_already_gives_way_to_it(self) -> None:
        """A queueing lock allows one to wait: giving a second one back would fail, for all jobs at once."""
        doing = [self.insert(status="doing", queueing_lock="a") for _number in range(2)]
        waiting = self.insert(status="todo", queueing_lock="b")
        like = self.insert(status="doing", queueing_lock="b")
        self.give_back()
        assert [self.status(one) for one in (*doing, waiting, like)] == ["todo", "aborted", "todo", "aborted"]

    def test_one_that_kills_its_workers_is_parked_in_the_end(self) -> None:
        deadly = self.insert(status="doing")
        self.sql(
            "INSERT INTO procrastinate_events (job_id, type) SELECT %s, 'started' FROM generate_series(1, 50)",
            deadly,
        )
        self.give_back()
        assert self.status(deadly) == "failed"

    def test_jobs_that_ended_long_ago_are_forgotten(self) -> None:
        kept, gone = {}, {}
        for status, hours in (("succeeded", 3), ("failed", 24 * 30), ("aborted", 24 * 30)):
            for ids, age in ((kept, hours - 1), (gone, hours + 1)):
                ids[status] = self.insert(status=status)
                self.sql(
                    "INSERT INTO procrastinate_events (job_id, type, at)"
                    " VALUES (%s, 'deferred', now() - %s * interval '1 hour')",
                    ids[status],
                    age,
                )
        app.configure_task("core.jobs.prune").defer(timestamp=0)
        do_waiting_jobs()
        assert {name: self.status(one) for name, one in kept.items()} == {name: name for name in kept}
        assert [self.status(one) for one in gone.values()] == [None] * 3


class TestClocks:
    @pytest.fixture(autouse=True)
    def _clock(self) -> Iterator[None]:
        def tick(account: Any, now: datetime) -> None:
            take_numbers("ticks")

        clocks.register("test.clock", tick)
        yield
        del clocks._clocks["test.clock"]

    def test_every_hour_each_account_gets_each_tick(self, account: Any) -> None:
        other = new_account(slug="boreal", name="Escola Boreal")
        hour.func(timestamp=0)
        do_waiting_jobs()
        assert (counter(account, "ticks"), counter(other, "ticks")) == (1, 1)

    def test_a_tick_that_still_waits_is_not_enqueued_again(self, account: Any) -> None:
        enqueued = tick_accounts([account.pk])
        assert enqueued == len(clocks.all_clocks())
        assert tick_accounts([account.pk]) == 0
        do_waiting_jobs()
        assert counter(account, "ticks") == 1
        assert tick_accounts([account.pk]) == enqueued

    def test_a_clock_that_is_gone_does_not_tick(self, account: Any) -> None:
        from carteira.core.jobs.tasks import tick

        tick(account.pk, clock="gone")


class WorkerProcess:
    """A real worker on the test's database."""

    def __init__(self, grace: float = 5.0) -> None:
        name = connection.settings_dict["NAME"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "carteira.core.jobs.tests.worker_program", name, str(grace)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def end(self, number: signal.Signals) -> str:
        """Its output."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=20)[0]


@pytest.fixture
def start() -> Iterator[Callable[..., WorkerProcess]]:
    started: list[WorkerProcess] = []

    def begin(**options: Any) -> WorkerProcess:
        started.append(WorkerProcess(**options))
        return started[-1]

    yield begin
    for worker in started:
        if worker.process.poll() is None:
            worker.end(signal.SIGKILL)


class TestProcess:
    def test_a_killed_workers_job_is_done_by_the_next_one_at_once(self, account: Any, start: Any) -> None:
        """F1: kill -9 in the middle of a job; nothing half-written, done again, exactly once."""
        defer(sample_jobs.slow, account.pk, name="slow", seconds=2)
        first = start()
        wait_until(lambda: statuses(sample_jobs.slow) == ["doing"])
        first.end(signal.SIGKILL)
        assert counter(account, "slow") == 0
        begun = time.monotonic()
        second = start()
        wait_until(lambda: statuses(sample_jobs.slow) == ["succeeded"])
        assert time.monotonic() - begun < 12, "it waited for missed heartbeats"
        second.end(signal.SIGTERM)
        assert counter(account, "slow") == 1
        assert jobs(sample_jobs.slow)[0]["attempts"] == 1, "being cut off is no failure"
        assert list(alive.folder().glob("[0-9]*")) == []

    def test_stopping_finishes_what_ends_soon_and_gives_back_the_rest(self, account: Any, start: Any) -> None:
        defer(sample_jobs.in_steps, account.pk, name="steps", steps=1000)
        defer(sample_jobs.slow, account.pk, name="soon", seconds=1)
        worker = start(grace=5)
        wait_until(lambda: statuses(sample_jobs.slow) == ["doing"] and counter(account, "steps"))
        output = worker.end(signal.SIGTERM)
        assert worker.process.returncode == 0, output
        assert statuses(sample_jobs.slow) == ["succeeded"]
        assert statuses(sample_jobs.in_steps) == ["todo"]
        assert "Traceback" not in output

    def test_what_will_not_end_is_cut_off_and_given_back(self, account: Any, start: Any) -> None:
        defer(sample_jobs.slow, account.pk, name="slow", seconds=60)
        worker = start(grace=0.5)
        wait_until(lambda: statuses(sample_jobs.slow) == ["doing"])
        begun = time.monotonic()
        output = worker.end(signal.SIGTERM)
        assert time.monotonic() - begun < 8
        assert worker.process.returncode == 0, output
        assert statuses(sample_jobs.slow) == ["todo"]
        assert counter(account, "slow") == 0

    def test_what_does_not_even_notice_is_left_to_the_next_worker(self, account: Any, start: Any) -> None:
        defer(sample_jobs.deaf, account.pk, seconds=60)
        worker = start(grace=0.2)
        wait_until(lambda: statuses(sample_jobs.deaf) == ["doing"])
        output = worker.end(signal.SIGTERM)
        assert worker.process.returncode == 0, output
        assert statuses(sample_jobs.deaf) == ["doing"]
        start()
        wait_until(lambda: "deferred_for_retry" in events(sample_jobs.deaf))

    def test_the_worker_goes_on_when_the_database_has_been_away(self, account: Any, start: Any) -> None:
        """F2: all its connections end at once."""
        worker = start()
        defer(sample_jobs.slow, account.pk, name="slow", seconds=3)
        wait_until(lambda: statuses(sample_jobs.slow) == ["doing"])
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
            )
        wait_until(lambda: statuses(sample_jobs.slow) == ["succeeded"], 40)
        defer(sample_jobs.count, account.pk, name="after")
        wait_until(lambda: counter(account, "after") == 1)
        output = worker.end(signal.SIGTERM)
        assert counter(account, "slow") == 1
        assert "Traceback" not in output, output


def events(job: Job) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event.type::text FROM procrastinate_events event JOIN procrastinate_jobs job"
            " ON job.id = event.job_id WHERE job.task_name = %s ORDER BY event.id",
            [job.name],
        )
        return [name for (name,) in cursor.fetchall()]


def test_a_dead_process_is_known_by_its_lock(tmp_path: Any, settings: Any) -> None:
    settings.CARTEIRA_HOME = tmp_path
    alive.hold(7)
    with alive.dead_ones() as dead:
        assert dead == []
    pid = os.fork()
    if pid == 0:
        alive._held.clear()
        alive.hold(8)
        os._exit(0)
    os.waitpid(pid, 0)
    with alive.dead_ones() as dead:
        assert dead == [8]
    with alive.dead_ones() as dead:
        assert dead == [], "forgotten once its jobs were given back"
    alive.let_go(7)
