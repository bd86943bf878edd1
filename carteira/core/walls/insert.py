"""Inserting one row as `save(force_insert=True)` does, without composing the statement anew each time.

For the few tables that every act of a person writes to (events, payments): composing costs several times what the
database needs for the row. Everything else uses save and bulk_create.
"""

from functools import cache
from typing import Any

from django.db import connection, models
from django.db.models.expressions import DatabaseDefault

from carteira.core.walls.models import Walled


def insert(row: Walled) -> None:
    """Write a new row: the account from the open scope, the id from the database unless the row has one.

    Raises what save would: IntegrityError, WrongAccount, NoAccountScope. Column defaults other than the id's must be
    Python's. Sends no signals; the house has none.
    """
    fields = _fields(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    named = row.pk is not None and not isinstance(row.pk, DatabaseDefault)
    if named:
        values.append(row.pk)
    with connection.cursor() as cursor:
        cursor.execute(_statement(type(row), named), values)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


@cache
def _fields(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.local_concrete_fields if not field.primary_key]


@cache
def _statement(model: type[models.Model], named: bool) -> str:
    quote = connection.ops.quote_name
    columns = [field.column for field in _fields(model)] + ([model._meta.pk.column] if named else [])
    return (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(map(quote, columns))})"
        f" VALUES ({', '.join(['%s'] * len(columns))}) RETURNING {quote(model._meta.pk.column)}"
    )
