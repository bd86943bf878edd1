"""Measuring pages: through HTTP, their statements in this process, and the same by hand."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any
from unittest.mock import patch

import psycopg
from django.test import Client

from bench.browser import HOST, Browser, Failed
from bench.cases import BAR, BAR_BY_HAND, BAR_DAYS, PAST_BAR_BY_HAND, Budget, Known, Page
from bench.measure import Heard, by_hand, listening, side_by_side
from bench.processor import backend_of, own_backend
from bench.report import Row
from carteira.accounts.tastes import remember, taste
from carteira.core.database.urls import django_settings
from carteira.core.walls import scope
from carteira.customers import activity, columns, owners, queries
from carteira.customers.lifecycle import View
from carteira.customers.screens import list as list_screen
from carteira.customers.screens.list_columns import TASTE

# Statements on these tables are the page's own; the rest finds out who asks (session, person, business).
_METERED = 7
_OWN = ("customers_", "billing_", "core_event")


@contextmanager
def as_owner() -> Iterator[psycopg.Connection[Any]]:
    """A second connection, as the owner of the tables."""
    told = django_settings("owner")
    with closing(
        psycopg.connect(
            host=told["HOST"],
            port=told["PORT"] or None,
            dbname=told["NAME"],
            user=told["USER"],
            password=told["PASSWORD"],
            autocommit=True,
        )
    ) as connection:
        yield connection


@dataclass(frozen=True)
class Stage:
    """A browser on the serving program and the meter of its processor time; the same program in this process; the
    owner's connection.
    """

    browser: Browser
    meter: Callable[[], float]
    inside: Client
    owner: psycopg.Connection[Any]


def measure_page(page: Page, known: Known, stage: Stage, samples: int) -> Row:
    with _every_column(known) if page.every_column else nullcontext():
        return _measure(page, known, stage, samples)


@contextmanager
def _every_column(known: Known) -> Iterator[None]:
    """As if the reader had chosen all there are."""
    membership = known.account.memberships.get(user__email="bench@example.com")
    liked = taste(membership, TASTE)
    with scope(known.account.pk):
        every = list(columns.offered(membership.may))
    remember(membership, TASTE, {"columns": every, "dense": False})
    try:
        yield
    finally:
        remember(membership, TASTE, liked)


def _measure(page: Page, known: Known, stage: Stage, samples: int) -> Row:
    path, browser, inside, owner = page.path, stage.browser, stage.inside, stage.owner
    queries_run = 0
    processor: dict[str, list[float]] = {"ours": []}
    own, owners = own_backend(), backend_of(owner)

    def http() -> None:
        browser.get(path, htmx=page.htmx)

    def ours(meter: Callable[[], float] | None = None) -> float:
        nonlocal queries_run
        with listening(meter) as heard, _without_bar(heard):
            answer = inside.get(path, headers={"HX-Request": "true"} if page.htmx else {}, SERVER_NAME=HOST)
        if answer.status_code != 200:
            raise Failed(f"{path}: {answer.status_code}")
        queries_run = len(heard.statements)
        of_page = [statement for statement in heard.statements if any(table in statement.sql for table in _OWN)]
        if meter:
            processor["ours"].append(sum(statement.processor for statement in of_page))
        return sum(statement.seconds for statement in of_page)

    def hand() -> float:
        if page.as_owner:
            begun = time.perf_counter()
            for sql, params in page.hand:
                owner.execute(sql, params).fetchall()
            return time.perf_counter() - begun
        with scope(known.account.pk):
            begun = time.perf_counter()
            for sql, params in page.hand:
                by_hand(sql, params)
            return time.perf_counter() - begun

    meters = {"http": stage.meter, "hand": owners if page.as_owner else own}
    times = side_by_side({"http": http, "ours": ours, "hand": hand}, samples, meters)
    for _again in range(_METERED):
        ours(own)
    return Row(
        group=page.group,
        name=page.name,
        p50=times["http"].p50,
        p95=times["http"].p95,
        sql=times["ours"].p50,
        hand=times["hand"].p50,
        queries=queries_run,
        cpu=times["http"].cpu,
        sql_cpu=1000 * median(processor["ours"]),
        hand_cpu=times["hand"].cpu,
        budget=page.budget,
    )


@contextmanager
def _without_bar(heard: Heard) -> Iterator[None]:
    """The activity bar, and the cities and people to choose from, stand on every list and are measured by themselves."""

    def silent(run: Callable[..., Any]) -> Callable[..., Any]:
        def quiet(*args: Any, **kwargs: Any) -> Any:
            heard.ignore = True
            try:
                return run(*args, **kwargs)
            finally:
                heard.ignore = False

        return quiet

    with (
        patch.object(activity, "counts", silent(activity.counts)),
        patch.object(queries, "cities", silent(queries.cities)),
        patch.object(list_screen, "owners", silent(owners.owners)),
    ):
        yield


def measure_bars(known: Known, samples: int) -> Iterator[Row]:
    for ago in BAR_DAYS:
        day = known.today - timedelta(days=ago)
        view = View(day, known.rule, live=ago == 0)
        params = {**known.params, "day": day, "since": view.active_since}
        sql = BAR_BY_HAND if view.live else PAST_BAR_BY_HAND
        with scope(known.account.pk):
            counts = activity.counts(view)
            lead, active, inactive, archived, _churn, delinquent = by_hand(sql, params)[0]
        told = (counts.lead, counts.active, counts.inactive, counts.archived, counts.delinquent)
        if told != (lead, active, inactive, archived, delinquent):
            raise Failed(f"The bar of {day} says {told}, by hand {(lead, active, inactive, archived, delinquent)}")
        works: Mapping[str, Callable[[], float]] = {
            "ours": lambda view=view: _timed(known, lambda: activity.counts(view)),
            "hand": lambda sql=sql, params=params: _timed(known, lambda: by_hand(sql, params)),
        }
        meter = own_backend()
        times = side_by_side(works, samples, {"ours": meter, "hand": meter})
        yield Row(
            group="bar",
            name="today" if view.live else f"{ago} days ago",
            p50=times["ours"].p50,
            p95=times["ours"].p95,
            sql=times["ours"].p50,
            hand=times["hand"].p50,
            sql_cpu=times["ours"].cpu,
            hand_cpu=times["hand"].cpu,
            budget=BAR,
        )
    times = side_by_side({"ours": lambda: _timed(known, queries.cities)}, samples)
    yield Row("bar", "cities to choose from", times["ours"].p50, times["ours"].p95, budget=Budget())
    times = side_by_side({"ours": lambda: _timed(known, owners.owners)}, samples)
    yield Row("bar", "people in charge to choose from", times["ours"].p50, times["ours"].p95, budget=Budget())


def _timed(known: Known, work: Callable[[], Any]) -> float:
    with scope(known.account.pk):
        begun = time.perf_counter()
        work()
        return time.perf_counter() - begun
