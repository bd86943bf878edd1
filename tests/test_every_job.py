"""Every job of an account bears being cut off at any statement and being run twice: once is what it did.

A room gives an example of each of its jobs in carteira/<room>/tests/job_examples.py:

EXAMPLES = {"billing.jobs.settle": prepare}    # prepare(account) makes data, gives the job's arguments

Two accounts get the same data. In one the job runs once; in the other it is cut off at statement after
statement, begun anew each time, and run twice more. Then both accounts must hold as many rows in every
table.
"""

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import OperationalError, connection

from carteira.accounts.models import Account
from carteira.core.jobs import all_jobs
from carteira.core.verify import verify_account
from carteira.core.walls import scope
from carteira.core.walls.models import account_key

ROOT = Path(__file__).resolve().parents[1]
JOBS = [job.name for job in all_jobs() if ".tests." not in job.name]
# Statements at which a job is cut off; of longer jobs a seeded sample.
MOST_CUTS = 25


def examples() -> dict[str, Callable[[Any], dict[str, Any]]]:
    found: dict[str, Any] = {}
    for file in sorted(ROOT.glob("carteira/*/tests/job_examples.py")):
        found |= import_module(".".join(file.relative_to(ROOT).with_suffix("").parts)).EXAMPLES
    return found


def test_each_job_has_an_example() -> None:
    assert sorted(examples()) == JOBS


def test_a_worker_knows_each_job() -> None:
    """F1: it loads the rooms and their registrations, but no addresses and no screens."""
    code = """if True:
        import django
        django.setup()
        from carteira.core.jobs import all_jobs
        print(*sorted(job.name for job in all_jobs()))"""
    known = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert known.stdout.split() == sorted(examples())


class Cut:
    """Counts statements; at the n-th the database is gone."""

    def __init__(self, n: int) -> None:
        self.n, self.count = n, 0

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        if self.count == self.n:
            raise OperationalError("the connection is lost")
        return execute(sql, params, many, context)


@contextmanager
def cut_at(n: int) -> Iterator[Cut]:
    cut = Cut(n)
    with connection.execute_wrapper(cut):
        yield cut


def rows(account: Account) -> dict[str, int]:
    with scope(account.pk):
        walled = [model for model in apps.get_models() if account_key(model)]
        return {model._meta.label: model._default_manager.count() for model in walled}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", JOBS)
def test_cut_off_anywhere_and_run_twice_it_is_done_once(name: str) -> None:
    """F1: the n-th-call loop, over every job there is."""
    job = next(job for job in all_jobs() if job.name == name)
    once = Account.objects.create(slug="once", name="Escola Aurora")
    often = Account.objects.create(slug="often", name="Escola Aurora")
    prepare = examples()[name]
    arguments = {account.pk: prepare(account) for account in (once, often)}

    with cut_at(0) as counted:
        job(once.pk, **arguments[once.pk])
    cuts = list(range(1, counted.count + 1))
    if len(cuts) > MOST_CUTS:
        cuts = sorted(random.Random(f"1988 {name}").sample(cuts, MOST_CUTS))
    for n in cuts:
        with cut_at(n):
            try:
                job(often.pk, **arguments[often.pk])
            except OperationalError:
                continue
    for _time in range(2):
        job(often.pk, **arguments[often.pk])
    assert rows(often) == rows(once)
    assert [found for account in (once, often) for found in verify_account(account)] == []
