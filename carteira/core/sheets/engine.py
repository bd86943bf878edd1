"""Runs an import: read and clean into temporary tables, then match and write in one transaction.

Killed at any moment it has written everything or nothing, and the import's own row says which: it is marked
finished in the very transaction that writes. Whoever starts it again (the worker's rescue, a person) gets a
no-op or a fresh start. Two imports of an account read side by side but write one after the other (an advisory
lock).
"""

import time
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import DatabaseError, IntegrityError, OperationalError, connection
from django.utils import translation
from django.utils.translation import gettext as _

from carteira.core.database.statistics import ENOUGH, renew_statistics
from carteira.core.files.store import reserved
from carteira.core.jobs.running import safe_point
from carteira.core.sheets import mapping as mappings
from carteira.core.sheets.columns import Columns
from carteira.core.sheets.errors import SheetError
from carteira.core.sheets.models import SheetImport
from carteira.core.sheets.reader import BadLine, Sheet, open_sheet
from carteira.core.sheets.refusals import RefusedLines
from carteira.core.sheets.registry import Batch, Counts, Reading, SheetKind, kinds
from carteira.core.sheets.staging import Stage, execute, scalar
from carteira.core.walls import scope

_TRIES = 3
_PAUSE = 1.0  # seconds between two notes of how far it is
_STAGED_AT_ONCE = 5_000
_NOTES = 50  # told in the report; how many there are is counted
_SHOWN = 8  # of the new and of the changed rows each, for whoever decides after a check


class CannotImport(ValueError):
    """Nothing was imported; the text is a sentence for the user."""


def run(account: Any, import_id: UUID, path: Path, *, by: Any, now: datetime) -> SheetImport:
    """Import the file at `path` as the import's row says; gives the finished row. No scope may be open.

    An import that is finished already is left alone. Raises CannotImport (noted on the row) when the file or
    the columns make no sense; errors of the database pass through, having changed nothing.
    """
    began = time.monotonic()
    with scope(account.pk):
        record = SheetImport.objects.select_for_update().get(pk=import_id)
        if record.finished_at is not None:
            return record
        _note(record, now, began, started_at=now, failed_at=None, error="", percent=0, rows=0)
        kind = kinds[record.kind].of(account)
    with translation.override(record.language):
        try:
            with open_sheet(path, name=record.file_name) as sheet:
                mappings.still(kind, record.mapping, record.versions)
                key = mappings.check(kind, sheet.header, record.mapping, record.key or None)
                return _import(account, kind, record, sheet, key, path, by=by, now=now, began=began)
        except (SheetError, mappings.CannotMap, CannotImport) as error:
            with scope(account.pk):
                _note(record, now, began, failed_at=_after(now, began), error=str(error)[:1000])
            raise CannotImport(str(error)) from error


def _import(
    account: Any,
    kind: SheetKind,
    record: SheetImport,
    sheet: Sheet,
    key: str,
    path: Path,
    *,
    by: Any,
    now: datetime,
    began: float,
) -> SheetImport:
    fields = frozenset(record.mapping.values())
    reading = Reading(account, record.language, now, by, record.pk, key, fields)
    with scope(account.pk):
        reading = replace(reading, prepared=kind.prepare(reading))
    columns = Columns(kind, sheet.header, record.mapping, reading)
    with Stage(columns.staged) as stage:
        rows = _read(record, sheet, columns, stage, reading, began)
        for attempt in range(1, _TRIES + 1):
            try:
                with scope(account.pk):
                    done = _apply(kind, record.pk, sheet.header, stage, reading, rows, path, began)
                if done.applied_at is not None and done.created + done.updated >= ENOUGH:
                    renew_statistics(kind.tables)
                return done
            except (IntegrityError, OperationalError) as error:
                # Somebody took a code meanwhile, or two transactions waited for each other: look again.
                if attempt == _TRIES or not _worth_another_try(error):
                    raise
    raise AssertionError("unreachable")


def _read(record: SheetImport, sheet: Sheet, columns: Columns, stage: Stage, reading: Reading, began: float) -> int:
    """Stage the whole file; how many rows it has."""
    rows, noted = 0, time.monotonic()
    waiting: list[Batch] = []
    for items in sheet:
        safe_point()
        good = [item for item in items if not isinstance(item, BadLine)]
        batch = columns.clean(good) if good else Batch([], {})
        for item in items:
            if isinstance(item, BadLine):
                batch.refused[item.line] = str(item.message)
        rows += len(items)
        waiting.append(batch)
        if sum(len(part.lines) for part in waiting) >= _STAGED_AT_ONCE:
            stage.add_many(waiting)
            waiting = []
        if time.monotonic() - noted > _PAUSE:
            noted = time.monotonic()
            with scope(reading.account.pk):
                _note(record, reading.now, began, percent=min(sheet.progress, 99), rows=rows)
    stage.add_many(waiting)
    stage.settle()
    with scope(reading.account.pk):
        _note(record, reading.now, began, percent=100, rows=rows)
    return rows


def _apply(
    kind: SheetKind,
    import_id: UUID,
    header: list[str],
    stage: Stage,
    reading: Reading,
    rows: int,
    path: Path,
    began: float,
) -> SheetImport:
    """Everything that lasts, in the open scope's transaction."""
    one_at_a_time(reading.account.pk)
    record = SheetImport.objects.select_for_update().get(pk=import_id)
    if record.finished_at is not None:  # a job given to two workers: the other one was quicker
        return record
    execute("SET LOCAL work_mem = '64MB'")
    reading = replace(reading, now=_own_moment(reading.now))
    counts = kind.match(stage, reading)
    record.sample = [asdict(shown) for shown in kind.show(stage, reading, _SHOWN)]
    record.noted, record.notes = stage.notes(_NOTES)
    failed = stage.refused()
    _must_add_up(rows, counts, failed)
    errors_file = _tell_refused(header, stage, reading, path, record) if failed else None
    try:
        if not record.dry_run:
            kind.write(stage, reading)
            record.applied_at = reading.now
        record.rows, record.failed, record.errors_file = rows, failed, errors_file
        record.created, record.updated, record.unchanged = counts.created, counts.updated, counts.unchanged
        record.finished_at = _after(reading.now, began)
        record.save()
    except BaseException:
        if errors_file is not None:
            errors_file.path.unlink(missing_ok=True)
        raise
    return record


def one_at_a_time(account_id: UUID) -> None:
    """Wait for another import of the account, longer than the usual limit for a lock, which then holds again."""
    limit = scalar("SHOW lock_timeout")
    execute("SET LOCAL lock_timeout = '30min'")
    execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%(name)s, 0))",
        {"name": f"carteira.sheets:{account_id}"},
    )
    execute(f"SET LOCAL lock_timeout = '{limit}'")


def _own_moment(now: datetime) -> datetime:
    """`now`, or just after the account's last import: the moment names this import's rows."""
    last = SheetImport.objects.order_by("-applied_at").filter(applied_at__isnull=False).first()
    if last is None or last.applied_at < now:
        return now
    return last.applied_at + timedelta(microseconds=1)


def _must_add_up(rows: int, counts: Counts, failed: int) -> None:
    told = counts.created + counts.updated + counts.unchanged + failed
    if told != rows:
        raise RuntimeError(f"The import has {rows} rows but accounts for {told}: {counts}, {failed} failed.")


def _tell_refused(header: list[str], stage: Stage, reading: Reading, path: Path, record: SheetImport) -> Any:
    """Write the file of refused lines. The imported file is read again up to the last of them: keeping every
    line's cells until now would cost more than that.
    """
    name = _("refused lines of %(file)s.csv") % {"file": record.file_name.rpartition(".")[0] or record.file_name}
    decimal_comma = reading.language[:2] in {"pt", "es"}
    with reserved(name=name, right="sheets.import", by=reading.by, now=reading.now) as file:
        with (
            open_sheet(path, name=record.file_name) as sheet,
            RefusedLines(file.path, header, delimiter=";" if decimal_comma else ",") as refused,
        ):
            reasons = stage.reasons()
            line, reason = next(reasons, (None, ""))
            for items in sheet:
                for item in items:
                    number, cells = (item.line, item.cells) if isinstance(item, BadLine) else item
                    if number == line:
                        refused.add(number, cells, reason)
                        line, reason = next(reasons, (None, ""))
                if line is None:
                    break
        if line is not None:
            raise CannotImport(_("The file changed while it was being imported. Nothing was imported."))
        file.size = file.path.stat().st_size
        file.save(update_fields=["size"])
    return file


def _worth_another_try(error: DatabaseError) -> bool:
    """Not when the connection is gone, for the staged rows are gone with it."""
    return isinstance(error, IntegrityError) or (connection.connection is not None and connection.is_usable())


def _note(record: SheetImport, now: datetime, began: float, **values: Any) -> None:
    """Write down how far it is, in a transaction of its own."""
    SheetImport.objects.filter(pk=record.pk, finished_at=None).update(noted_at=_after(now, began), **values)


def _after(now: datetime, began: float) -> datetime:
    """The moment it is, told from the one the work began at."""
    return now + timedelta(seconds=time.monotonic() - began)
