"""Writing down a task about a customer."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.customers.models import Customer
from carteira.tasks.assignees import is_assignee
from carteira.tasks.models import Task

ADDED = kinds.register("task.added", gettext_lazy("Task for {due_on}. {task}"))


class CannotAssign(ValueError):
    """Refused; the text is a sentence for the user."""


def add_task(
    customer: Customer,
    *,
    what: str,
    due_on: date,
    assignee_id: UUID | None = None,
    key: UUID | None = None,
    by: Any,
    now: datetime,
) -> Task:
    """Write a task; `due_on` is a day of the account's zone, any. Archived customers may have tasks: to win them back.

    `key` becomes its id: the same key again makes nothing and returns the task made before. Raises CannotAssign,
    Customer.DoesNotExist. Records task.added.
    """
    try:
        with transaction.atomic():
            # Held, so that it is not deleted meanwhile.
            held = Customer.objects.select_for_update(of=("self",), no_key=True).select_related("account")
            customer = held.get(pk=customer.pk)
            refuse_stranger(customer.account, assignee_id)
            task = Task(customer=customer, what=what, due_on=due_on, assignee_id=assignee_id, created_at=now)
            if key is not None:
                task.pk = key
            task.save(force_insert=True)
            tell(ADDED, task, by=by, now=now)
            return task
    except IntegrityError:
        made = Task.objects.filter(pk=key, customer=customer.pk).first() if key is not None else None
        if made is None:
            raise
        return made


def refuse_stranger(account: Any, assignee_id: UUID | None) -> None:
    if assignee_id is not None and not is_assignee(account, assignee_id):
        raise CannotAssign(_("Choose somebody who works on customers here."))


def tell(kind: str, task: Task, *, by: Any, now: datetime) -> None:
    """Its words are personal: they are about somebody."""
    record(
        kind,
        by=by,
        now=now,
        customer_id=task.customer_id,
        subject_id=task.pk,
        what={"due_on": task.due_on.isoformat()},
        personal={"task": task.what},
    )
