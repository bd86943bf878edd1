"""Exported files hold personal data: they go after a week. What was exported, by whom and when stays told."""

from datetime import datetime, timedelta
from typing import Any

from carteira.core.files.models import StoredFile
from carteira.core.files.store import discard
from carteira.core.sheets.models import SheetExport

KEPT = timedelta(days=7)


def forget_exports(account: Any, now: datetime) -> int:
    """The hourly clock: remove the files of exports older than seven days; how many."""
    return _discard(SheetExport.objects.filter(created_at__lt=now - KEPT))


def discard_all() -> int:
    """Remove every export's file of the open scope at once: when somebody in them is erased. How many."""
    return _discard(SheetExport.objects.all())


def _discard(exports: Any) -> int:
    ids = list(exports.exclude(file=None).values_list("file_id", flat=True))
    for file in StoredFile.objects.filter(pk__in=ids):
        discard(file)
    return len(ids)
