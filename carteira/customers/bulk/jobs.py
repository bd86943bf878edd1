"""An act as a job: part after part, each in a transaction of its own."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from carteira.core import dates
from carteira.core.jobs import job, safe_point
from carteira.core.jobs.told import failure_told
from carteira.core.walls import scope
from carteira.customers.bulk import run
from carteira.customers.bulk.models import UNFINISHED, BulkAct


@job(queue="bulk", own_scope=True)
def change_many(account_id: UUID, act_id: str) -> None:
    """Begin or go on with an act, or with its undo; one that is finished is left alone."""
    id = UUID(act_id)
    with scope(account_id):
        language = BulkAct.objects.filter(pk=id).values_list("language", flat=True).first()
    if language is None:
        return
    more = True
    with failure_told(
        lambda: BulkAct.objects.filter(UNFINISHED, pk=id),
        _("Something went wrong on our side. What was done up to there stays done."),
        account_id=account_id,
        language=language,
    ):
        while more:
            safe_point()
            with scope(account_id):
                more = run.step(id, now=dates.now())
