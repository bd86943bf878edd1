"""The import as a job: reads for as long as it takes, writes in one transaction, bears being killed and
repeated.
"""

from contextlib import suppress
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from carteira.core import dates
from carteira.core.jobs import defer, job, safe_point
from carteira.core.jobs.told import failure_told
from carteira.core.sheets.engine import CannotImport, run
from carteira.core.sheets.models import SheetImport
from carteira.core.walls import scope


@job(queue="imports", own_scope=True)
def import_file(account_id: UUID, import_id: str) -> None:
    """Run one import. What the file is to blame for `run` tells on the import's row itself."""
    account = apps.get_model(settings.ACCOUNT_MODEL)._default_manager.get(pk=account_id)
    now = dates.now()
    with scope(account_id):
        record = SheetImport.objects.select_related("file", "by").filter(pk=import_id).first()
    if record is None or record.finished_at is not None or record.file is None:
        return
    with (
        failure_told(
            lambda: SheetImport.objects.filter(pk=record.pk, finished_at=None),
            _("Something went wrong on our side. Nothing was imported."),
            account_id=account_id,
            language=record.language,
        ),
        suppress(CannotImport),
    ):
        run(account, record.pk, record.file.path, by=record.by, now=now)


@job(queue="imports", own_scope=True)
def undo_import(account_id: UUID, import_id: str) -> None:
    """Take an import back, piece by piece; goes on where an earlier run of it was cut off."""
    from carteira.core.sheets.undo import undo_some

    account = apps.get_model(settings.ACCOUNT_MODEL)._default_manager.get(pk=account_id)
    while undo_some(account, UUID(import_id), now=dates.now()):
        safe_point()


def start_undo(record: SheetImport) -> None:
    """Enqueue it in the current transaction."""
    defer(undo_import, record.account_id, lock="sheets", import_id=str(record.pk))


def start(record: SheetImport) -> None:
    """Enqueue it in the current transaction. One import of an account runs at a time."""
    defer(import_file, record.account_id, lock="sheets", import_id=str(record.pk))
