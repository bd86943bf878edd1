"""What must be true of finished imports and of stored files; read by `carteira verify`."""

from collections.abc import Iterator

from django.db.models import F

from carteira.core.files.models import StoredFile
from carteira.core.sheets.models import SheetImport


def counts_add_up() -> Iterator[str]:
    """M14: every line read was created, updated, unchanged or refused."""
    told = F("created") + F("updated") + F("unchanged") + F("failed")
    for record in SheetImport.objects.filter(finished_at__isnull=False).exclude(rows=told).order_by("id"):
        yield f"Import {record.pk} read {record.rows} lines but accounts for {sum(record.as_dict().values()) - record.rows}."


def files_are_there() -> Iterator[str]:
    """A stored file can be fetched."""
    for file in StoredFile.objects.order_by("id").iterator():
        try:
            size = file.path.stat().st_size
        except OSError:
            yield f"The bytes of file {file.pk} are gone."
            continue
        if size != file.size:
            yield f"File {file.pk} has {size} bytes on disk, {file.size} by its row."
