"""The first page: what is due, who owes, what comes in."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.billing.issue import invoice_once
from carteira.core.walls import scope
from carteira.tasks.add import add_task
from conftest import NOW, TODAY, Cast


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def owes(customer: Any, amount: int, due_on: date) -> None:
    with scope(customer.account_id):
        invoice_once(customer, amount=amount, due_on=due_on, issue_on=min(due_on, TODAY), by=None, now=NOW)


def to_do(customer: Any, what: str, days: int, assignee: Any = None) -> None:
    with scope(customer.account_id):
        add_task(
            customer,
            what=what,
            due_on=TODAY + timedelta(days=days),
            assignee_id=assignee and assignee.pk,
            by=None,
            now=NOW,
        )


def first_page(cast: Cast, user: Any = None) -> str:
    answer = cast.client(user or cast.ana).get("/aurora/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split()).replace("\xa0", " ")


def test_what_is_due_who_owes_and_what_comes_in(cast: Cast, make_customer: Any) -> None:
    """Home: opening the business shows the day's work and the month's money."""
    maria = make_customer(cast.aurora, "Maria Silva", paid=[(TODAY - timedelta(days=3), 10_000)])
    make_customer(cast.boreal, "Maria Boreal", paid=[(TODAY, 77_700)])
    owes(maria, 20_000, TODAY + timedelta(days=5))
    owes(maria, 30_000, TODAY - timedelta(days=10))
    owes(maria, 40_000, TODAY - timedelta(days=60))
    to_do(maria, "Ligar hoje", 0, cast.ana)
    to_do(maria, "Era ontem", -1, cast.ana)
    to_do(maria, "Do Beto", 0, cast.beto)
    to_do(maria, "Só amanhã", 1, cast.ana)
    page = first_page(cast)
    assert [what in page for what in ("Ligar hoje", "Era ontem", "Do Beto", "Só amanhã")] == [True, True, False, False]
    assert "3 are due among everyone's" in page
    for amount in ("R$ 100,00", "R$ 200,00", "R$ 300,00", "2 overdue invoices, R$ 700,00 in all"):
        assert amount in page, amount
    assert "R$ 777,00" not in page
    assert "Do Beto" in first_page(cast, cast.caio), "a viewer, who has no tasks, sees everyone's"


def test_nothing_to_tell_leads_to_the_beginning(cast: Cast, make_customer: Any) -> None:
    make_customer(cast.boreal)
    assert cast.client(cast.ana).get("/aurora/")["Location"] == "/aurora/customers/"
    make_customer(cast.aurora)
    page = first_page(cast)
    for sentence in ("Nothing of yours is due today.", "Nobody owes anything overdue."):
        assert sentence in page
    assert 'aria-current="page"' in page


def test_a_tick_leads_back_to_it(cast: Cast, make_customer: Any) -> None:
    to_do(make_customer(cast.aurora), "Ligar hoje", 0, cast.ana)
    page = first_page(cast)
    address = page.split('hx-post="')[1].split('"')[0]
    assert cast.client(cast.ana).post(address, {"where": "start"})["Location"] == "/aurora/"
    assert "Ligar hoje" not in first_page(cast)


def test_as_many_queries_for_three_as_for_one(cast: Cast, make_customer: Any) -> None:
    ana, counts = cast.client(cast.ana), []
    for rows in (1, 2):
        for number in range(rows):
            customer = make_customer(cast.aurora, f"Cliente {rows}{number}")
            owes(customer, 10_000, TODAY - timedelta(days=20))
            to_do(customer, "Ligar", 0, cast.ana)
        ana.get("/aurora/")
        with CaptureQueriesContext(connection) as made:
            assert ana.get("/aurora/").status_code == 200
        counts.append(len(made))
    assert counts[0] == counts[1] <= 14, [query["sql"][:120] for query in made]
