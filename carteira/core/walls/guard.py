"""The first lock: a query on a walled table that runs outside a scope is an error, not an empty list."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from django.apps import apps

from carteira.core.walls.roles import is_owner
from carteira.core.walls.scope import NoAccountScope, current_account_id


@cache
def _walled_tables() -> re.Pattern[str]:
    from carteira.core.walls.models import account_key

    tables = sorted(m._meta.db_table for m in apps.get_models(include_auto_created=True) if account_key(m))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, tables)) or '(?!)'})\b")


def guard(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    open_to_all = current_account_id() is not None or is_owner(context["connection"]) or not apps.ready
    if not open_to_all and (found := _walled_tables().search(str(sql))):
        raise NoAccountScope(
            f"A query on {found.group()} ran outside an account's scope: wrap it in core.walls.scope(account_id)."
        )
    return execute(sql, params, many, context)
