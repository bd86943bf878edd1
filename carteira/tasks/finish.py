"""A task is done, or after all not yet; one written by mistake is removed, or comes back."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy

from carteira.core.events import kinds
from carteira.tasks.add import tell
from carteira.tasks.change import hold
from carteira.tasks.models import Task

DONE = kinds.register("task.done", gettext_lazy("Task done. {task}"))
REMOVED = kinds.register("task.removed", gettext_lazy("Task removed. {task}"))
REOPENED = kinds.register("task.reopened", gettext_lazy("Task open again, for {due_on}. {task}"))


def finish_task(task: Task, *, by: Any, now: datetime) -> Task:
    """Done as of the account's today. Again: nothing. Records task.done."""
    with transaction.atomic():
        task = hold(task)
        if task.is_open:
            task.done_on = task.account.today(now)
            task.save(update_fields=["done_on"])
            tell(DONE, task, by=by, now=now)
        return task


def remove_task(task: Task, *, by: Any, now: datetime) -> Task:
    """Out of every list. Again, or when it is done: nothing. Records task.removed."""
    with transaction.atomic():
        task = hold(task)
        if task.is_open:
            task.removed_at = now
            task.save(update_fields=["removed_at"])
            tell(REMOVED, task, by=by, now=now)
        return task


def reopen_task(task: Task, *, by: Any, now: datetime) -> Task:
    """Done or removed, it is open again with its day and assignee. Again: nothing. Records task.reopened."""
    with transaction.atomic():
        task = hold(task)
        if not task.is_open:
            task.done_on = task.removed_at = None
            task.save(update_fields=["done_on", "removed_at"])
            tell(REOPENED, task, by=by, now=now)
        return task
