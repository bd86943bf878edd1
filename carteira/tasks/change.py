"""Changing an open task: its words, its day, whose it is."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core.events import kinds
from carteira.tasks.add import refuse_stranger, tell
from carteira.tasks.models import Task

CHANGED = kinds.register("task.changed", gettext_lazy("Task changed, now for {due_on}. {task}"))


class CannotChange(ValueError):
    """Refused; the text is a sentence for the user."""


def change_task(task: Task, *, what: str, due_on: date, assignee_id: UUID | None, by: Any, now: datetime) -> Task:
    """Raises CannotChange when it is not open any more, add.CannotAssign for a new assignee who may not have it; who
    has it already keeps it. Records task.changed when something differs.
    """
    with transaction.atomic():
        task = hold(task)
        if not task.is_open:
            raise CannotChange(_("This task is not open any more. Reopen it to change it."))
        if assignee_id != task.assignee_id:
            refuse_stranger(task.account, assignee_id)
        if (task.what, task.due_on, task.assignee_id) == (what, due_on, assignee_id):
            return task
        task.what, task.due_on, task.assignee_id = what, due_on, assignee_id
        task.save(update_fields=["what", "due_on", "assignee"])
        tell(CHANGED, task, by=by, now=now)
        return task


def hold(task: Task) -> Task:
    """Read again and locked, with the account. Raises Task.DoesNotExist."""
    held: Task = Task.objects.select_for_update(of=("self",), no_key=True).select_related("account").get(pk=task.pk)
    return held
