"""Writing a task down: what about a customer, and by when."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.ui.formats import day as day_text
from carteira.core.ui.toast import toast
from carteira.customers.models import Customer
from carteira.tasks.add import CannotAssign, add_task
from carteira.tasks.forms import TaskForm


@require(Right.EDIT_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_task(request: HttpRequest, id: UUID) -> HttpResponse:
    now = dates.now()
    chosen: dict[str, Any] = {"account": request.account, "user": request.user, "now": now}  # type: ignore[attr-defined]
    if request.method != "POST":
        return _page(request, id, TaskForm(**chosen))
    form = TaskForm(request.POST, **chosen)
    if not form.is_valid():
        return _page(request, id, form, status=422)
    try:
        task = add_task(Customer(pk=id), by=request.user, now=now, **form.cleaned_data)
    except Customer.DoesNotExist as error:
        raise Http404 from error
    except CannotAssign as error:
        form.add_error("assignee_id", str(error))
        return _page(request, id, form, status=422)
    toast(request, _("Task for %(day)s written down.") % {"day": day_text(task.due_on)})
    return redirect("customers:card", id)


def _page(request: HttpRequest, id: UUID, form: TaskForm, status: int = 200) -> HttpResponse:
    back = reverse("customers:card", args=[id])
    context = {"customer": get_object_or_404(Customer, pk=id), "form": form, "back": back}
    return render(request, "tasks/screens/form.html", context, status=status)
