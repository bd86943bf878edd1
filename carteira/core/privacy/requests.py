"""Requests about a person's data: opened with a protocol number, closed with what came of them."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet

from carteira.core.counters import take_numbers
from carteira.core.privacy.models import PersonRequest

COUNTER = "person_request"
# No longer than the columns can hold.
_PROTOCOL = re.compile(r"(?:(?P<year>[0-9]{4})-)?(?P<number>[0-9]{1,15})", re.ASCII)


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


def running(person: UUID, kind: str) -> QuerySet[PersonRequest]:
    """Those of a person that are not answered yet."""
    return PersonRequest.objects.filter(person_id=person, kind=kind, finished_at=None, failed_at=None)


def fail(request: PersonRequest, sentence: str, *, now: datetime) -> None:
    """It could not be done. The sentence must not name the person: it stays."""
    PersonRequest.objects.filter(pk=request.pk, finished_at=None).update(failed_at=now, error=sentence[:300])


def latest(*, older_than: UUID | None, size: int) -> tuple[list[PersonRequest], UUID | None]:
    """A page of the account's requests, newest first, and where the next page begins."""
    found = PersonRequest.objects.select_related("by").order_by("-id")
    if older_than is not None:
        found = found.filter(pk__lt=older_than)
    rows = list(found[: size + 1])
    return rows[:size], rows[size - 1].pk if len(rows) > size else None


def of_protocol(text: str) -> list[PersonRequest]:
    """The request with this protocol number, as it is told (2026-000007) or its last part alone; [] for none."""
    said = _PROTOCOL.fullmatch(text.strip())
    if said is None:
        return []
    found = PersonRequest.objects.select_related("by").filter(number=int(said["number"]))
    return list(found.filter(year=int(said["year"])) if said["year"] else found)


def highest_number() -> int:
    """For `verify`: the counter must be ahead of it."""
    return int(PersonRequest.objects.aggregate(highest=Max("number"))["highest"] or 0)
