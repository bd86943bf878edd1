"""Several at once at the same customers, groups and names: nobody waits for whom waits for them, nothing is half, and a
second click is answered."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, current_thread
from threading import Event as Signal
from typing import Any

import pytest
from django.db import connection

from carteira.billing.pay import record_payment
from carteira.core.events.models import Event
from carteira.core.jobs.retries import is_interruption
from carteira.core.verify import verify_account
from carteira.core.walls import scope
from carteira.customers.anonymise import anonymise
from carteira.customers.archive import CannotArchive, CannotUnarchive, archive, unarchive
from carteira.customers.delete import CannotDelete, delete
from carteira.customers.edit import edit
from carteira.customers.fields import values
from carteira.customers.fields.convert import change_kind
from carteira.customers.fields.define import add_field
from carteira.customers.fields.fill import fill
from carteira.customers.fields.models import Field
from carteira.customers.merge.merge import CannotMerge, merge
from carteira.customers.merge.models import CustomerMerge
from carteira.customers.merge.unmerge import CannotUnmerge, unmerge
from carteira.customers.models import Customer
from carteira.customers.parts import PARTS, add
from carteira.customers.register import register
from carteira.customers.saved.models import SavedView
from carteira.customers.saved.save import save_view
from carteira.groups import lock as groups_lock
from carteira.groups.belong import add_many, remove_many
from carteira.groups.change import change_rule
from carteira.groups.make import make_group
from carteira.groups.models import Group, Member
from carteira.groups.refresh import days_passed
from conftest import NOW, TODAY, Cast, make_cast

pytestmark = pytest.mark.django_db(transaction=True)

LIVING = {"all": [{"field": "state", "is": "is", "value": ["active", "lead"]}]}
TOLD = {"by": None, "now": NOW}


def at_once(account: Any, *acts: Callable[[], Any]) -> list[Any]:
    """Each in a thread and a transaction of its own; what they gave, or raised."""
    ready = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            ready.wait(20)
            with scope(account.pk):
                return act()
        except Exception as error:  # noqa: BLE001 - the tests look at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> tuple[Signal, Signal, list[Any]]:
    """Whoever is named in the list waits before it asks for the groups' lock, with all the locks it has by then."""
    there, go, whom = Signal(), Signal(), []
    really = groups_lock.lock

    def slowly(name: str, *, shared: bool = False) -> None:
        if current_thread() in whom:
            there.set()
            go.wait(20)
        really(name, shared=shared)

    monkeypatch.setattr(groups_lock, "lock", slowly)
    return there, go, whom


ACTS: dict[str, Callable[[list[Customer]], Any]] = {
    "edit": lambda some: edit(some[0], city="Natal", **TOLD),
    "note": lambda some: add(PARTS["notes"], some[0], text="x", **TOLD),
    "pay": lambda some: record_payment(some[0], amount=1, paid_on=TODAY, method="pix", **TOLD),
    "archive": lambda some: archive(some[0], **TOLD),
    "anonymise": lambda some: anonymise(some[0], **TOLD),
    "delete": lambda some: delete(some[0], **TOLD),
    "merge": lambda some: merge(some[0], some[1], **TOLD),
    "unmerge": lambda some: unmerge(CustomerMerge.objects.get(undone_at=None), **TOLD),
    "own field": lambda some: say(Field.objects.get(), some[0], "Azul"),
}


def say(field: Field, customer: Customer, typed: str) -> None:
    reading = values.Reading(customer.account, NOW)
    fill(customer, field, values.clean(field, typed, reading), reading=reading, **TOLD)


@pytest.mark.parametrize("what", ACTS)
def test_a_new_rule_and_whoever_changes_a_customer_never_wait_for_each_other(
    make_customer: Any, paused: Any, what: str
) -> None:
    """The one holds a customer and wants the groups, the other holds the groups and names the customer: PostgreSQL would
    have ended one of them after a second, with an error page or a job that failed."""
    cast, (there, go, whom) = make_cast(), paused
    some = [make_customer(cast.aurora, f"Cliente {nth}", registered_on=TODAY) for nth in range(3)]
    with scope(cast.aurora.pk):
        make_group(cast.aurora, name="First", rule=LIVING, **TOLD)
        add_field(label="Cor", kind="text", **TOLD)
        if what == "unmerge":
            merge(some[0], some[1], **TOLD)

    def change() -> None:
        whom.append(current_thread())
        ACTS[what](some)

    def group() -> None:
        assert there.wait(20)
        make_group(cast.aurora, name="Second", rule=LIVING, **TOLD)
        go.set()

    assert [type(one) for one in at_once(cast.aurora, change, group)] == [type(None)] * 2
    assert list(verify_account(cast.aurora)) == []


def test_the_type_of_a_field_and_who_fills_it_in(make_customer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both want the field and its customers: in one order, so that one waits and the other goes first."""
    cast = make_cast()
    some = [make_customer(cast.aurora, f"Cliente {nth}") for nth in range(6)]
    with scope(cast.aurora.pk):
        field = add_field(label="Nota", kind="text", **TOLD)
        for customer in some:
            say(field, customer, "1")

    def convert(kind: str) -> Any:
        return change_kind(Field.objects.get(), kind, account=cast.aurora, **TOLD)

    for round in range(6):
        kind = "number" if round % 2 == 0 else "text"
        acts = [lambda one=one, round=round: say(Field.objects.get(), one, str(round)) for one in some]
        answers = at_once(cast.aurora, *acts, lambda kind=kind: convert(kind))
        told = {type(one).__name__ for one in answers if isinstance(one, Exception)}
        assert told <= {"CannotEdit", "CannotDefine"}
    with scope(cast.aurora.pk):
        assert Field.objects.get().values.count() == 6
    assert list(verify_account(cast.aurora)) == []


def test_anything_at_once_ends_and_adds_up(make_customer: Any) -> None:
    """N3, N8: merges, undos, payments, pins, rules, the clock and deletions, six at a time at the same few customers:
    whoever is refused hears why, nobody is cut off by the database, and everything adds up."""
    cast, dice = make_cast(), random.Random(1988)
    for nth in range(6):
        make_customer(cast.aurora, f"Cliente {nth}", registered_on=TODAY)
    with scope(cast.aurora.pk):
        first = make_group(cast.aurora, name="First", rule=LIVING, **TOLD)
        hand = make_group(cast.aurora, name="Hand", **TOLD)
        asks = {"field": "group", "is": "in", "value": [str(hand.pk)]}
        make_group(cast.aurora, name="Leaning", rule=asks, **TOLD)

    def one() -> Customer:
        return dice.choice(list(Customer.objects.all()))

    def pick() -> Callable[[], Any]:
        rule = {"field": "state", "is": "is", "value": [dice.choice(["lead", "active"])]}
        return dice.choice(
            [
                lambda: merge(one(), one(), **TOLD),
                lambda: merge(one(), one(), **TOLD),
                lambda: unmerge(dice.choice(list(CustomerMerge.objects.filter(undone_at=None))), **TOLD),
                lambda: record_payment(one(), amount=1, paid_on=TODAY, method="pix", **TOLD),
                lambda: add_many(hand, [one().pk, one().pk], **TOLD),
                lambda: remove_many(hand, [one().pk], **TOLD),
                lambda: change_rule(first, cast.aurora, rule=rule, **TOLD),
                lambda: archive(one(), **TOLD),
                lambda: unarchive(one(), **TOLD),
                lambda: edit(one(), city=dice.choice(["Natal", "Recife"]), **TOLD),
                lambda: days_passed(cast.aurora, NOW),
                lambda: register(cast.aurora, name="Rosa Lima", registered_on=TODAY, **TOLD),
                lambda: delete(one(), **TOLD),
            ]
        )

    refusals = (
        CannotMerge,
        CannotUnmerge,
        CannotArchive,
        CannotUnarchive,
        CannotDelete,
        Customer.DoesNotExist,
        IndexError,
    )
    for _round in range(12):
        answers = at_once(cast.aurora, *(pick() for _nth in range(6)))
        assert [one for one in answers if isinstance(one, Exception) and not isinstance(one, refusals)] == []
    assert [one.what for one in verify_account(cast.aurora)] == []


# -- the same click twice


def posted(cast: Cast, times: int, *asked: tuple[str, dict[str, Any]]) -> list[int]:
    """The statuses of several browsers of one person, all at once."""
    clients = [(cast.client(cast.ana), path, data) for path, data in asked for _nth in range(times)]
    ready = Barrier(len(clients))

    def send(given: Any) -> int:
        client, path, data = given
        client.raise_request_exception = False
        try:
            ready.wait(20)
            return int(client.post(f"/aurora/{path}", data).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as pool:
        return sorted(pool.map(send, clients))


def test_a_list_saved_by_two_clicks_is_two_lists() -> None:
    cast = make_cast()
    assert posted(cast, 5, ("customers/views/", {"back": "city=Natal"})) == [302] * 5
    with scope(cast.aurora.pk):
        assert len(set(SavedView.objects.values_list("name_sort", flat=True))) == 5


def test_two_clicks_on_delete_or_share_are_one() -> None:
    cast = make_cast()
    with scope(cast.aurora.pk):
        views = [save_view({"city": "Natal"}, name="Natal", by=cast.ana, now=NOW) for _nth in range(2)]
    assert set(posted(cast, 3, (f"customers/views/{views[0].pk}/share/", {"yes": "1"}))) == {302}
    assert set(posted(cast, 3, (f"customers/views/{views[0].pk}/delete/", {}))) <= {302, 404}
    both = [(f"customers/views/{views[1].pk}/{act}/", data) for act, data in (("delete", {}), ("name", {"name": "X"}))]
    assert set(posted(cast, 2, *both)) <= {302, 404}


def test_a_field_or_group_made_by_two_clicks_is_one() -> None:
    cast = make_cast()
    field = ("customers/fields/new/", {"label": "Turma", "kind": "text"})
    assert posted(cast, 4, field) == [302, 422, 422, 422]
    assert posted(cast, 4, ("groups/new/", {"name": "Turma"})) == [302, 422, 422, 422]
    with scope(cast.aurora.pk):
        group = Group.objects.get()
        assert Field.objects.count() == 1
    page = f"groups/{group.pk}/"
    rule = {"way:": "all", "node": "0", "field:0": "city", "is:0": "is", "value:0": "Natal"}
    acts = [(f"{page}delete/", {}), (f"{page}name/", {"value": "Sala"}), (f"{page}rule/", rule), (f"{page}change/", {})]
    assert set(posted(cast, 2, *acts)) <= {302, 404}


def test_putting_somebody_into_groups_by_two_clicks_is_once(make_customer: Any) -> None:
    """S3-14, S3-16: in and out again, of the same group and of two at once: one event, one member, and whoever is in none
    afterwards is counted there."""
    cast = make_cast()
    maria = make_customer(cast.aurora, "Maria", registered_on=TODAY)
    with scope(cast.aurora.pk):
        groups = [make_group(cast.aurora, name=f"G{nth}", **TOLD) for nth in range(2)]
    path = f"groups/customers/{maria.pk}/"
    for says, members in (("in", 1), ("out", 0), ("in", 1), ("out", 0)):
        acts = [(path, {"group": str(group.pk), "says": says}) for group in groups]
        assert set(posted(cast, 3, *acts)) == {302}
        with scope(cast.aurora.pk):
            assert list(Group.objects.values_list("members", flat=True)) == [members] * 2
            assert Member.objects.filter(group=None).count() == 1 - members
    with scope(cast.aurora.pk):
        told = Event.objects.filter(customer_id=maria.pk, kind__in=("group.added", "group.removed"))
        assert told.count() == 8
    assert list(verify_account(cast.aurora)) == []


def test_a_merge_by_two_clicks_is_one(make_customer: Any) -> None:
    """And its undo; whoever comes second is led to the card, or told."""
    cast = make_cast()
    kept, merged = (make_customer(cast.aurora, name).pk for name in ("Ana", "Ana S."))
    assert set(posted(cast, 4, (f"customers/{kept}/merge/{merged}/", {}))) == {302}
    with scope(cast.aurora.pk):
        done = CustomerMerge.objects.get()
    assert set(posted(cast, 4, (f"customers/merges/{done.pk}/undo/", {}))) == {302}
    crossed = [(f"customers/{one}/merge/{other}/", {}) for one, other in ((kept, merged), (merged, kept))]
    assert set(posted(cast, 2, *crossed)) <= {302, 404, 422}
    with scope(cast.aurora.pk):
        assert Customer.objects.count() == 1
        assert CustomerMerge.objects.filter(undone_at=None).count() == 1
    assert list(verify_account(cast.aurora)) == []


def test_a_job_that_gave_way_in_a_deadlock_comes_again_at_once(make_customer: Any) -> None:
    """It did nothing wrong: the database ended it so that others could go on, and nothing of it was written."""
    cast = make_cast()
    pair = [make_customer(cast.aurora, f"Cliente {nth}") for nth in range(2)]
    ready = Barrier(2)

    def both(first: Customer, second: Customer) -> None:
        for customer in (first, second):
            Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=customer.pk)
            if customer is first:
                ready.wait(20)

    answers = at_once(cast.aurora, lambda: both(*pair), lambda: both(*pair[::-1]))
    (error,) = [one for one in answers if one is not None]
    assert is_interruption(error)
