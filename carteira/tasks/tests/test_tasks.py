"""Tasks: written down, changed, done, and twice is once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from carteira.accounts.models import Membership
from carteira.core.events.models import Event
from carteira.core.walls import scope
from carteira.customers import history
from carteira.customers.archive import archive
from carteira.customers.archive_checklist import find_act, pending
from carteira.tasks import queries
from carteira.tasks.add import CannotAssign, add_task
from carteira.tasks.change import CannotChange, change_task
from carteira.tasks.finish import finish_task, remove_task, reopen_task
from carteira.tasks.models import Task
from carteira.tasks.queries import Place, Wanted
from conftest import NOW, TODAY, Cast

DAY = timedelta(days=1)


@pytest.fixture
def maria(cast: Cast, make_customer: Any) -> Iterator[Any]:
    customer = make_customer(cast.aurora)
    with scope(cast.aurora.pk):
        yield customer


def add(customer: Any, *, what: str = "Ligar de novo", days: int = 0, **more: Any) -> Task:
    return add_task(customer, what=what, due_on=TODAY + days * DAY, **{"by": None, "now": NOW, **more})


def told(customer: Any) -> list[str]:
    events, _older = history.page(customer.pk, "BRL", whole=True, about="task")
    return [event.text for event in reversed(events)]


def test_its_life_is_in_the_history(cast: Cast, maria: Any) -> None:
    """Tasks: what was to be done about a customer, and what became of it."""
    task = add(maria, by=cast.ana, assignee_id=cast.beto.pk)
    changed = change_task(task, what="Ligar cedo", due_on=TODAY + DAY, assignee_id=cast.ana.pk, by=cast.ana, now=NOW)
    assert (
        change_task(changed, what="Ligar cedo", due_on=TODAY + DAY, assignee_id=cast.ana.pk, by=cast.ana, now=NOW).what
        == "Ligar cedo"
    )
    for _twice in range(2):
        done = finish_task(task, by=cast.ana, now=NOW)
    assert done.done_on == TODAY
    for _twice in range(2):
        assert reopen_task(task, by=cast.ana, now=NOW).is_open
    remove_task(task, by=cast.ana, now=NOW)
    assert told(maria) == [
        "Task for 21/11/2026. Ligar de novo",
        "Task changed, now for 22/11/2026. Ligar cedo",
        "Task done. Ligar cedo",
        "Task open again, for 22/11/2026. Ligar cedo",
        "Task removed. Ligar cedo",
    ]
    assert {event.by for event in Event.objects.filter(kind__startswith="task.")} == {cast.ana}
    assert not any("Ligar" in str(event.what) for event in Event.objects.all()), "its words are personal"


def test_what_is_not_open_is_not_changed(maria: Any) -> None:
    task = finish_task(add(maria), by=None, now=NOW)
    with pytest.raises(CannotChange, match="Reopen it"):
        change_task(task, what="x", due_on=TODAY, assignee_id=None, by=None, now=NOW)
    assert remove_task(task, by=None, now=NOW).removed_at is None


def test_only_who_works_on_customers_here_may_have_it(cast: Cast, maria: Any) -> None:
    """A1: neither a viewer nor somebody of another business; who has it already keeps it."""
    for stranger in (cast.caio, cast.dora):
        with pytest.raises(CannotAssign):
            add(maria, assignee_id=stranger.pk)
    task = add(maria, assignee_id=cast.sofia.pk)
    Membership.objects.filter(user=cast.sofia).update(role="viewer")
    kept = change_task(task, what="Mais tarde", due_on=TODAY, assignee_id=cast.sofia.pk, by=None, now=NOW)
    assert kept.assignee_id == cast.sofia.pk
    with pytest.raises(CannotAssign):
        change_task(add(maria), what="x", due_on=TODAY, assignee_id=cast.sofia.pk, by=None, now=NOW)


def test_the_same_form_twice_is_one_task(maria: Any) -> None:
    key = uuid4()
    assert add(maria, key=key).pk == add(maria, key=key).pk == key
    assert Task.objects.count() == Event.objects.filter(kind="task.added").count() == 1


def test_open_tasks_are_shown_before_archiving_and_may_stay(cast: Cast, maria: Any) -> None:
    """S2-08: what is pending besides money is shown, and kept."""
    stays, goes = add(maria, days=30), add(maria, what="Buscar livro")
    assert [(item.what, item.blocks) for item in pending(maria)] == [
        ("task for 21/11/2026: Buscar livro", False),
        ("task for 21/12/2026: Ligar de novo", False),
    ]
    act = find_act(maria, str(goes.pk), "done")
    assert act is not None
    act.run(words="", by=cast.ana, now=NOW)
    archive(maria, by=cast.ana, now=NOW)
    assert [task.pk for task in queries.open_about(maria.pk, limit=5)] == [stays.pk]


@pytest.mark.parametrize("done", [False, True])
def test_pages_run_through_all_of_them_and_back(cast: Cast, maria: Any, done: bool) -> None:
    """Keyset: nobody is left out or shown twice, also where days are the same."""
    for number in range(11):
        task = add(maria, what=str(number), days=number // 3)
        if done:
            finish_task(task, by=None, now=NOW + number // 4 * DAY)
    wanted = Wanted(done=done)
    everything = [task.what for task in queries.page(wanted, size=50).tasks]
    forward, place = [], None
    while True:
        page = queries.page(wanted, after=place, size=4)
        forward.append([task.what for task in page.tasks])
        place = page.next
        if place is None:
            break
    assert [what for part in forward for what in part] == everything == (sorted(everything, key=int, reverse=done))
    backward = queries.page(wanted, before=page.previous, size=4)
    assert [task.what for task in backward.tasks] == forward[-2]
    assert queries.page(wanted, before=backward.previous, size=4).previous is None


def test_the_list_is_asked_of_indexes_alone(cast: Cast, maria: Any) -> None:
    """As the serving role, at a hundred thousand tasks: no sort, no pass over the table, whichever the filter."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tasks_task (account_id, customer_id, what, due_on, assignee_id, created_at, done_on)"
            " SELECT %(account)s, %(customer)s, 'x', %(today)s::date + (n %% 700) - 600,"
            " CASE n %% 3 WHEN 0 THEN %(ana)s WHEN 1 THEN %(beto)s END::uuid, now(),"
            " CASE WHEN n %% 10 > 0 THEN %(today)s::date - n %% 600 END FROM generate_series(1, 100000) AS n",
            {
                "account": cast.aurora.pk,
                "customer": maria.pk,
                "today": TODAY,
                "ana": cast.ana.pk,
                "beto": cast.beto.pk,
            },
        )
        cursor.execute("SELECT core_analyze('{tasks_task}'::regclass[])")
    middle = Place(TODAY, uuid4())
    for wanted, column in (
        (Wanted(), "due_on"),
        (Wanted(assignee=cast.ana.pk), "due_on"),
        (Wanted(nobodys=True), "due_on"),
        (Wanted(due_until=TODAY - DAY), "due_on"),
        (Wanted(assignee=cast.ana.pk, due_from=TODAY, due_until=TODAY), "due_on"),
        (Wanted(done=True), "done_on"),
        (Wanted(done=True, assignee=cast.beto.pk), "done_on"),
    ):
        sign = "-" if wanted.done else ""
        found = queries.matching(wanted).filter(**{f"{column}__{'lte' if wanted.done else 'gte'}": middle.day})
        plan = found.order_by(f"{sign}{column}", f"{sign}id")[:51].explain()
        assert "Seq Scan" not in plan, plan
        assert "Sort" not in plan.replace("Incremental Sort", "" if wanted.nobodys else "Incremental Sort"), plan


def test_counts_are_bounded(monkeypatch: pytest.MonkeyPatch, maria: Any) -> None:
    monkeypatch.setattr(queries, "COUNT_LIMIT", 3)
    for _number in range(6):
        add(maria)
    assert queries.count(Wanted()) == 4


def test_boreal_has_its_own(cast: Cast, maria: Any, make_customer: Any) -> None:
    add(maria)
    with scope(cast.boreal.pk):
        assert queries.page(Wanted()).tasks == []
