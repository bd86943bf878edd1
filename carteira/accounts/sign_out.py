"""Browsers somebody is signed in with: which, and ending them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.crypto import salted_hmac

from carteira.accounts.models import Session, User

# A request writes that its session was seen when the last such writing is older than this.
SEEN_EVERY = timedelta(minutes=5)
_BATCH = 10_000


@dataclass(frozen=True)
class Shown:
    """A session as its owner sees it. `name` stands for the key, which is a secret and never on a page."""

    name: str
    session: Session
    here: bool


def name_of(key: str) -> str:
    return salted_hmac("carteira.accounts.session", key, algorithm="sha256").hexdigest()[:32]


def sessions_of(user: User, *, here: str | None, now: datetime) -> list[Shown]:
    """Those still good, this browser's first, then the one seen last."""
    rows = Session.objects.filter(user=user, expire_date__gt=now).order_by("-seen_at")[:200]
    shown = [Shown(name_of(row.session_key), row, row.session_key == here) for row in rows]
    return sorted(shown, key=lambda one: not one.here)


def end_one(user: User, name: str) -> bool:
    """Sign a browser out at its next request; False when there is none of that name (any more)."""
    keys = [key for key in _keys(user) if name_of(key) == name]
    return bool(Session.objects.filter(user=user, session_key__in=keys).delete()[0])


def end_others(user: User, *, keep: str | None) -> int:
    """Sign out everywhere but here; how many."""
    return Session.objects.filter(user=user).exclude(session_key=keep or "").delete()[0]


def seen(session: Session, *, device: str, address: str, now: datetime) -> None:
    """Keep when and where from a session was used last; at most one write each SEEN_EVERY."""
    Session.objects.filter(pk=session.pk).update(seen_at=now, device=device, address=address)


def is_stale(session: Session, now: datetime) -> bool:
    return session.seen_at is None or now - session.seen_at >= SEEN_EVERY


def forget_expired(now: datetime) -> int:
    """Remove sessions that ended, in batches; how many."""
    gone = 0
    while True:
        old: Any = Session.objects.filter(expire_date__lt=now).order_by("expire_date")
        some = list(old.values_list("pk", flat=True)[:_BATCH])
        gone += Session.objects.filter(pk__in=some).delete()[0]
        if len(some) < _BATCH:
            return gone


def _keys(user: User) -> Iterator[str]:
    return Session.objects.filter(user=user).values_list("session_key", flat=True).iterator()
