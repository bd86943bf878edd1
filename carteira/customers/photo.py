"""The picture of a customer: a person's face, a company's logo."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.roles import Right
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.files.images import keep_picture
from carteira.core.files.quota import NotKept
from carteira.core.files.store import discard
from carteira.customers.models import Customer

CHANGED = kinds.register("customer.photo_changed", gettext_lazy("Photo changed."))
REMOVED = kinds.register("customer.photo_removed", gettext_lazy("Photo removed."))
# Twice the size at which it is shown at most.
BOX = (320, 320)


def set_photo(customer: Customer, chunks: Iterable[bytes], *, name: str, by: Any, now: datetime) -> Customer:
    """Keep an uploaded picture in place of the former one, drawn anew without what else the file held. Raises
    core.files.quota.NotKept, a sentence for the user."""
    with transaction.atomic():
        customer = (
            Customer.objects.select_for_update(of=("self",), no_key=True).select_related("photo").get(pk=customer.pk)
        )
        if customer.anonymised_on is not None:
            raise NotKept(_("This customer was anonymised: it cannot get personal data again."))
        former = customer.photo
        customer.photo = keep_picture(chunks, name=name, box=BOX, right=Right.SEE_CUSTOMERS, by=by, now=now)
        customer.save(update_fields=["photo"])
        if former is not None:
            discard(former)
        record(CHANGED, by=by, now=now, customer_id=customer.pk)
        return customer


def remove_photo(customer: Customer, *, by: Any, now: datetime) -> Customer:
    """Without a picture the initials stand there; nothing happens where there is none."""
    with transaction.atomic():
        customer = (
            Customer.objects.select_for_update(of=("self",), no_key=True).select_related("photo").get(pk=customer.pk)
        )
        former, customer.photo = customer.photo, None
        if former is None:
            return customer
        customer.save(update_fields=["photo"])
        discard(former)
        record(REMOVED, by=by, now=now, customer_id=customer.pk)
        return customer
