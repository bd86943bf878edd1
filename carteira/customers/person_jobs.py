"""Answering a request about a person's data in the background."""

from django.utils import translation

from carteira.accounts.models import Account
from carteira.core import dates
from carteira.core.jobs import job
from carteira.core.privacy.models import PersonRequest
from carteira.core.privacy.requests import fail
from carteira.core.walls.scope import require_account_id
from carteira.customers.anonymise import CannotAnonymise, anonymise
from carteira.customers.models import Customer
from carteira.customers.person_export import export_person


@job(queue="default")
def answer(request_id: str) -> None:
    """Do what was asked, in one transaction: whoever cuts it off finds it undone, and it is done anew."""
    request = PersonRequest.objects.select_for_update(of=("self",)).select_related("by").filter(pk=request_id).first()
    if request is None or request.state != "running":
        return
    customer = Customer.objects.select_related("account").filter(pk=request.person_id).first()
    now, account = dates.now(), Account.objects.get(pk=require_account_id())
    with translation.override((request.by.language if request.by else "") or account.language):
        if customer is None:
            fail(request, translation.gettext("This customer was deleted meanwhile."), now=now)
        elif request.kind == PersonRequest.Kind.EXPORT:
            export_person(customer, request=request, by=request.by, now=now)
        else:
            try:
                anonymise(customer, request=request, by=request.by, now=now)
            except CannotAnonymise as error:
                fail(request, str(error), now=now)
