"""Reactions: each sees each event, writes exactly once whatever breaks, and a bad one holds up nobody."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from carteira.core.counters import Counter, take_numbers
from carteira.core.events import drain as drain_module
from carteira.core.events import kinds
from carteira.core.events.drain import drain_batch, unpark, waiting_reactions
from carteira.core.events.jobs import drain
from carteira.core.events.models import Event, PendingEvent
from carteira.core.events.record import record, record_many
from carteira.core.events.record_selected import record_selected
from carteira.core.events.wake import drain_soon, sweep
from carteira.core.tests.accounts import new_account
from carteira.core.walls import scope
from conftest import NOW

PAID = kinds.register("test.paid", "{name} paid.")
SEEN = kinds.register("test.seen", "{name} was seen.")
QUIET = kinds.register("test.quiet", "Nobody reacts to this.")


@pytest.fixture
def react() -> Iterator[Callable[..., kinds.Reaction]]:
    registered = []

    def register(kind: str, run: Any) -> kinds.Reaction:
        registered.append(kinds.react(kind, run))
        return registered[-1]

    yield register
    for reaction in registered:
        kinds.forget_reaction(reaction)


@pytest.fixture
def account(db: None) -> Any:
    return new_account(slug="aurora", name="Escola Aurora")


def tell(account: Any, kind: str = PAID, count: int = 1, **what: Any) -> list[Event]:
    with scope(account.pk):
        return list(record_many(kind, [{"what": {"n": n, **what}} for n in range(count)], by=None, now=NOW))


def pending(account: Any) -> list[PendingEvent]:
    with scope(account.pk):
        return list(PendingEvent.objects.order_by("id"))


def counter(account: Any, name: str) -> int:
    with scope(account.pk):
        return Counter.objects.filter(name=name).values_list("value", flat=True).first() or 0


def waiting_drains(account: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE queueing_lock = %s", [f"events:{account.pk}"])
        return cursor.fetchone()[0]


def count_events(name: str) -> Callable[[Sequence[Event]], None]:
    def reaction(events: Sequence[Event]) -> None:
        take_numbers(name, len(events))

    reaction.__qualname__ = name
    return reaction


def test_each_reaction_sees_each_event_once_and_in_order(account: Any, react: Any) -> None:
    seen: list[tuple[str, int]] = []

    def first(events: Sequence[Event]) -> None:
        seen.extend(("first", event.what["n"]) for event in events)

    def second(events: Sequence[Event]) -> None:
        seen.extend(("second", event.what["n"]) for event in events)

    react(PAID, first)
    react(PAID, second)
    tell(account, count=3)
    drain(account.pk)
    drain(account.pk)
    assert sorted(seen) == [
        ("first", 0),
        ("first", 1),
        ("first", 2),
        ("second", 0),
        ("second", 1),
        ("second", 2),
    ]
    assert [n for who, n in seen if who == "first"] == [0, 1, 2]
    assert pending(account) == []


def test_a_batch_has_at_most_500_events_of_one_kind(account: Any, react: Any) -> None:
    sizes: list[tuple[set[str], int]] = []

    def note(events: Sequence[Event]) -> None:
        sizes.append(({event.kind for event in events}, len(events)))

    react(PAID, note)
    react(SEEN, note)
    tell(account, PAID, 600)
    tell(account, SEEN, 3)
    drain(account.pk)
    assert sizes == [({PAID}, 500), ({PAID}, 100), ({SEEN}, 3)]


def test_nothing_waits_for_kinds_without_reactions(account: Any) -> None:
    tell(account, QUIET)
    assert pending(account) == []


def test_an_unknown_kind_is_an_error(account: Any) -> None:
    with scope(account.pk), pytest.raises(kinds.UnknownKind, match=r"no\.such is not registered"):
        record("no.such", by=None, now=NOW)


def test_reactions_run_in_the_accounts_scope_only(account: Any, react: Any) -> None:
    other = new_account(slug="boreal", name="Escola Boreal")
    react(PAID, count_events("scoped"))
    tell(account, count=2)
    tell(other, count=5)
    drain(account.pk)
    assert (counter(account, "scoped"), counter(other, "scoped")) == (2, 0)
    assert len(pending(other)) == 5


class TestPoison:
    """A reaction that raises is tried again with growing pauses, then parked; nothing else waits for it."""

    def test_one_bad_event_does_not_hold_up_the_others(self, account: Any, react: Any) -> None:
        def picky(events: Sequence[Event]) -> None:
            take_numbers("picky", len(events))
            if any(event.what["n"] == 3 for event in events):
                raise ValueError("CPF 123.456.789-09 is bad")

        react(PAID, picky)
        react(SEEN, count_events("other"))
        events = tell(account, count=6)
        tell(account, SEEN)
        drain(account.pk)
        assert counter(account, "picky") == 5
        assert counter(account, "other") == 1
        (left,) = pending(account)
        assert (left.event_id, left.attempts, left.parked) == (events[3].pk, 2, False)
        assert left.error.startswith("ValueError at carteira/core/events/tests/test_drain.py")
        assert "123" not in left.error, "the error's own text may quote customers' data"

    def test_pauses_grow_until_it_is_parked(self, account: Any, react: Any) -> None:
        calls = []

        def poison(events: Sequence[Event]) -> None:
            calls.append(len(events))
            raise ValueError

        name = react(PAID, poison).name
        tell(account)
        now, pauses = NOW, []
        with scope(account.pk):
            while True:
                drain_batch(name, now)
                (left,) = PendingEvent.objects.all()
                if left.parked:
                    break
                assert drain_batch(name, left.retry_at - timedelta(seconds=1)) == 0
                pauses.append((left.retry_at - now).total_seconds())
                now = left.retry_at
            assert pauses == [60, 300, 1800, 7200, 21600]
            assert calls == [1] * 7
            assert waiting_reactions(now + timedelta(days=365)) == []
            assert unpark(now) == 1
            assert waiting_reactions(now) == [name]

    def test_a_lost_connection_is_nobodys_fault(self, account: Any, react: Any) -> None:
        def cut_off(events: Sequence[Event]) -> None:
            raise OperationalError("server closed the connection unexpectedly")

        react(PAID, cut_off)
        tell(account)
        with pytest.raises(OperationalError):
            drain(account.pk)
        (left,) = pending(account)
        assert (left.attempts, left.parked) == (0, False)


@contextmanager
def fails_at(n: int) -> Iterator[list[int]]:
    """The n-th statement finds the database gone."""
    count = [0]

    def wrapper(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        count[0] += 1
        if count[0] == n:
            raise OperationalError("the connection is lost")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield count


@pytest.mark.django_db(transaction=True)
def test_whatever_statement_fails_each_effect_happens_exactly_once(react: Any) -> None:
    """F1: the n-th-call loop, for every n until a run gets through."""
    account = new_account(slug="aurora", name="Escola Aurora")
    react(PAID, count_events("one"))
    react(PAID, count_events("two"))
    react(SEEN, count_events("three"))
    rounds, n = 0, 1
    while True:
        rounds += 1
        tell(account, PAID, 3)
        tell(account, SEEN, 2)
        with fails_at(n) as count:
            with suppress(OperationalError):
                drain(account.pk)
            reached = count[0] >= n
        drain(account.pk)
        assert [counter(account, name) for name in ("one", "two", "three")] == [
            3 * rounds,
            3 * rounds,
            2 * rounds,
        ]
        assert pending(account) == []
        if not reached:
            break
        n += 1
    assert n > 20


@pytest.mark.django_db(transaction=True)
def test_two_drains_at_once_share_the_work(react: Any, monkeypatch: Any) -> None:
    """F7: two workers, one effect."""
    account = new_account(slug="aurora", name="Escola Aurora")
    monkeypatch.setattr(drain_module, "BATCH", 10)
    both_hold_rows = threading.Barrier(2, timeout=10)
    first_call = threading.local()

    def slow(events: Sequence[Event]) -> None:
        if not hasattr(first_call, "over"):
            first_call.over = True
            both_hold_rows.wait()
        # Not a counter: its row would make the two wait for each other.
        record_many(QUIET, [{"what": {"of": event.what["n"]}} for event in events], by=None, now=NOW)

    react(PAID, slow)
    tell(account, count=40)
    errors: list[Exception] = []

    def work() -> None:
        try:
            drain(account.pk)
        except (OperationalError, ValueError, AssertionError) as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    with scope(account.pk):
        done = sorted(Event.objects.filter(kind=QUIET).values_list("what__of", flat=True))
    assert done == list(range(40))
    assert pending(account) == []


class TestWaking:
    """Whoever commits an event wakes the account's drain, once; the sweep does for those who died."""

    @pytest.fixture(autouse=True)
    def _reaction(self, react: Any) -> None:
        react(PAID, count_events("woken"))

    @pytest.mark.django_db(transaction=True)
    def test_one_job_after_the_commit_however_many_events(self) -> None:
        account = new_account(slug="aurora", name="Escola Aurora")
        with transaction.atomic():
            tell(account, count=3)
            with transaction.atomic():
                tell(account, count=3)
            assert waiting_drains(account) == 0
        assert waiting_drains(account) == 1
        tell(account)
        assert waiting_drains(account) == 1

    @pytest.mark.django_db(transaction=True)
    def test_none_when_it_is_rolled_back(self) -> None:
        account = new_account(slug="aurora", name="Escola Aurora")
        with transaction.atomic():
            tell(account)
            transaction.set_rollback(True)
        assert waiting_drains(account) == 0

    @pytest.mark.django_db(transaction=True)
    def test_transactions_of_one_account_do_not_wait_for_each_other(self) -> None:
        account = new_account(slug="aurora", name="Escola Aurora")
        done = threading.Event()

        def other() -> None:
            tell(account)
            connection.close()
            done.set()

        with transaction.atomic():
            tell(account)
            thread = threading.Thread(target=other)
            thread.start()
            assert done.wait(5), "a second transaction waits for the first one's commit"
        thread.join()

    def test_the_sweep_wakes_accounts_with_something_due(self, account: Any) -> None:
        idle = new_account(slug="idle", name="Idle")
        later = new_account(slug="later", name="Later")
        parked = new_account(slug="parked", name="Parked")
        for busy in (account, later, parked):
            tell(busy, count=2)
        with scope(later.pk):
            PendingEvent.objects.update(retry_at=NOW + timedelta(minutes=5))
        with scope(parked.pk):
            PendingEvent.objects.update(parked=True)
        assert sweep(NOW) == 1
        assert [waiting_drains(one) for one in (account, idle, later, parked)] == [1, 0, 0, 0]
        assert sweep(NOW) == 0, "one waits already"
        assert sweep(NOW + timedelta(minutes=5)) == 1

    def test_a_second_one_is_not_enqueued(self, account: Any) -> None:
        assert drain_soon(account.pk) is True
        assert drain_soon(account.pk) is False


def test_events_recorded_by_a_query_are_seen_too(account: Any, react: Any) -> None:
    react(PAID, count_events("bulk"))
    react(PAID, count_events("bulk two"))
    columns = "NULL::uuid AS customer_id, NULL::uuid AS subject_id, '{}'::jsonb AS what"
    sql = f"SELECT {columns} FROM generate_series(1, 7)"
    with scope(account.pk):
        assert record_selected(PAID, sql, {}, by=None, now=NOW) == 7
    drain(account.pk)
    assert (counter(account, "bulk"), counter(account, "bulk two")) == (7, 7)


def test_the_same_function_may_react_to_several_kinds_but_names_are_unique(react: Any) -> None:
    def own(events: Sequence[Event]) -> None:
        """Do one thing.

        And explain."""

    reaction = react(PAID, own)
    assert react(SEEN, own) is reaction
    assert reaction.does == "Do one thing."
    with pytest.raises(ValueError, match="twice"):
        kinds.react(SEEN, own)

    def impostor(events: Sequence[Event]) -> None: ...

    impostor.__qualname__ = own.__qualname__
    with pytest.raises(ValueError, match="Two reactions"):
        kinds.react(PAID, impostor)
