"""The `@job` decorator: ids in, the account's scope open, one verb called."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from procrastinate.contrib.django import app

from carteira.core import dates
from carteira.core.jobs.retries import Pauses
from carteira.core.walls import scope

# Among a job's arguments: equal ones still waiting when it starts are dropped (see `defer`).
ONCE = "_once"


@dataclass(frozen=True)
class Job:
    """A registered job. Calling it runs the function as the worker would: in the scope of `account_id`."""

    name: str
    run: Callable[..., Any]
    task: Any

    def __call__(self, account_id: UUID | str, **arguments: Any) -> Any:
        return self.run(account_id=str(account_id), **arguments)


_jobs: dict[str, Job] = {}


def all_jobs() -> list[Job]:
    """Every job of an account, by name. Tests run each of them twice and kill it once."""
    return sorted(_jobs.values(), key=lambda job: job.name)


def job(*, queue: str = "default", retries: int = 5, own_scope: bool = False) -> Callable[[Callable[..., Any]], Job]:
    """Register a function as a job of an account. It gets JSON values only: ids, never rows, nothing
    personal.

    With own_scope the function gets `account_id` and opens scopes itself (long work in several
    transactions); otherwise it runs inside one scope, hence one transaction. A failing job is tried again
    with growing pauses, `retries` times; one that was cut off (worker killed, database gone) is always tried
    again. So every job must bear being run twice. A job whose account is gone ends quietly.
    """

    def register(function: Callable[..., Any]) -> Job:
        name = f"{function.__module__.removeprefix('carteira.')}.{function.__name__}"

        @wraps(function)
        def run(account_id: str, **arguments: Any) -> Any:
            arguments.pop(ONCE, None)
            hours = _hours_ahead(account_id)
            if hours is None:
                return None
            with dates.ahead_by(hours):
                if own_scope:
                    return function(account_id=UUID(account_id), **arguments)
                with scope(account_id):
                    return function(**arguments)

        task = app.task(name=name, queue=queue, retry=Pauses(retries))(run)
        _jobs[name] = Job(name, run, task)
        return _jobs[name]

    return register


def _hours_ahead(account_id: str) -> int | None:
    """How far the account's clock is ahead; None when the account is gone."""
    accounts = apps.get_model(settings.ACCOUNT_MODEL)._default_manager.filter(pk=account_id)
    found: int | None = accounts.values_list("hours_ahead", flat=True).first()
    return found


def defer(job: Job, account_id: UUID | str, *, once: bool = False, lock: str | None = None, **arguments: Any) -> None:
    """Enqueue a job in the current transaction: it exists if and only if the fact it follows from does.

    `once`: of equal jobs that wait, the first to start does the work of all. (Refusing the second when it is
    enqueued would make this transaction wait for the first one's, and would miss what is written here when
    the first starts before this commit.)
    `lock`: jobs with the same lock never run at the same time (it is made the account's own).
    """
    options: dict[str, Any] = {"lock": f"{lock}:{account_id}"} if lock else {}
    if once:
        arguments[ONCE] = True
    job.task.configure(**options).defer(account_id=str(account_id), **arguments)
