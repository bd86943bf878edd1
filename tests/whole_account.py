"""All there is of an account, to be compared before and after."""

import json
from typing import Any

from django.apps import apps
from django.db import connection

from carteira.core.walls.models import account_key

DERIVED = {"customers.Span", "customers.SearchEntry", "groups.Member"}


def everything(*, but: tuple[str, ...] = ()) -> dict[str, list[Any]]:
    """Every row of the open account's tables, but for what tells that a merge was there."""
    found = {}
    skipped = {"customers.CustomerMerge", "customers.MergedRows", "core.PendingEvent", *but}
    for model in apps.get_models():
        if account_key(model) and model._meta.managed and model._meta.label not in skipped:
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT to_jsonb(t) FROM "{model._meta.db_table}" t')
                rows = [json.loads(row) if isinstance(row, str) else row for (row,) in cursor.fetchall()]
            rows = [row for row in rows if row.get("kind") not in ("customer.merged", "customer.unmerged")]
            if model._meta.label in DERIVED:
                # Made anew from the same facts: their ids are nobody's.
                rows = [{key: value for key, value in row.items() if key != "id"} for row in rows]
            found[model._meta.label] = sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
    return found
