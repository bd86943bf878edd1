"""Imports cut off at any statement, and two at once: everything or nothing, and nothing twice (M14, F1, F7)."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection

from carteira.accounts.models import Account
from carteira.billing.models import Invoice, Payment
from carteira.core.database.statistics import renew_statistics
from carteira.core.events.models import Event
from carteira.core.files.models import StoredFile
from carteira.core.jobs import running
from carteira.core.jobs.retries import Interrupted
from carteira.core.sheets import engine
from carteira.core.sheets.models import SheetImport
from carteira.core.sheets.staging import copy_in, execute
from carteira.core.walls import scope
from carteira.customers import facts
from carteira.customers.models import Customer
from carteira.customers.register import register
from conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)

MAPPINGS = {
    "customers": {"code": "code", "name": "name", "email": "email"},
    "payments": {"code": "code", "on": "paid_on", "amount": "amount"},
    "invoices": {"code": "code", "number": "number", "amount": "amount", "due": "due_on", "paid": "paid_on"},
}
SHEETS = {
    "customers": "code,name,email\n1,Ana,\n2,Bia,b@x.br\n3,Carla,nope\n2,Bia,b@x.br\n",
    "payments": "code,on,amount\n1,2026-01-05,5\n1,2026-01-05,5\n9,2026-01-05,5\n2,2026-01-06,7\n",
    "invoices": "code,number,amount,due,paid\n1,A1,5,2026-12-01,\n2,A2,6,2026-01-09,2026-01-09\n9,A3,5,2026-12-01,\n",
}


def account(slug: str) -> Account:
    made = Account.objects.create(slug=slug, name="Escola Aurora")
    with scope(made.pk):
        for code in ("1", "2"):
            register(made, by=None, now=NOW, name=f"Customer {code}", code=code, registered_on=date(2026, 1, 1))
    return made


def started(account: Account, kind: str) -> SheetImport:
    with scope(account.pk):
        return SheetImport.objects.create(
            kind=kind, file_name="x.csv", mapping=MAPPINGS[kind], key="code", language="en", created_at=NOW
        )


def state(account: Account) -> dict[str, Any]:
    """Everything an import writes, without ids."""
    with scope(account.pk):
        return {
            "customers": sorted(Customer.objects.values_list("number", "code", "name", "email", "last_paid_on")),
            "invoices": sorted(Invoice.objects.values_list("number", "amount", "due_on", "paid_amount")),
            "payments": sorted(Payment.objects.values_list("customer__code", "paid_on", "amount")),
            "events": sorted(Event.objects.values_list("kind", flat=True)),
            "files": StoredFile.objects.count(),
        }


@contextmanager
def cut_at(n: int) -> Iterator[None]:
    """At the n-th statement the database is gone; n = 0 never."""
    count = 0

    def cut(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal count
        count += 1
        if count == n:
            raise OperationalError("the connection is lost")
        return execute(*arguments)

    with connection.execute_wrapper(cut):
        yield


@pytest.mark.parametrize("kind", sorted(SHEETS))
def test_cut_off_at_any_statement_it_is_all_or_nothing(kind, importer, monkeypatch):
    """The n-th-call loop: what a cut-off import leaves is what was there, or what the whole import writes."""
    monkeypatch.setattr(engine, "_worth_another_try", lambda error: False)
    path = importer.file(SHEETS[kind])
    once, often = account("once"), account("often")
    before, n = state(often), 0
    record = started(once, kind)
    engine.run(once, record.pk, path, by=None, now=NOW)
    whole = state(once)
    assert whole != before
    order = list(range(1, 200))
    random.Random(f"1988 {kind}").shuffle(order)
    record, finished = started(often, kind), 0
    for n in order[:60]:
        try:
            with cut_at(n):
                engine.run(often, record.pk, path, by=None, now=NOW)
            finished += 1
            assert state(often) == whole, f"finished, but cut at {n}"
        except OperationalError:
            assert state(often) in (before, whole), f"half-written when cut at {n}"
    assert finished
    engine.run(often, record.pk, path, by=None, now=NOW)
    assert state(often) == whole


def test_two_imports_of_one_file_at_once(importer):
    """F7: they read side by side and write one after the other; the second finds everything there."""
    aurora = account("aurora")
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(200)]
    path = importer.file("code,on,amount\n" + "".join(f"{n % 2 + 1},{day},5\n" for n, day in enumerate(days)))
    records = [started(aurora, "payments") for _time in range(3)]
    barrier, done = Barrier(3), []

    def work(record: SheetImport) -> None:
        try:
            barrier.wait()
            done.append(engine.run(aurora, record.pk, path, by=None, now=NOW))
        finally:
            connection.close()

    threads = [Thread(target=work, args=[record]) for record in records]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(record.created for record in done) == [0, 0, 200]
    assert len({record.applied_at for record in done}) == 3, "each names its own rows"
    with scope(aurora.pk):
        assert Payment.objects.count() == 200
        cached = sorted(Customer.objects.values_list("first_paid_on", "last_paid_on"))
        facts.refresh()
        assert sorted(Customer.objects.values_list("first_paid_on", "last_paid_on")) == cached


def test_one_import_given_to_two_workers_is_done_once(importer):
    aurora = account("aurora")
    path = importer.file(SHEETS["payments"])
    record = started(aurora, "payments")
    barrier, done = Barrier(2), []

    def work() -> None:
        try:
            barrier.wait()
            done.append(engine.run(aurora, record.pk, path, by=None, now=NOW))
        finally:
            connection.close()

    threads = [Thread(target=work) for _time in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [found.created for found in done] == [3, 3], "the second finds the first one's report"
    with scope(aurora.pk):
        assert (Payment.objects.count(), SheetImport.objects.count()) == (3, 1)


def test_a_code_taken_meanwhile_is_looked_at_again(importer, monkeypatch):
    """Somebody registers a customer with the file's code between matching and writing: it is tried anew."""
    from carteira.customers.sheets import writing

    aurora, taken = account("aurora"), []
    insert = writing._insert

    def slow_insert(reading: Any) -> None:
        if not taken:
            taken.append(True)

            def somebody() -> None:
                with scope(aurora.pk):
                    register(aurora, by=None, now=NOW, name="Quick", code="3")
                connection.close()

            thread = Thread(target=somebody)
            thread.start()
            thread.join(30)
        insert(reading)

    monkeypatch.setattr(writing, "_insert", slow_insert)
    record = started(aurora, "customers")
    done = engine.run(aurora, record.pk, importer.file("code,name,email\n3,Slow,\n4,New,\n"), by=None, now=NOW)
    assert (done.created, done.updated) == (1, 1)
    with scope(aurora.pk):
        assert sorted(Customer.objects.values_list("code", "name"))[2:] == [("3", "Slow"), ("4", "New")]


def test_statistics_follow_and_never_hold_an_import_up(importer, monkeypatch):
    """A table that grew is analyzed at once; where somebody else is at it, the import is done all the same."""
    monkeypatch.setattr(engine, "ENOUGH", 1)
    aurora, held, let_go = account("aurora"), Barrier(2), Barrier(2)

    def somebody() -> None:
        with scope(aurora.pk), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE billing_invoice IN SHARE UPDATE EXCLUSIVE MODE")
            held.wait(30)
            let_go.wait(30)
        connection.close()

    thread = Thread(target=somebody)
    thread.start()
    held.wait(30)
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(300)]
    path = importer.file("code,on,amount\n" + "".join(f"1,{day},5\n" for day in days))
    record = started(aurora, "payments")
    assert engine.run(aurora, record.pk, path, by=None, now=NOW).created == 300
    let_go.wait(30)
    thread.join(30)
    tables = ["billing_payment", "billing_invoice"]
    # The database's own cleaner may hold a table just then, and is not waited for either.
    for _attempt in range(100):
        renew_statistics(tables)
        with connection.cursor() as cursor:
            cursor.execute("SELECT min(reltuples) FROM pg_class WHERE relname = ANY(%s)", [tables])
            if (known := cursor.fetchone()[0]) > 0:
                break
        time.sleep(0.1)
    assert known > 0


def test_only_tables_of_ours_are_analyzed():
    """The function that the owner lends takes no other table, whatever it is asked for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT core_analyze(array['pg_catalog.pg_class']::regclass[])")
        cursor.execute("SELECT has_function_privilege('public', 'core_analyze(regclass[])', 'EXECUTE')")
        assert cursor.fetchone() == (False,)


def test_a_connection_lost_while_rows_are_copied_is_told_as_such():
    """COPY speaks to the driver itself: its errors must be those that make a job try again."""
    execute("CREATE TEMPORARY TABLE lost (line integer)")

    def rows() -> Iterator[tuple[int]]:
        yield (1,)
        connection.connection.pgconn.finish()
        yield (2,)

    with pytest.raises((OperationalError, InterfaceError)):
        copy_in("lost", ["line"], rows())
    connection.close()


def test_a_worker_that_goes_down_stops_at_a_safe_point(importer, monkeypatch):
    aurora = account("aurora")
    record, path = started(aurora, "payments"), importer.file(SHEETS["payments"])
    running.stop_at_safe_points()
    try:
        with pytest.raises(Interrupted):
            engine.run(aurora, record.pk, path, by=None, now=NOW)
    finally:
        running._stopping.clear()
    assert engine.run(aurora, record.pk, path, by=None, now=NOW).created == 3
