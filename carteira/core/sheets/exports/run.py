"""Makes an export's file: the rows of one moment into a temporary table, then piece by piece into the file.

Killed at any moment there is either the whole file, with its row and the export marked finished in one transaction, or
nothing but bytes nobody can fetch, which `core.files.sweep` removes.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext_lazy

from carteira.core.events import kinds as event_kinds
from carteira.core.events.record import record as record_event
from carteira.core.files.models import folder_of, random_name
from carteira.core.files.store import remove_bytes, reserved
from carteira.core.jobs.running import safe_point
from carteira.core.sheets.exports.registry import Asking, ExportKind, export_kinds
from carteira.core.sheets.exports.writers import TooManyRows, check_rows, open_writer
from carteira.core.sheets.models import SheetExport
from carteira.core.sheets.staging import execute, scalar
from carteira.core.walls import scope

MADE = event_kinds.register("export.made", gettext_lazy("{rows} lines exported ({kind}, {format})."))

_TABLE = "sheet_export"
_PIECE = 2_000
_PAUSE = 1.0  # seconds between two notes of how far it is


def run(account: Any, export_id: UUID, *, now: datetime) -> SheetExport:
    """Make the file of an export; gives the finished row. No scope may be open. One that is finished is left alone.

    Raises TooManyRows (noted on the row).
    """
    began = time.monotonic()
    with scope(account.pk):
        export = SheetExport.objects.select_for_update().get(pk=export_id)
        if export.finished_at is not None:
            return export
        _note(export, now, began, started_at=now, failed_at=None, error="", percent=0, rows=0)
    kind = export_kinds.get(export.kind)
    assert kind is not None, export.kind
    asking = Asking(account, export.language, now, export.filter)
    folder = folder_of(account.pk)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / random_name()
    with translation.override(export.language):
        try:
            rows = write_file(kind, asking, export.format, path, progress=_noting(export, asking, began))
            return _finish(export, path, rows, now=now, began=began)
        except TooManyRows as error:
            with scope(account.pk):
                _note(export, now, began, failed_at=_after(now, began), error=str(error))
            raise
        finally:
            remove_bytes(path)


def write_file(
    kind: ExportKind, asking: Asking, format: str, path: Path, *, progress: Any = lambda done, total: None
) -> int:
    """Write what is asked to a new file; how many rows. No scope may be open. Raises TooManyRows."""
    with scope(asking.account.pk):
        total = _take(kind, asking)
        line, columns = kind.line(asking), [*kind.columns, *kind.more(asking)]
    try:
        check_rows(format, total)
        done = 0
        writer = open_writer(format, path, columns, title=str(kind.label), language=asking.language)
        try:
            for piece in _pieces(total):
                safe_point()
                for row in piece:
                    writer.add(line(row))
                done += len(piece)
                progress(done, total)
        finally:
            writer.close()
        return total
    finally:
        if not connection.needs_rollback and connection.connection and connection.is_usable():
            execute(f"DROP TABLE IF EXISTS pg_temp.{_TABLE}")


def _take(kind: ExportKind, asking: Asking) -> int:
    """One moment's rows into a table of this session, numbered in their order: reading them then holds nothing open."""
    sql, parameters = kind.query(asking)
    execute("SET LOCAL work_mem = '64MB'")
    execute(f"DROP TABLE IF EXISTS pg_temp.{_TABLE}")
    width = _width(sql, parameters)
    names = ", ".join(f"c{at}" for at in range(width))
    execute(
        f"CREATE TEMPORARY TABLE {_TABLE} AS SELECT row_number() OVER () AS nth, q.* FROM ({sql}) AS q ({names})",
        parameters,
    )
    execute(f"CREATE INDEX ON {_TABLE} (nth)")
    return int(scalar(f"SELECT count(*) FROM {_TABLE}"))


def _width(sql: str, parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) AS q LIMIT 0", parameters)
        return len(cursor.description or ())


def _pieces(total: int) -> Iterator[Sequence[Sequence[Any]]]:
    for first in range(0, total, _PIECE):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {_TABLE} WHERE nth > %s AND nth <= %s ORDER BY nth", [first, first + _PIECE])
            yield [row[1:] for row in cursor.fetchall()]


def _finish(export: SheetExport, path: Path, rows: int, *, now: datetime, began: float) -> SheetExport:
    with scope(export.account_id):
        export = SheetExport.objects.select_related("by").select_for_update(of=("self",)).get(pk=export.pk)
        if export.finished_at is not None:  # a job given to two workers: the other one was quicker
            return export
        with reserved(name=export.file_name, right=export.right, by=export.by, now=now) as file:
            path.replace(file.path)
            file.size = file.path.stat().st_size
            file.save(update_fields=["size"])
            export.file, export.rows, export.percent = file, rows, 100
            export.finished_at = _after(now, began)
            export.save()
            what = {"kind": export.kind, "format": export.format, "rows": rows, "export": str(export.pk)}
            record_event(MADE, by=export.by, now=now, what=what)
        return export


def _noting(export: SheetExport, asking: Asking, began: float) -> Any:
    noted = time.monotonic()

    def note(done: int, total: int) -> None:
        nonlocal noted
        if time.monotonic() - noted > _PAUSE:
            noted = time.monotonic()
            with scope(asking.account.pk):
                _note(export, asking.now, began, percent=min(done * 100 // max(total, 1), 99), rows=done)

    return note


def _note(export: SheetExport, now: datetime, began: float, **values: Any) -> None:
    """Write down how far it is, in a transaction of its own."""
    SheetExport.objects.filter(pk=export.pk, finished_at=None).update(noted_at=_after(now, began), **values)


def _after(now: datetime, began: float) -> datetime:
    return now + timedelta(seconds=time.monotonic() - began)
