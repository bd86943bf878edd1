"""From an uploaded file to a running import: the verbs behind the screens."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from carteira.core.files.models import StoredFile
from carteira.core.files.store import discard, keep, plain_name
from carteira.core.sheets import jobs, memory
from carteira.core.sheets import mapping as mappings
from carteira.core.sheets.errors import SheetError
from carteira.core.sheets.models import SheetImport
from carteira.core.sheets.reader import Limits, open_sheet
from carteira.core.sheets.registry import SheetKind

# Who may fetch an uploaded sheet and its refused lines: whoever may import (accounts.roles.Right.IMPORT).
RIGHT = "sheets.import"


class CannotStart(ValueError):
    """The import cannot be started (again); the text is a sentence for the user."""


def receive(
    kind: SheetKind, chunks: Iterable[bytes], *, name: str, language: str, by: Any, now: datetime
) -> SheetImport:
    """Keep an uploaded sheet and guess its columns. Raises SheetError when it is no sheet, files.quota.NotKept."""
    file = keep(chunks, name=name, right=RIGHT, limit=Limits().file_bytes, by=by, now=now)
    try:
        with open_sheet(file.path, name=file.name) as sheet:
            header = sheet.header
    except SheetError:
        discard(file)
        raise
    saved = memory.recall(kind.name, header)
    mapping = memory.remembered(saved, header) if saved else mappings.guess(kind, header)
    return SheetImport.objects.create(
        kind=kind.name,
        file=file,
        file_name=plain_name(name),
        mapping={column: field for column, field in mapping.items() if field in kind.names},
        key=saved.key if saved else "",
        language=language,
        by=by,
        created_at=now,
    )


def choose(
    record: SheetImport,
    kind: SheetKind,
    header: list[str],
    *,
    mapping: Mapping[str, str],
    key: str | None,
    dry_run: bool,
    name: str = "",
    now: datetime,
) -> SheetImport:
    """Settle the columns and enqueue the import, or with `dry_run` a check. They are remembered for the next such file,
    as `name`. Raises mapping.CannotMap, CannotStart."""
    key = mappings.check(kind, header, mapping, key)
    with transaction.atomic():
        record = SheetImport.objects.select_for_update().get(pk=record.pk)
        if record.state not in {"new", "failed"}:
            raise CannotStart(_("This import has been started already."))
        record.mapping, record.dry_run = dict(mapping), dry_run
        # Of a file without any identifier none is stored: its lines are known by their names.
        record.key = key if key in mapping.values() else ""
        record.versions = mappings.versions(kind, mapping)
        memory.remember(record, header, name=name, now=now)
        return _start(record, now)


def repeat(record: SheetImport, *, by: Any, now: datetime, start: bool) -> SheetImport:
    """A new import of the same file with the same columns; with `start` at once and for real, as after a check.

    Raises CannotStart when the file is gone.
    """
    file = StoredFile.objects.filter(pk=record.file_id).first()
    if file is None or not file.path.exists():
        raise CannotStart(_("The file is not kept any more. Upload it again."))
    with transaction.atomic():
        twin = SheetImport.objects.create(
            kind=record.kind,
            file=file,
            file_name=record.file_name,
            mapping=record.mapping,
            versions=record.versions,
            key=record.key,
            language=record.language,
            by=by,
            created_at=now,
        )
        return _start(twin, now) if start else twin


def restart(record: SheetImport, *, now: datetime) -> SheetImport:
    """Enqueue anew an import whose process has fallen silent. Whichever of two jobs comes second finds it done."""
    with transaction.atomic():
        record = SheetImport.objects.select_for_update().get(pk=record.pk)
        if not record.is_silent(now) or record.file_id is None:
            raise CannotStart(_("This import is running or done."))
        return _start(record, now)


def _start(record: SheetImport, now: datetime) -> SheetImport:
    record.started_at = record.noted_at = now
    record.failed_at, record.error, record.percent, record.rows = None, "", 0, 0
    record.save()
    jobs.start(record)
    return record
