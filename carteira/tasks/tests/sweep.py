"""What the routes of tasks answer to whom; read by tests/test_urls.py."""

from typing import Any
from uuid import uuid4

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.customers.tests.sweep import customer, made
from carteira.tasks.add import add_task
from carteira.tasks.finish import finish_task
from carteira.tasks.models import Task
from conftest import NOW, TODAY
from tests.urls_table import Row


def written(account: Account) -> Task:
    return add_task(made(account), what="Ligar de novo", due_on=TODAY, by=None, now=NOW)


def task(account: Account) -> dict[str, Any]:
    return {"id": written(account).pk}


def done(account: Account) -> dict[str, Any]:
    return {"id": finish_task(written(account), by=None, now=NOW).pk}


def form(account: Account) -> dict[str, Any]:
    owner = account.memberships.get(role="owner").user_id
    return {"key": str(uuid4()), "what": "Ligar de novo", "due_on": TODAY.isoformat(), "assignee_id": owner}


def change(account: Account) -> dict[str, Any]:
    """The page also links to the task's customer: told as text, it is passed over where answers are compared."""
    newest = Task.objects.order_by("-pk").first()
    return {**form(account), "shown": str(newest.customer_id if newest else "")}


ROWS = [
    Row("tasks:list", Right.SEE_CUSTOMERS),
    Row("tasks:new", Right.EDIT_CUSTOMERS, post=302, kwargs=customer, body=form),
    Row("tasks:edit", Right.EDIT_CUSTOMERS, post=302, kwargs=task, body=change),
    Row("tasks:finish", Right.EDIT_CUSTOMERS, get=405, post=302, htmx={"POST": 200}, kwargs=task),
    Row("tasks:reopen", Right.EDIT_CUSTOMERS, get=405, post=302, htmx={"POST": 200}, kwargs=done),
    Row("tasks:remove", Right.EDIT_CUSTOMERS, get=405, post=302, htmx={"POST": 200}, kwargs=task),
]
