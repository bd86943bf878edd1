"""Anonymising a person: the money stays, the person goes (product decision 19, LGPD), and a search proves it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.privacy import mails
from carteira.core.privacy.erase import erase_person
from carteira.core.privacy.markers import markers_of
from carteira.core.privacy.models import PersonRequest
from carteira.core.privacy.proof import search_everything
from carteira.core.privacy.requests import open_request
from carteira.core.privacy.traces import keep_traces
from carteira.customers.archive_checklist import Pending, pending
from carteira.customers.merge.forget import forget_in_others
from carteira.customers.models import Customer


class CannotAnonymise(ValueError):
    """Refused; the text is a sentence for the user that does not name the person. `pending`: what must be settled."""

    def __init__(self, message: str, pending: Iterable[Pending] = ()) -> None:
        super().__init__(message)
        self.pending = list(pending)


ANONYMISED = kinds.register("customer.anonymised", gettext_lazy("Anonymised, protocol {protocol}."))


def anonymise(customer: Customer, *, request: PersonRequest | None = None, by: Any, now: datetime) -> PersonRequest:
    """Empty everything that tells who this customer is, and search all of the account for what might be left.

    Amounts, days, numbers and the state stay, so that every total stays (decision 19). It cannot be undone. `request`
    is the one it answers; without it a new one is opened. Reads the whole account: minutes, where it is large. Raises
    CannotAnonymise: done already, or money is pending. Records customer.anonymised.
    """
    with transaction.atomic():
        customer = (
            Customer.objects.select_for_update(of=("self",), no_key=True).select_related("account").get(pk=customer.pk)
        )
        refuse_what_cannot_be(customer)
        request = request or open_request(
            PersonRequest.Kind.ANONYMISE, customer.pk, account=customer.account, by=by, now=now
        )
        markers = markers_of(customer.pk)
        erased = erase_person(customer.pk, markers)
        erased.count("core.Event", forget_in_others(customer))
        gone_mails = mails.forget(markers)
        customer.refresh_from_db()
        customer.anonymised_on, customer.updated_at = customer.account.today(now), now
        customer.save(update_fields=["anonymised_on", "updated_at"])
        keep_traces(request, markers)
        record(ANONYMISED, by=by, now=now, customer_id=customer.pk, what={"protocol": request.protocol})
        proof = search_everything(customer.pk, markers)
        request.result = {
            "rows": erased.rows,
            "files": erased.files,
            "mails": gone_mails,
            "searched": proof.as_dict(),
        }
        request.finished_at, request.failed_at, request.error = now, None, ""
        request.save(update_fields=["result", "finished_at", "failed_at", "error"])
        return request


def refuse_what_cannot_be(customer: Customer) -> None:
    """Raises CannotAnonymise."""
    if customer.anonymised_on is not None:
        raise CannotAnonymise(_("This customer was anonymised already."))
    blocking = [item for item in pending(customer) if item.blocks]
    if blocking:
        raise CannotAnonymise(
            _("Money is still open: who owes must stay known until it is settled or canceled."), blocking
        )
