"""A field's change of type as a job."""

from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from carteira.core import dates
from carteira.core.jobs import job
from carteira.core.jobs.told import failure_told
from carteira.core.walls import scope
from carteira.customers.fields.models import FieldChange


@job(queue="bulk", own_scope=True)
def change_kind(account_id: UUID, change_id: str) -> None:
    """Begin, or begin anew where it was cut off; a finished one is left alone."""
    from carteira.customers.fields.convert_many import run

    account = apps.get_model(settings.ACCOUNT_MODEL)._default_manager.get(pk=account_id)
    id = UUID(change_id)
    with scope(account_id):
        language = FieldChange.objects.filter(pk=id).values_list("language", flat=True).first()
    if language is None:
        return
    with failure_told(
        lambda: FieldChange.objects.filter(pk=id, finished_at=None),
        _("Something went wrong on our side. The field is as it was."),
        account_id=account_id,
        language=language,
    ):
        run(account, id, now=dates.now())
