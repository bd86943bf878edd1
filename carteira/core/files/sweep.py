"""Files on disk that no row knows: what a killed process or a rolled back upload left behind."""

import os
from datetime import datetime, timedelta
from typing import Any

from carteira.core import dates
from carteira.core.files.models import StoredFile, folder_of
from carteira.core.files.store import remove_bytes

# An upload or an import may still be in its transaction; none lasts this long.
KEPT = timedelta(hours=24)


def sweep(account: Any, now: datetime) -> int:
    """The hourly clock: remove files older than a day that have no row; how many."""
    folder = folder_of(account.pk)
    if not folder.is_dir():
        return 0
    known = set(StoredFile.objects.values_list("token", flat=True))
    oldest = (now - dates.ahead() - KEPT).timestamp()  # files bear the machine's time
    removed = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in known or not entry.is_file(follow_symlinks=False):
                continue
            if entry.stat(follow_symlinks=False).st_mtime < oldest:
                remove_bytes(folder / entry.name)
                removed += 1
    return removed
