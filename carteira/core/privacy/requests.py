"""Requests about a person's data: opened with a protocol number, closed with what came of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from carteira.core.counters import take_numbers
from carteira.core.privacy.models import PersonRequest

COUNTER = "person_request"


def open_request(kind: str, person: UUID, *, account: Any, by: Any, now: datetime) -> PersonRequest:
    """A new request of the open scope; its number is the account's own."""
    return PersonRequest.objects.create(
        kind=kind,
        number=take_numbers(COUNTER),
        year=account.today(now).year,
        person_id=person,
        by=by,
        created_at=now,
    )


def fail(request: PersonRequest, sentence: str, *, now: datetime) -> None:
    """It could not be done. The sentence must not name the person: it stays."""
    PersonRequest.objects.filter(pk=request.pk, finished_at=None).update(failed_at=now, error=sentence[:300])


def highest_number() -> int:
    """For `verify`: the counter must be ahead of it."""
    return int(PersonRequest.objects.aggregate(highest=Max("number"))["highest"] or 0)
