"""Somebody who was anonymised is here again: told in the history, on the card, and in an import's customers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core.events import kinds
from carteira.core.events.models import Event
from carteira.core.events.record import record_many
from carteira.core.privacy import traces
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer
from carteira.customers.registries import Attention, Summary

RETURNED = kinds.register(
    "customer.returned",
    gettext_lazy(
        "This person was anonymised here before: protocol {protocol}. Ask whether the data may be kept again."
    ),
)
_CHUNK = 2000


class Known(Protocol):
    """What of a customer tells who it is."""

    pk: UUID
    document: str
    email: str
    phone: str


def tell_returned(customers: Sequence[Known], *, by: Any, now: datetime) -> int:
    """Look at customers just registered; those who were anonymised here once get an event. How many.

    One small query where nobody ever was. Records customer.returned.
    """
    rows = [{"document": one.document, "email": one.email, "phone": one.phone} for one in customers]
    found = traces.returned(rows)
    facts = [
        {"customer_id": customers[place].pk, "what": {"protocol": request.protocol}}
        for place, request in sorted(found.items())
    ]
    if facts:
        record_many(RETURNED, facts, by=by, now=now)
    return len(facts)


def tell_returned_among(first: int, count: int, *, by: Any, now: datetime) -> int:
    """The same for those an import registered: `count` customers from number `first` on."""
    if not traces.any_kept():
        return 0
    told = 0
    new = Customer.objects.filter(number__gte=first, number__lt=first + count).order_by("number")
    some: list[Any] = []
    for customer in new.only("id", "document", "email", "phone").iterator(chunk_size=_CHUNK):
        some.append(customer)
        if len(some) == _CHUNK:
            told += tell_returned(some, by=by, now=now)
            some = []
    return told + (tell_returned(some, by=by, now=now) if some else 0)


def is_back() -> Exists:
    return Exists(Event.objects.filter(kind=RETURNED, customer_id=OuterRef("pk")))


def attention(request: HttpRequest, customer: Customer, view: View) -> Summary:
    """For the card: one query."""
    if not view.live:
        return Summary()
    events = Event.objects.filter(kind=RETURNED, customer_id=customer.pk)
    sentences = [
        _(
            "This person was anonymised here before (protocol %(protocol)s). Ask whether the data may be kept again;"
            " else anonymise again."
        )
        % {"protocol": what.get("protocol", "")}
        for what in events.values_list("what", flat=True)[:1]
    ]
    return Summary(attention=[Attention(sentence) for sentence in sentences])
