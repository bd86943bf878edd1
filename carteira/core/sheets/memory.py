"""Columns that were said once are proposed when a file with the same names comes again."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from carteira.core import people
from carteira.core.sheets.models import SheetImport, SheetMapping

_MOST = 200  # an account's saved columns; the longest unused go
_NAME = 80


class NoName(ValueError):
    """Saved columns need a name; the text is a sentence for the user."""


def fingerprint(header: Sequence[str]) -> str:
    """The same for files whose columns have the same names, in whatever order and writing."""
    names = sorted(people.name_sort(name) for name in header if name)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def recall(kind: str, header: Sequence[str]) -> SheetMapping | None:
    """What was said last time of such a file, in the open scope."""
    return SheetMapping.objects.filter(kind=kind, fingerprint=fingerprint(header)).first()


def remembered(saved: SheetMapping, header: Sequence[str]) -> dict[str, str]:
    """The saved mapping in this file's own writing of the names."""
    by_sort = {people.name_sort(column): field for column, field in saved.mapping.items()}
    found = {column: by_sort.get(people.name_sort(column), "") for column in header if column}
    return {column: field for column, field in found.items() if field}


def remember(record: SheetImport, header: Sequence[str], *, name: str = "", now: datetime) -> SheetMapping:
    """Keep what an import says of its columns, under `name` (default: as before, else the file's own name)."""
    with transaction.atomic():
        print_, name = fingerprint(header), _tidy(name)
        saved = SheetMapping.objects.select_for_update().filter(kind=record.kind, fingerprint=print_).first()
        if saved is None:
            stem = _tidy(record.file_name.rpartition(".")[0] or record.file_name) or record.kind
            saved = SheetMapping(kind=record.kind, fingerprint=print_, name=stem)
        saved.name = name or saved.name
        saved.mapping, saved.key, saved.used_at = dict(record.mapping), record.key, now
        saved.save()
        old = SheetMapping.objects.order_by("-used_at", "-id").values_list("pk", flat=True)[_MOST:]
        SheetMapping.objects.filter(pk__in=list(old)).delete()
        return saved


def rename(saved: SheetMapping, *, name: str) -> SheetMapping:
    """Raises NoName."""
    tidy = _tidy(name)
    if not tidy:
        raise NoName(_("Write a name."))
    SheetMapping.objects.filter(pk=saved.pk).update(name=tidy)
    saved.name = tidy
    return saved


def forget(saved: SheetMapping) -> None:
    """Such a file is guessed anew next time."""
    SheetMapping.objects.filter(pk=saved.pk).delete()


def _tidy(name: str) -> str:
    return (
        " ".join(people.clean_text(name[: _NAME * 2], limit=_NAME * 2).split())[:_NAME].strip() if name.strip() else ""
    )
