"""Noticing that somebody who was anonymised is here again, without having kept who it was."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.db import connection

from carteira.core import people
from carteira.core.privacy.markers import DOCUMENT, EMAIL, PHONE, Markers
from carteira.core.privacy.models import PersonRequest, PersonTrace
from carteira.core.walls.scope import require_account_id


def keep_traces(request: PersonRequest, markers: Markers) -> int:
    """Remember keyed digests of the person's documents, e-mails and phones; how many."""
    key = _key()
    digests = {
        digest
        for kind, value in markers.given
        if kind in (DOCUMENT, EMAIL, PHONE)
        for digest in _digests(key, kind, value)
    }
    PersonTrace.objects.bulk_create([PersonTrace(request=request, digest=digest) for digest in sorted(digests)])
    return len(digests)


def any_kept() -> bool:
    """Whether anybody was anonymised in the open scope's account."""
    with connection.cursor() as cursor:  # at every registration, so not composed anew
        cursor.execute("SELECT 1 FROM core_persontrace WHERE account_id = %s LIMIT 1", [require_account_id()])
        return cursor.fetchone() is not None


def returned(rows: Sequence[Mapping[str, str]]) -> dict[int, PersonRequest]:
    """Which of some rows (document, email, phone as stored) are of somebody anonymised here: place in `rows` and the
    request. One query where nobody ever was."""
    if not any_kept():
        return {}
    key = _key()
    asked: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        for kind in (DOCUMENT, EMAIL, PHONE):
            for digest in _digests(key, kind, row.get(kind) or ""):
                asked.setdefault(digest, []).append(place)
    known = PersonTrace.objects.filter(digest__in=list(asked)).order_by("-request_id")
    found = {place: request for digest, request in known.values_list("digest", "request_id") for place in asked[digest]}
    requests = PersonRequest.objects.in_bulk(set(found.values()))
    return {place: requests[id] for place, id in found.items()}


def _key() -> bytes:
    """One for each account: the same person has another digest next door."""
    return hashlib.sha256(f"carteira.traces:{require_account_id()}:{settings.SECRET_KEY}".encode()).digest()


def _digests(key: bytes, kind: str, value: str) -> Iterable[str]:
    if not value:
        return
    for variant in people.phone_variants(value) if kind == PHONE else (value.casefold(),):
        yield _digest(key, f"{kind}:{variant}")


def _digest(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
