"""The rows of one import on their way in: temporary tables of this session, which vanish with it, however it
ends.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, connection

from carteira.core.registries import Text
from carteira.core.sheets.registry import Batch

ROWS, REFUSED, NOTED = "sheet_rows", "sheet_refused", "sheet_noted"
_PIECE = 20_000
_FILLED_IN = """replace(replace(%(sentence)s, '{value}', coalesce(value::text, '')),
    '{other}', coalesce(other::text, ''))"""


class Overtaken(IntegrityError):
    """Who was found a moment ago is there no longer, merged or deleted: the import looks again."""


class Stage:
    """`sheet_rows` (line and the kind's columns), `sheet_refused` (line, reason) and `sheet_noted` (line, note).

    Made outside the transaction that applies them, so that reading a large file keeps no transaction open;
    what the transaction does to them is rolled back with it.
    """

    def __init__(self, columns: Sequence[tuple[str, str]]) -> None:
        self._columns = list(columns)

    def __enter__(self) -> "Stage":
        typed = ", ".join(f"{name} {type_}" for name, type_ in self._columns)
        self.drop()
        execute(f"CREATE TEMPORARY TABLE {ROWS} (line integer NOT NULL, {typed})")
        execute(f"CREATE TEMPORARY TABLE {REFUSED} (line integer PRIMARY KEY, reason text NOT NULL)")
        execute(f"CREATE TEMPORARY TABLE {NOTED} (line integer PRIMARY KEY, note text NOT NULL)")
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        # After an error of the database the connection may be gone, and the tables with it; or the transaction
        # around us is broken, and its end takes them away.
        if not connection.needs_rollback and connection.connection and connection.is_usable():
            self.drop()

    def drop(self) -> None:
        execute(f"DROP TABLE IF EXISTS pg_temp.{ROWS}, pg_temp.{REFUSED}, pg_temp.{NOTED}")

    def add_many(self, batches: Sequence[Batch]) -> None:
        """Stage the batches' rows and note their refusals."""
        names = [name for name, _type in self._columns]
        rows = (
            row
            for batch in batches
            if batch.lines
            for row in zip(batch.lines, *(batch.columns[name] for name in names), strict=True)
        )
        copy_in(ROWS, ["line", *names], rows)
        refused = [pair for batch in batches for pair in batch.refused.items()]
        if refused:
            copy_in(REFUSED, ["line", "reason"], refused)

    def settle(self) -> None:
        """Tell the planner what is in the tables; nobody else does for temporary ones."""
        execute(f"ANALYZE {ROWS}")

    def refuse(self, sentence: Text, sql: str, parameters: Mapping[str, Any]) -> int:
        """Refuse the lines a query yields (line, value, other), each with the sentence in which {value} and
        {other} are filled; how many. They leave `sheet_rows`.
        """
        return execute(
            f"""
            WITH wrong AS (
                INSERT INTO {REFUSED} (line, reason) SELECT line, {_FILLED_IN} FROM ({sql}) AS found
                ON CONFLICT DO NOTHING RETURNING line
            )
            DELETE FROM {ROWS} WHERE line IN (SELECT line FROM wrong)""",
            {**parameters, "sentence": str(sentence)},
        )

    def note(self, sentence: Text, sql: str, parameters: Mapping[str, Any]) -> int:
        """Say something of lines that are taken all the same, as `refuse` does; how many. The first note of a line
        stays."""
        return execute(
            f"""INSERT INTO {NOTED} (line, note) SELECT line, {_FILLED_IN} FROM ({sql}) AS found
            ON CONFLICT DO NOTHING""",
            {**parameters, "sentence": str(sentence)},
        )

    def notes(self, most: int) -> tuple[int, list[list[Any]]]:
        """How many lines have one, and [line, note] of the first of them."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT line, note FROM {NOTED} ORDER BY line LIMIT %s", [most])
            found = [list(row) for row in cursor.fetchall()]
        return int(scalar(f"SELECT count(*) FROM {NOTED}")), found

    def refused(self) -> int:
        return int(scalar(f"SELECT count(*) FROM {REFUSED}"))

    def reasons(self) -> Iterator[tuple[int, str]]:
        """(line, reason) of all refused lines, in the file's order; a piece at a time, for all of a file may
        be wrong.
        """
        last = -1
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT line, reason FROM {REFUSED} WHERE line > %s ORDER BY line LIMIT {_PIECE}", [last]
                )
                found = cursor.fetchall()
            yield from found
            if len(found) < _PIECE:
                return
            last = found[-1][0]


def execute(sql: str, parameters: Mapping[str, Any] | None = None) -> int:
    """Run a statement; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return max(cursor.rowcount, 0)


def table(name: str, sql: str, parameters: Mapping[str, Any] | None = None) -> int:
    """A temporary table of this transaction from a query, known to the planner; how many rows it has."""
    execute(f"DROP TABLE IF EXISTS pg_temp.{name}")  # left by another import where this transaction is a savepoint
    count = execute(f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS {sql}", parameters)
    execute(f"ANALYZE {name}")
    return count


def scalar(sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
    """The first column of the first row."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()[0]


def copy_in(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a temporary table (walled tables refuse COPY)."""
    with (
        connection.cursor() as cursor,
        # The driver's own object, whose errors Django does not see: a lost connection must look like one.
        connection.wrap_database_errors,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        write = copy.write_row
        for row in rows:
            write(row)
