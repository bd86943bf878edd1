"""Tasks on screen: the list, the card, ticking off, writing down."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.core.walls import scope
from carteira.tasks.add import add_task
from carteira.tasks.models import Task
from conftest import NOW, TODAY, Cast

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def maria(cast: Cast, make_customer: Any) -> Any:
    return make_customer(cast.aurora)


def add(customer: Any, what: str = "Ligar de novo", days: int = 0, **more: Any) -> Task:
    with scope(customer.account_id):
        return add_task(customer, what=what, due_on=TODAY + days * DAY, by=None, now=NOW, **more)


def text(cast: Cast, path: str, user: Any = None) -> str:
    answer = cast.client(user or cast.ana).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_mine_everyones_and_done_ones(cast: Cast, maria: Any) -> None:
    add(maria, "A minha", assignee_id=cast.ana.pk)
    add(maria, "A do Beto", days=-3, assignee_id=cast.beto.pk)
    add(maria, "De ninguém", days=1)
    mine = text(cast, "/aurora/tasks/")
    assert ("A minha" in mine, "A do Beto" in mine) == (True, False)
    everyones = text(cast, "/aurora/tasks/?who=all")
    places = [everyones.index(what) for what in ("A do Beto", "A minha", "De ninguém")]
    assert places == sorted(places)
    assert "3 days late" in everyones
    assert "Tomorrow" in everyones
    for query, shown in (
        ("?who=all&due=late", "A do Beto"),
        ("?who=all&due=today", "A minha"),
        ("?who=none", "De ninguém"),
        (f"?who={cast.beto.pk}", "A do Beto"),
        ("?who=all&due=week&after=nonsense&before=2026-99-99~x", "De ninguém"),
    ):
        page = text(cast, f"/aurora/tasks/{query}")
        assert shown in page, query
    assert "Nothing done yet" in text(cast, "/aurora/tasks/?who=all&done=1")
    assert "No task fits" in text(cast, f"/aurora/tasks/?who={uuid4()}")


def test_a_viewer_sees_everyones_and_can_do_nothing(cast: Cast, maria: Any) -> None:
    add(maria)
    page = text(cast, "/aurora/tasks/", cast.caio)
    assert "Ligar de novo" in page
    assert '<form method="post"\n                action="/aurora/tasks' not in page
    assert "New task" not in page


def test_written_down_on_the_card_and_ticked_off_there(cast: Cast, maria: Any) -> None:
    """Tasks: "call again on …" from the card, and back."""
    ana = cast.client(cast.ana)
    form = {"key": uuid4(), "what": "Ligar de novo", "due_on": "2026-11-30", "assignee_id": cast.beto.pk}
    assert ana.post(f"/aurora/tasks/customers/{maria.pk}/new/", form)["Location"] == f"/aurora/customers/{maria.pk}/"
    ana.post(f"/aurora/tasks/customers/{maria.pk}/new/", form)
    card = text(cast, f"/aurora/customers/{maria.pk}/")
    assert ("Ligar de novo" in card, "30/11/2026" in card) == (True, True)
    with scope(cast.aurora.pk):
        task = Task.objects.get()
    done = ana.post(f"/aurora/tasks/{task.pk}/done/", {"where": "card"})
    assert done["Location"] == f"/aurora/customers/{maria.pk}/"
    assert "Nothing to do." in text(cast, f"/aurora/customers/{maria.pk}/")
    row = ana.post(
        f"/aurora/tasks/{task.pk}/reopen/", {"where": "card"}, headers={"hx-request": "true"}
    ).content.decode()
    assert (row.strip().startswith("<tr"), "Maria Silva" in row, "Beto" in row) == (True, False, True)
    assert "Mark as done: Ligar de novo" in row
    ticked = ana.post(
        f"/aurora/tasks/{task.pk}/done/", {"where": "card"}, headers={"hx-request": "true"}
    ).content.decode()
    assert f"/aurora/tasks/{task.pk}/reopen/?where=card" in ticked, "undo leads back to the card"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"what": "  "}, "Write what is to be done."),
        ({"what": "x" * 301}, "300"),
        ({"due_on": "2026-02-30"}, "is not a day of the calendar"),
        ({"due_on": ""}, "required"),
        ({"assignee_id": "nobody"}, "Choose somebody who works on customers here."),
        ({"assignee_id": str(uuid4())}, "Choose somebody who works on customers here."),
        ({"what": "<script>alert(1)</script>", "due_on": "x"}, "&lt;script&gt;"),
    ],
)
def test_a_refusal_is_a_sentence_and_loses_nothing(
    cast: Cast, maria: Any, change: dict[str, str], sentence: str
) -> None:
    form = {"what": "Ligar", "due_on": "2026-11-30", "assignee_id": "", **change}
    answer = cast.client(cast.ana).post(f"/aurora/tasks/customers/{maria.pk}/new/", form)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page, page
    with scope(cast.aurora.pk):
        assert not Task.objects.exists()


@pytest.mark.parametrize(("path", "most"), [("/aurora/tasks/?who=all", 9), ("/aurora/customers/{}/", 12)])
def test_as_many_queries_for_three_as_for_one(cast: Cast, maria: Any, path: str, most: int) -> None:
    counts = []
    ana = cast.client(cast.ana)
    for rows in (1, 3):
        with scope(cast.aurora.pk):
            Task.objects.all().delete()
        for number in range(rows):
            add(maria, f"Tarefa {number}", assignee_id=(cast.ana, cast.beto, cast.sofia)[number].pk)
        ana.get(path.format(maria.pk))
        with CaptureQueriesContext(connection) as made:
            assert f"Tarefa {rows - 1}" in ana.get(path.format(maria.pk)).content.decode()
        counts.append(len(made))
    assert counts[0] == counts[1] <= most, "\n".join(query["sql"][:120] for query in made)
