"""Asking for a person's data or for its end: noted at once with a protocol number, done by a job."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from carteira.core.jobs import defer
from carteira.core.privacy.models import PersonRequest
from carteira.core.privacy.requests import open_request, running
from carteira.customers import person_jobs
from carteira.customers.anonymise import CannotAnonymise, refuse_what_cannot_be
from carteira.customers.models import Customer


def ask(customer: Customer, kind: str, *, by: Any, now: datetime) -> PersonRequest:
    """Open a request and enqueue its job. One that still runs is not asked for twice: it is the answer.

    Raises CannotAnonymise where that is clear beforehand.
    """
    with transaction.atomic():
        customer = (
            Customer.objects.select_for_update(of=("self",), no_key=True).select_related("account").get(pk=customer.pk)
        )
        found = running(customer.pk, kind).order_by("-id").first()
        if found is not None:
            return found
        if kind == PersonRequest.Kind.ANONYMISE:
            refuse_what_cannot_be(customer)
        elif kind != PersonRequest.Kind.EXPORT:
            raise CannotAnonymise(_("Nobody knows how to do that."))
        request = open_request(kind, customer.pk, account=customer.account, by=by, now=now)
        defer(person_jobs.answer, customer.account_id, request_id=str(request.pk))
        return request
