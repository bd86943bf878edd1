"""Open tasks are shown before a customer is archived, and may stay: to win it back is a task too."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from carteira.accounts.roles import Right
from carteira.core.ui.formats import day
from carteira.core.urls import account_url
from carteira.customers.archive_checklist import Act, Pending, Resolved
from carteira.customers.models import Customer
from carteira.tasks import queries
from carteira.tasks.finish import finish_task
from carteira.tasks.models import Task

SHOWN = 20


def open_tasks(customer: Customer) -> list[Pending]:
    """Each with the act that ticks it off."""
    slug = customer.account.slug
    return [
        Pending(
            _("task for %(day)s: %(what)s") % {"day": day(task.due_on), "what": task.what},
            url=account_url(slug, "tasks:edit", task.pk),
            blocks=False,
            key=str(task.pk),
            acts=(Act("done", _("Done"), partial(_finish, task), Right.EDIT_CUSTOMERS),),
        )
        for task in queries.open_about(customer.pk, limit=SHOWN)
    ]


def _finish(task: Task, *, words: str, by: Any, now: datetime) -> Resolved:
    done = finish_task(task, by=by, now=now)
    return Resolved(
        _("Done: %(what)s") % {"what": done.what}, undo=account_url(done.account.slug, "tasks:reopen", done.pk)
    )


def block_nobody(customers: Sequence[UUID]) -> dict[UUID, list[Pending]]:
    """Of many: tasks are only shown, they block nobody."""
    return {}
