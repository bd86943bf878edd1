"""Tasks as the rows of a table show them: the same row in the list, on a card and on the first page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from carteira.accounts.roles import Right
from carteira.core.ui.formats import day as day_text
from carteira.tasks.models import Task

# Where a row stands, and so what it shows and where its buttons lead back to.
PLACES = ("list", "card", "start")


@dataclass(frozen=True)
class TaskRow:
    """`due` says when, in a word where there is one; `tone` as in core.ui.tones."""

    task: Task
    due: str
    tone: str
    who: str


def task_rows(request: HttpRequest, tasks: Iterable[Task], today: date) -> list[TaskRow]:
    return [task_row(request, task, today) for task in tasks]


def task_row(request: HttpRequest, task: Task, today: date) -> TaskRow:
    due, tone = due_text(task, today)
    mine = task.assignee_id is not None and task.assignee_id == request.user.pk
    who = _("me") if mine else str(task.assignee) if task.assignee is not None else ""
    return TaskRow(task, due, tone, who)


def due_text(task: Task, today: date) -> tuple[str, str]:
    if task.done_on is not None:
        return _("Done on %(day)s") % {"day": day_text(task.done_on)}, "good"
    if task.removed_at is not None:
        return pgettext("one task", "Removed"), "mute"
    days = (task.due_on - today).days
    if days < 0:
        late = ngettext("%(days)s day late", "%(days)s days late", -days) % {"days": -days}
        return late, "bad"
    if days == 0:
        return _("Today"), "accent"
    return (_("Tomorrow") if days == 1 else day_text(task.due_on)), "mute"


def may_work(request: HttpRequest) -> bool:
    return bool(request.membership.may(Right.EDIT_CUSTOMERS))  # type: ignore[attr-defined]


def shown(request: HttpRequest, rows: list[TaskRow], where: str) -> dict[str, Any]:
    """What tasks/screens/table.html needs."""
    return {"task_rows": rows, "where": where, "may_work": may_work(request)}
