"""How the rows of each table follow their customer into a merge, and back: a registry that every room fills.

A table that names a customer and declares no mover fails a house test; were it missed all the same, the database would
refuse to let the merged customer go while a row still names it.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models

from carteira.accounts.roles import Right
from carteira.core.database.arrays import uuids
from carteira.core.registries import Registry, Text
from carteira.core.walls.models import AccountKey
from carteira.core.walls.scope import require_account_id
from carteira.customers.merge.models import CustomerMerge, MergedRows


@dataclass(frozen=True)
class Sum:
    """An amount in minor units that no merge may change: an aggregate over the rows, as `t`."""

    label: Text
    sql: str


@dataclass(frozen=True)
class Mover:
    """Rows of one table. Plain rows just change their customer; the rest says what else happens.

    `gives_way`: SQL about a row of the merged one (as `t`; %(kept)s, %(merged)s): true where the kept one has its own,
    or the row would mean nothing. Such rows go, and come back with the undo. `adapts`: column -> SQL it becomes as it
    moves. `stays`: SQL about a moved row: true where an undo has to leave it with the survivor, because of what
    happened since (%(merge)s). `derived`: rows that follow from others; they go, and whoever derives them makes them
    anew. `first` is called before anything moves: locks.
    """

    label: Text = ""
    gives_way: str = ""
    adapts: Mapping[str, str] = field(default_factory=dict)
    stays: str = ""
    sums: Sequence[Sum] = ()
    derived: bool = False
    # In the preview: whether its rows are worth a line, and to whom they are told.
    shown: bool = True
    right: Right = Right.SEE_CUSTOMERS
    first: Callable[[], None] | None = None
    # (merge, rows) after the rows moved, and before they move back.
    after: Callable[[CustomerMerge, MergedRows], None] | None = None
    before_back: Callable[[CustomerMerge, MergedRows], None] | None = None


# "app.Model.column" -> how its rows move.
movers: Registry[Mover] = Registry("Row mover")


@dataclass(frozen=True)
class Table:
    """A mover with its place in the database."""

    name: str
    mover: Mover

    @cached_property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.name.rpartition(".")[0])

    @cached_property
    def column(self) -> str:
        name = self.name.rpartition(".")[2]
        try:
            return connection.ops.quote_name(self.model._meta.get_field(name).column)  # type: ignore[union-attr]
        except FieldDoesNotExist as error:
            raise ValueError(f"There is no column {self.name}.") from error

    @property
    def sql(self) -> str:
        return connection.ops.quote_name(self.model._meta.db_table)

    @property
    def label(self) -> str:
        return str(self.mover.label or self.model._meta.verbose_name_plural)


def tables() -> list[Table]:
    return [Table(name, movers[name]) for name in movers.names()]


def undeclared() -> Iterable[str]:
    """A sentence for each column that names a customer and has no mover, and for each mover of no column."""
    known = set(movers.names())
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            target = column.remote_field and column.remote_field.model
            to_customer = isinstance(target, type) and target._meta.label == "customers.Customer"
            if (to_customer or column.name == "customer_id") and f"{model._meta.label}.{column.name}" not in known:
                yield (
                    f"{model._meta.label}.{column.name} names a customer: say in the room's registrations how its rows "
                    "move when two customers are merged (customers.merge.movers)."
                )
    for table in tables():
        try:
            table.column  # noqa: B018
        except (LookupError, ValueError) as error:
            yield str(error)


def move(table: Table, merge: CustomerMerge) -> MergedRows:
    """Let the merged one's rows follow. Written down for the undo; the caller stores it."""
    rows = MergedRows(merge=merge, mover=table.name)
    mover, own = table.mover, f"t.account_id = %(account)s AND t.{table.column} = %(merged)s"
    parameters = parameters_of(merge)
    with connection.cursor() as cursor:
        if mover.derived:
            cursor.execute(f"DELETE FROM {table.sql} t WHERE {own}", parameters)
        else:
            if mover.gives_way:
                cursor.execute(
                    f"DELETE FROM {table.sql} t WHERE {own} AND ({mover.gives_way}) RETURNING to_jsonb(t)", parameters
                )
                rows.gone = [from_json(row) for (row,) in cursor.fetchall()]
            if mover.adapts:
                rows.changed = _adapt(cursor, table, own, parameters)
            cursor.execute(
                f"""WITH moved AS (UPDATE {table.sql} t SET {table.column} = %(kept)s WHERE {own} RETURNING t.id)
                SELECT coalesce(array_agg(id), '{{}}') FROM moved""",
                parameters,
            )
            rows.moved = cursor.fetchone()[0]
    if mover.after is not None:
        mover.after(merge, rows)
    return rows


def _adapt(cursor: Any, table: Table, own: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    changed = []
    for name, becomes in table.mover.adapts.items():
        column = connection.ops.quote_name(name)
        cursor.execute(
            f"""WITH want AS MATERIALIZED (
                SELECT t.id, t.{column} AS old, {becomes} AS new FROM {table.sql} t WHERE {own}
            )
            UPDATE {table.sql} t SET {column} = w.new FROM want w
            WHERE t.account_id = %(account)s AND t.id = w.id AND w.old IS DISTINCT FROM w.new
            RETURNING t.id, to_jsonb(w.old), to_jsonb(w.new)""",
            parameters,
        )
        changed += [
            {"id": str(id), "column": name, "old": from_json(old), "new": from_json(new)}
            for id, old, new in cursor.fetchall()
        ]
    return changed


def move_back(table: Table, merge: CustomerMerge, rows: MergedRows) -> int:
    """Undo `move`: what came since is left where it is. How many moved rows had to stay with the survivor."""
    if table.mover.before_back is not None:
        table.mover.before_back(merge, rows)
    remove_made(table, merge, rows)
    stayed = 0
    if rows.moved:
        own = f"t.account_id = %(account)s AND t.id = ANY(%(ids)s::uuid[]) AND t.{table.column} = %(kept)s"
        stays = f" AND NOT ({table.mover.stays})" if table.mover.stays else ""
        parameters = {**parameters_of(merge), "ids": uuids(rows.moved)}
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table.sql} t SET {table.column} = %(merged)s WHERE {own}{stays}", parameters)
            if stays:
                cursor.execute(f"SELECT count(*) FROM {table.sql} t WHERE {own}", parameters)
                stayed = cursor.fetchone()[0]
    restore_changed(table, rows)
    put_back(table.model, rows.gone)
    return stayed


def remove_made(table: Table, merge: CustomerMerge, rows: MergedRows) -> None:
    """Rows the merge made go again, but for those somebody changed since."""
    if rows.made:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""DELETE FROM {table.sql} t USING jsonb_array_elements(%(made)s::jsonb) AS m(it)
                WHERE t.account_id = %(account)s AND t.id = (m.it ->> 'id')::uuid AND to_jsonb(t) = m.it""",
                {**parameters_of(merge), "made": as_json(rows.made)},
            )


def restore_changed(table: Table, rows: MergedRows) -> None:
    """Columns the merge changed take their old values, but for those somebody changed since."""
    for name in sorted({change["column"] for change in rows.changed}):
        column = connection.ops.quote_name(name)
        some = [change for change in rows.changed if change["column"] == name]
        value = f"(jsonb_populate_record(NULL::{table.sql}, jsonb_build_object(%(name)s::text, c.it -> %(which)s))).{column}"
        old, new = value.replace("%(which)s", "'old'"), value.replace("%(which)s", "'new'")
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE {table.sql} t SET {column} = {old} FROM jsonb_array_elements(%(some)s::jsonb) AS c(it)
                WHERE t.account_id = %(account)s AND t.id = (c.it ->> 'id')::uuid
                    AND t.{column} IS NOT DISTINCT FROM {new}""",
                {"account": require_account_id(), "name": name, "some": as_json(some)},
            )


def put_back(model: type[models.Model], gone: Sequence[Mapping[str, Any]]) -> int:
    """Insert whole rows as they were; one that stands in the way of none but itself is left out. How many."""
    if not gone:
        return 0
    gone = _still_pointing(model, gone)
    if not gone:
        return 0
    columns = [column for column in model._meta.concrete_fields if column.column in gone[0] or not column.null]
    filled = [{column.column: row.get(column.column, _default(column)) for column in columns} for row in gone]
    names = ", ".join(connection.ops.quote_name(column.column) for column in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {table} ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, %(rows)s::jsonb)
            ON CONFLICT DO NOTHING""",
            {"rows": as_json(filled)},
        )
        return int(cursor.rowcount)


def _still_pointing(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Without rows that say something about what is gone meanwhile; where they may do without it, they do."""
    found = [dict(row) for row in rows]
    for column in model._meta.concrete_fields:
        target = column.remote_field and column.remote_field.model
        if target is None or isinstance(column, AccountKey):
            continue
        named = {row[column.column] for row in found if row.get(column.column)}
        there = {str(id) for id in target._default_manager.filter(pk__in=named).values_list("pk", flat=True)}
        lost = {id for id in named if str(id) not in there}
        if lost and column.null:
            found = [{**row, column.column: None} if row.get(column.column) in lost else row for row in found]
        elif lost:
            found = [row for row in found if row.get(column.column) not in lost]
    return list(found)


def _default(column: Any) -> Any:
    """Of a column that came with a later version of the program."""
    return column.get_default() if column.has_default() else "" if column.empty_strings_allowed else None


def parameters_of(merge: CustomerMerge) -> dict[str, Any]:
    main = merge.before.get("main", {})
    return {
        "account": require_account_id(),
        "kept": merge.kept_id,
        "merged": merge.merged_id,
        "merge": merge.pk,
        # The kept one's main e-mail and phone as the merge leaves them.
        "email": main.get("email", ""),
        "phone": main.get("phone", ""),
    }


def counts(customers: Iterable[UUID]) -> dict[str, dict[str, list[int]]]:
    """{customer: {mover: [rows, sums…]}} of each table, in one query."""
    ids, parts, names = [str(id) for id in customers], [], []
    for table in tables():
        if table.mover.derived:
            continue
        sums = ", ".join(one.sql for one in table.mover.sums) or "NULL::bigint"
        names.append(table)
        parts.append(
            f"SELECT {len(names) - 1} AS nth, t.{table.column} AS id, count(*), ARRAY[{sums}]::bigint[] FROM {table.sql} t"
            f" WHERE t.account_id = %(account)s AND t.{table.column} = ANY(%(ids)s::uuid[]) GROUP BY 2"
        )
    found: dict[str, dict[str, list[int]]] = {id: {} for id in ids}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), {"account": require_account_id(), "ids": ids})
        for nth, id, count, amounts in cursor.fetchall():
            sums = amounts if names[nth].mover.sums else []
            found[str(id)][names[nth].name] = [count, *(amount or 0 for amount in sums)]
    return found


def as_json(value: Any) -> str:
    return json.dumps(value, default=str)


def from_json(value: Any) -> Any:
    """As the database gave it: text, or read already."""
    return json.loads(value) if isinstance(value, str) else value
