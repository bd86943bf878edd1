"""What the routes of groups answer to whom; read by tests/test_urls.py."""

from typing import Any
from uuid import UUID, uuid4

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.customers.tests.sweep import customer
from carteira.groups.make import make_group
from carteira.groups.models import Group
from carteira.groups.remove import delete_group
from conftest import NOW
from tests.urls_table import Row

RULE = {"all": [{"field": "state", "is": "is", "value": ["lead"]}]}


def made(account: Account, rule: Any = RULE) -> Group:
    return make_group(account, name=f"Grupo {uuid4()}", rule=rule, by=None, now=NOW)


def group(account: Account) -> dict[str, Any]:
    return {"id": made(account).pk}


def deleted(account: Account) -> dict[str, Any]:
    return {"id": delete_group(made(account), account, by=None, now=NOW).pk}


def newest(account: Account) -> UUID:
    """Not as text: the sweep puts the twin's in its place."""
    found = Group.objects.filter(deleted_at=None).order_by("-pk").first()
    return UUID(str(found.pk if found else made(account).pk))


def named(account: Account) -> dict[str, Any]:
    return {"name": f"Outro {uuid4()}", "value": f"Outro {uuid4()}"}


def built(account: Account) -> dict[str, Any]:
    return {"node": "0", "way:": "all", "field:0": "last_payment", "is:0": "within", "value:0": "30"}


def previewed(account: Account) -> dict[str, Any]:
    return {**built(account), "group": newest(account)}


def put(account: Account) -> dict[str, Any]:
    return {"group": newest(account), "says": "in"}


ROWS = [
    Row("groups:list", Right.SEE_CUSTOMERS),
    Row("groups:new", Right.EDIT_CUSTOMERS, post=302, body=named),
    Row("groups:preview", Right.EDIT_CUSTOMERS, get=405, post=200, body=previewed),
    Row("groups:group", Right.SEE_CUSTOMERS, kwargs=group),
    Row("groups:rename", Right.EDIT_CUSTOMERS, post=302, htmx={"POST": 200}, kwargs=group, body=named),
    Row("groups:rule", Right.EDIT_CUSTOMERS, post=302, kwargs=group, body=built),
    Row("groups:change", Right.EDIT_CUSTOMERS, get=405, post=302, kwargs=group),
    Row("groups:delete", Right.EDIT_CUSTOMERS, get=405, post=302, kwargs=group),
    Row("groups:restore", Right.EDIT_CUSTOMERS, get=405, post=302, kwargs=deleted),
    Row("groups:snapshot", Right.EDIT_CUSTOMERS, get=405, post=302, kwargs=group, body=named),
    Row("groups:put", Right.EDIT_CUSTOMERS, get=405, post=302, kwargs=customer, body=put),
]
