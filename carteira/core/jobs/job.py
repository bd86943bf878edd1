"""The `@job` decorator: ids in, the account's scope open, one verb called."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from carteira.core.walls import scope


@dataclass(frozen=True)
class Job:
    """A registered job. Calling it runs the function as the worker would: in the scope of `account_id`."""

    name: str
    run: Callable[..., Any]
    task: Any

    def __call__(self, account_id: UUID | str, **arguments: Any) -> Any:
        return self.run(account_id=str(account_id), **arguments)


def job(*, queue: str = "default", retries: int = 5, own_scope: bool = False) -> Callable[[Callable[..., Any]], Job]:
    """Register a function as a job of an account. It gets JSON values only: ids, never rows.

    With own_scope the function gets `account_id` and opens scopes itself (long work in several transactions);
    otherwise it runs inside one scope, hence one transaction. A failing job is tried again with growing pauses.
    """

    def register(function: Callable[..., Any]) -> Job:
        name = f"{function.__module__.removeprefix('carteira.')}.{function.__name__}"

        @wraps(function)
        def run(account_id: str, **arguments: Any) -> Any:
            if own_scope:
                return function(account_id=UUID(account_id), **arguments)
            with scope(account_id):
                return function(**arguments)

        retry = RetryStrategy(max_attempts=retries, exponential_wait=3) if retries else False
        task = app.task(name=name, queue=queue, retry=retry)(run)
        return Job(name, run, task)

    return register


def defer(job: Job, account_id: UUID | str, *, once: bool = False, lock: str | None = None, **arguments: Any) -> bool:
    """Enqueue a job in the current transaction; False when `once` and the same job already waits for this account.

    `lock`: jobs with the same lock never run at the same time (it is made the account's own).
    """
    options: dict[str, Any] = {}
    if once:
        options["queueing_lock"] = f"{job.name}:{account_id}"
    if lock:
        options["lock"] = f"{lock}:{account_id}"
    configured = job.task.configure(**options)
    if not once:
        configured.defer(account_id=str(account_id), **arguments)
        return True
    try:
        with transaction.atomic():  # A refused queueing lock breaks its transaction: let it be a savepoint's.
            configured.defer(account_id=str(account_id), **arguments)
    except AlreadyEnqueued:
        return False
    return True
