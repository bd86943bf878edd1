"""An open task's words, day and assignee; and its end: done, removed, or open again."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.ui.toast import toast
from carteira.tasks.add import CannotAssign
from carteira.tasks.change import CannotChange, change_task
from carteira.tasks.finish import finish_task, remove_task, reopen_task
from carteira.tasks.forms import TaskForm
from carteira.tasks.models import Task
from carteira.tasks.screens.rows import PLACES, shown, task_row


@require(Right.EDIT_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_task(request: HttpRequest, id: UUID) -> HttpResponse:
    task, now = _found(id), dates.now()
    chosen: dict[str, Any] = {"account": request.account, "user": request.user, "now": now, "task": task}  # type: ignore[attr-defined]
    if request.method != "POST":
        return _page(request, task, TaskForm(**chosen))
    form = TaskForm(request.POST, **chosen)
    if not form.is_valid():
        return _page(request, task, form, status=422)
    changes = {name: form.cleaned_data[name] for name in ("what", "due_on", "assignee_id")}
    try:
        change_task(task, by=request.user, now=now, **changes)
    except CannotAssign as error:
        form.add_error("assignee_id", str(error))
    except CannotChange as error:
        form.add_error(None, str(error))
    else:
        toast(request, _("Saved."))
        return redirect(_back(request, task))
    return _page(request, task, form, status=422)


@require(Right.EDIT_CUSTOMERS)
@require_POST
def finish(request: HttpRequest, id: UUID) -> HttpResponse:
    task = finish_task(_found(id), by=request.user, now=dates.now())
    return _done(request, task, _("Done: %(what)s") % {"what": task.what}, undo=True)


@require(Right.EDIT_CUSTOMERS)
@require_POST
def reopen(request: HttpRequest, id: UUID) -> HttpResponse:
    task = reopen_task(_found(id), by=request.user, now=dates.now())
    return _done(request, task, _("Open again: %(what)s") % {"what": task.what})


@require(Right.EDIT_CUSTOMERS)
@require_POST
def remove(request: HttpRequest, id: UUID) -> HttpResponse:
    task = remove_task(_found(id), by=request.user, now=dates.now())
    return _done(request, task, _("Removed: %(what)s") % {"what": task.what}, undo=True)


def _found(id: UUID) -> Task:
    return get_object_or_404(Task.objects.select_related("customer", "assignee"), pk=id)


def _done(request: HttpRequest, task: Task, text: str, *, undo: bool = False) -> HttpResponse:
    """For a fragment the row as it is now; else back to where it stood."""
    address = f"{reverse('tasks:reopen', args=[task.pk])}?where={_where(request)}"
    toast(request, text, undo=address if undo else None)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(_back(request, task))
    today = request.account.today(dates.now())  # type: ignore[attr-defined]
    row = task_row(request, _found(task.pk), today)
    return render(request, "tasks/screens/row_alone.html", {**shown(request, [row], _where(request)), "row": row})


def _where(request: HttpRequest) -> str:
    where = request.POST.get("where") or request.GET.get("where") or ""
    return where if where in PLACES else "list"


def _back(request: HttpRequest, task: Task) -> str:
    where = _where(request)
    if where == "card":
        return reverse("customers:card", args=[task.customer_id])
    return reverse("start" if where == "start" else "tasks:list")


def _page(request: HttpRequest, task: Task, form: TaskForm, status: int = 200) -> HttpResponse:
    context = {
        "task": task,
        "customer": task.customer,
        "form": form,
        "where": _where(request),
        "back": _back(request, task),
    }
    return render(request, "tasks/screens/form.html", context, status=status)
