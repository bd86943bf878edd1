"""Imported files hold personal data: they are kept as long as somebody may want to look again, then go."""

from datetime import datetime, timedelta
from typing import Any

from carteira.core.files.models import StoredFile
from carteira.core.files.store import discard
from carteira.core.sheets.models import SheetImport

KEPT = timedelta(days=30)


def forget_files(account: Any, now: datetime) -> int:
    """The hourly clock: remove the files of imports older than 30 days, and of those never started; how many.
    The reports stay.
    """
    old = SheetImport.objects.filter(created_at__lt=now - KEPT)
    ids = {pk for pair in old.values_list("file_id", "errors_file_id") for pk in pair if pk is not None}
    for file in StoredFile.objects.filter(pk__in=ids):
        discard(file)
    return len(ids)
