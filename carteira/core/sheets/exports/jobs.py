"""The export as a job: bears being killed and repeated."""

import logging
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import override

from carteira.core import dates
from carteira.core.jobs import defer, job
from carteira.core.jobs.retries import Interrupted
from carteira.core.sheets.exports.run import run
from carteira.core.sheets.exports.writers import TooManyRows
from carteira.core.sheets.models import SheetExport
from carteira.core.walls import scope

logger = logging.getLogger(__name__)


@job(queue="imports", own_scope=True)
def export_file(account_id: UUID, export_id: str) -> None:
    """Make one export's file. Trouble with the database is tried again; anything else is our mistake."""
    account = apps.get_model(settings.ACCOUNT_MODEL)._default_manager.get(pk=account_id)
    with scope(account_id):
        export = SheetExport.objects.filter(pk=export_id).first()
    if export is None or export.finished_at is not None:
        return
    try:
        run(account, export.pk, now=dates.now())
    except TooManyRows:
        return
    except (OperationalError, InterfaceError, Interrupted):
        raise
    except Exception:
        logger.exception("Export %s failed", export.pk)
        with scope(account_id), override(export.language):
            sentence = _("Something went wrong on our side. Nothing was exported.")
            SheetExport.objects.filter(pk=export.pk, finished_at=None).update(failed_at=dates.now(), error=sentence)


def start(export: SheetExport) -> None:
    """Enqueue it in the current transaction."""
    defer(export_file, export.account_id, export_id=str(export.pk))
