"""Reading one row without composing the query anew: for the look-ups of every request and of every payment.

The ORM composes a query in several times what the database needs to answer it. Everything else uses the ORM.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection, models


def one_row(rest: str, parameters: Sequence[Any], *parts: tuple[type[models.Model], str]) -> tuple[Any, ...] | None:
    """The first row of SELECT … `rest` as instances of the models in `parts`, each named with its table's alias.

    `rest` begins with FROM. Row security holds, but nobody adds the account: say it in the condition. Not for models
    with converted columns (JSON). A part of which every column is NULL (an outer join found nothing) is None.
    """
    chosen = ", ".join(_columns(model, alias) for model, alias in parts)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {chosen} {rest}", parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    made, begin = [], 0
    for model, _alias in parts:
        names = _names(model)
        values = row[begin : begin + len(names)]
        made.append(model.from_db(connection.alias, names, values) if any(v is not None for v in values) else None)
        begin += len(names)
    return tuple(made)


@cache
def _columns(model: type[models.Model], alias: str) -> str:
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


@cache
def _names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]
