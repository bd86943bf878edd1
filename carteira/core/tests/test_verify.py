"""`carteira verify`: says what differs, with the offending ids, and ends with 1; silent and 0 when all is
well.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from procrastinate.contrib.django import app

from carteira.core import dates
from carteira.core.counters import take_numbers
from carteira.core.events import kinds
from carteira.core.events.models import Event, PendingEvent
from carteira.core.registries import Verifier, verifiers
from carteira.core.tests.accounts import new_account
from carteira.core.verify import numbers_used
from carteira.core.walls import scope
from carteira.core.walls.inspect import holes
from carteira.core.walls.roles import as_owner
from conftest import NOW

FACT = kinds.register("test.verified", "Something was verified.")

type Verify = Callable[..., tuple[int, str]]


@pytest.fixture
def account(db: None) -> Any:
    return new_account(slug="aurora", name="Escola Aurora")


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Verify:
    def run(*options: str) -> tuple[int, str]:
        try:
            call_command("verify", *options)
        except SystemExit as end:
            return int(str(end.code)), capsys.readouterr().out
        return 0, capsys.readouterr().out

    return run


@contextmanager
def registered(registry: Any, name: str, item: Any) -> Iterator[None]:
    registry.add(name, item)
    try:
        yield
    finally:
        registry.remove(name)


def test_all_is_well(account: Any, verify: Verify) -> None:
    assert verify() == (0, "Verified 1 accounts: all is well.\n")
    assert json.loads(verify("--json")[1]) == {"accounts": 1, "differences": []}


def test_differences_are_told_per_account_with_status_1(account: Any, verify: Verify) -> None:
    new_account(slug="boreal", name="Escola Boreal")
    with registered(verifiers, "test", Verifier("test", lambda: iter(["invoice 7 differs"]))):
        assert verify() == (1, "aurora: invoice 7 differs\nboreal: invoice 7 differs\n")
        assert verify("--account", "boreal") == (1, "boreal: invoice 7 differs\n")
        status, text = verify("--account", "boreal", "--json")
    assert status == 1
    assert json.loads(text.splitlines()[-1]) == {
        "accounts": 1,
        "differences": [{"account": "boreal", "check": "test", "what": "invoice 7 differs"}],
    }


@pytest.mark.django_db(transaction=True)
def test_each_account_is_looked_at_in_one_snapshot_and_nothing_is_written(verify: Verify) -> None:
    new_account(slug="aurora", name="Escola Aurora")

    def settings() -> Iterator[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')")
            yield str(cursor.fetchone())

    with registered(verifiers, "test", Verifier("test", settings)):
        assert "('repeatable read', 'on')" in verify()[1]


def test_a_counter_behind_its_numbers(account: Any, verify: Verify) -> None:
    """M7: a number would be given twice."""
    with scope(account.pk):
        take_numbers("test", 41)
    with registered(numbers_used, "test", lambda: 41):
        assert verify()[0] == 0
    with registered(numbers_used, "test", lambda: 42):
        assert verify() == (1, "aurora: Counter test stands at 41, but number 42 is in use.\n")


def test_reactions_that_are_parked_forgotten_or_late(account: Any, verify: Verify) -> None:
    reaction = kinds.react(FACT, lambda events: None)
    with scope(account.pk):
        fact = Event.objects.create(kind=FACT, at=dates.now())
        row = PendingEvent.objects.create(event=fact, reaction=reaction.name, attempts=7, parked=True, error="KeyError")
    status, text = verify()
    assert status == 1
    assert f"{reaction.name} to event {fact.pk} ({FACT}) failed 7 times and is parked: KeyError" in text
    with scope(account.pk):
        PendingEvent.objects.filter(pk=row.pk).update(parked=False, retry_at=dates.now() - timedelta(hours=2))
    assert "has been due for more than an hour" in verify()[1]
    with scope(account.pk):
        PendingEvent.objects.filter(pk=row.pk).update(retry_at=dates.now())
    assert verify()[0] == 0
    kinds.forget_reaction(reaction)
    assert "waits, but no room registers it" in verify()[1]


def test_events_of_a_kind_nobody_knows(account: Any, verify: Verify) -> None:
    with scope(account.pk):
        Event.objects.create(kind="gone.kind", at=NOW)
    assert verify() == (1, "aurora: Events of kind gone.kind are recorded, which no room registers.\n")


def test_jobs_that_are_stuck(account: Any, verify: Verify) -> None:
    def job(name: str, status: str, **columns: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status, scheduled_at, args)"
                " VALUES ('q', %s, %s, %s, %s) RETURNING id",
                [name, status, columns.get("scheduled_at"), json.dumps({"account_id": str(account.pk)})],
            )
            return cursor.fetchone()[0]

    lost, failed = job("lost", "doing"), job("failed", "failed")
    late = job("late", "todo", scheduled_at=dates.now() - timedelta(hours=2))
    job("soon", "todo", scheduled_at=dates.now() + timedelta(hours=2))
    job("just now", "todo")
    job("done", "succeeded")
    status, text = verify()
    assert status == 1
    assert text.splitlines() == [
        f"installation: Job {lost} lost of account {account.pk} is being done by a worker that is gone.",
        f"installation: Job {failed} failed of account {account.pk} failed for good: carteira jobs --retry or --forget.",
        f"installation: Job {late} late of account {account.pk} has been due for more than an hour: does a worker run?",
    ]
    call_command("jobs", "--retry", str(failed))
    call_command("jobs", "--forget", "all")
    assert app.job_manager.get_job_status(failed).value == "todo"


@pytest.mark.django_db(transaction=True)
class TestWalls:
    """T2: each part of the wall, taken away from the database itself, is missed by name."""

    @pytest.mark.parametrize(
        ("break_it", "mend_it", "told"),
        [
            (
                "ALTER TABLE core_event DISABLE ROW LEVEL SECURITY",
                "ALTER TABLE core_event ENABLE ROW LEVEL SECURITY",
                "Table core_event has no row security.",
            ),
            (
                "ALTER TABLE core_event NO FORCE ROW LEVEL SECURITY",
                "ALTER TABLE core_event FORCE ROW LEVEL SECURITY",
                "Table core_event does not force row security on its owner.",
            ),
            (
                "ALTER POLICY account_wall ON core_event RENAME TO other",
                "ALTER POLICY other ON core_event RENAME TO account_wall",
                "Table core_event has no policy account_wall on its account.",
            ),
            (
                "ALTER POLICY account_wall ON core_event USING (true)",
                "ALTER POLICY account_wall ON core_event USING "
                "(account_id = NULLIF(current_setting('carteira.account', true), '')::uuid)",
                "Table core_event has no policy account_wall on its account.",
            ),
            (
                "CREATE POLICY door ON core_event TO carteira_app USING (true)",
                "DROP POLICY door ON core_event",
                "Policy door opens table core_event to carteira_app.",
            ),
            (
                "CREATE POLICY door ON core_event USING (true)",
                "DROP POLICY door ON core_event",
                "Policy door opens table core_event to carteira_app.",
            ),
            (
                "ALTER POLICY owner_sees_all ON core_event RENAME TO other",
                "ALTER POLICY other ON core_event RENAME TO owner_sees_all",
                "Table core_event has no policy owner_sees_all for its owner.",
            ),
            (
                "CREATE INDEX stray ON core_event (kind)",
                "DROP INDEX stray",
                "Index stray of table core_event does not begin with its account.",
            ),
            (
                "CREATE TABLE stray (account_id uuid, name text)",
                "DROP TABLE stray",
                "Table stray has account data, but no room knows it.",
            ),
            (
                "ALTER TABLE core_pendingevent ADD CONSTRAINT stray FOREIGN KEY (event_id, account_id)"
                " REFERENCES core_event (id, account_id)",
                "ALTER TABLE core_pendingevent DROP CONSTRAINT stray",
                "Foreign key stray of table core_pendingevent could point into another account.",
            ),
        ],
    )
    def test_a_hole_is_named(self, break_it: str, mend_it: str, told: str) -> None:
        reference = "ALTER TABLE core_event {} CONSTRAINT backwards {}"
        with as_owner(connection), connection.cursor() as cursor:
            if "REFERENCES" in break_it:
                cursor.execute(reference.format("ADD", "UNIQUE (id, account_id)"))
            cursor.execute(break_it)
        try:
            found = list(holes())
        finally:
            with as_owner(connection), connection.cursor() as cursor:
                cursor.execute(mend_it)
                if "REFERENCES" in break_it:
                    cursor.execute(reference.format("DROP", ""))
        assert told in found
        assert list(holes()) == []
