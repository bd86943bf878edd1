"""The export as a job: bears being killed and repeated."""

from contextlib import suppress
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from carteira.core import dates
from carteira.core.jobs import defer, job
from carteira.core.jobs.told import failure_told
from carteira.core.sheets.exports.run import run
from carteira.core.sheets.exports.writers import TooManyRows
from carteira.core.sheets.models import SheetExport
from carteira.core.walls import scope


@job(queue="imports", own_scope=True)
def export_file(account_id: UUID, export_id: str) -> None:
    """Make one export's file."""
    account = apps.get_model(settings.ACCOUNT_MODEL)._default_manager.get(pk=account_id)
    with scope(account_id):
        export = SheetExport.objects.filter(pk=export_id).first()
    if export is None or export.finished_at is not None:
        return
    with (
        failure_told(
            lambda: SheetExport.objects.filter(pk=export.pk, finished_at=None),
            _("Something went wrong on our side. Nothing was exported."),
            account_id=account_id,
            language=export.language,
        ),
        suppress(TooManyRows),
    ):
        run(account, export.pk, now=dates.now())


def start(export: SheetExport) -> None:
    """Enqueue it in the current transaction."""
    defer(export_file, export.account_id, export_id=str(export.pk))
