"""Answering a request about a person's data in the background."""

from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account
from carteira.core import dates
from carteira.core.jobs import job
from carteira.core.jobs.told import failure_told
from carteira.core.privacy.models import PersonRequest
from carteira.core.privacy.requests import fail
from carteira.core.walls import scope
from carteira.customers.anonymise import CannotAnonymise, anonymise
from carteira.customers.models import Customer
from carteira.customers.person_export import export_person


@job(queue="default", own_scope=True)
def answer(account_id: UUID, request_id: str) -> None:
    """Do what was asked, in one transaction: whoever cuts it off finds it undone, and it is done anew."""
    account = Account.objects.get(pk=account_id)
    with scope(account_id):
        request = PersonRequest.objects.select_related("by").filter(pk=request_id).first()
    if request is None or request.state != "running":
        return
    language = (request.by.language if request.by else "") or account.language
    with (
        failure_told(
            lambda: PersonRequest.objects.filter(pk=request_id, finished_at=None),
            gettext_lazy("Something went wrong on our side. Nothing was changed; ask once more."),
            account_id=account_id,
            language=language,
        ),
        translation.override(language),
        scope(account_id),
    ):
        _answer(request_id)


def _answer(request_id: str) -> None:
    request = PersonRequest.objects.select_for_update(of=("self",)).select_related("by").get(pk=request_id)
    if request.state != "running":  # another worker was quicker
        return
    now = dates.now()
    customer = Customer.objects.select_related("account").filter(pk=request.person_id).first()
    if customer is None:
        fail(request, _("This customer was deleted meanwhile."), now=now)
    elif request.kind == PersonRequest.Kind.EXPORT:
        export_person(customer, request=request, by=request.by, now=now)
    else:
        try:
            anonymise(customer, request=request, by=request.by, now=now)
        except CannotAnonymise as error:
            fail(request, str(error), now=now)
