"""Writing events: in the transaction of the fact they tell."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from carteira.core.events.follow import MANY, tell
from carteira.core.events.kinds import Kind, kind
from carteira.core.events.models import Event, PendingEvent
from carteira.core.events.wake import drain_after_commit
from carteira.core.walls.insert import insert
from carteira.core.walls.scope import require_account_id

_CHUNK = 1000


def record(
    name: str,
    *,
    by: Any,
    now: datetime,
    customer_id: UUID | None = None,
    subject_id: UUID | None = None,
    what: dict[str, Any] | None = None,
    personal: dict[str, Any] | None = None,
) -> Event:
    """Write one event. Nothing personal in `what`: that goes into `personal`, which erasure empties."""
    registered = kind(name)
    event = Event(
        kind=name,
        by=by,
        at=now,
        customer_id=customer_id,
        subject_id=subject_id,
        what=what or {},
        personal=personal or {},
    )
    insert(event)
    _hand_on(registered, [event])
    if customer_id is not None:
        tell(name, [customer_id], now)
    return event


def record_many(name: str, facts: Iterable[dict[str, Any]], *, by: Any, now: datetime) -> Sequence[Event]:
    """Write many events of one kind; each fact gives customer_id, subject_id, what, personal. Raises
    UnknownKind.
    """
    registered = kind(name)
    events = Event.objects.bulk_create(
        [
            Event(
                kind=name,
                by=by,
                at=now,
                customer_id=fact.get("customer_id"),
                subject_id=fact.get("subject_id"),
                what=fact.get("what") or {},
                personal=fact.get("personal") or {},
            )
            for fact in facts
        ],
        batch_size=_CHUNK,
    )
    _hand_on(registered, events)
    customers = {event.customer_id for event in events} - {None}
    tell(name, list(customers) if len(customers) <= MANY else None, now)  # type: ignore[arg-type]
    return events


def _hand_on(registered: Kind, events: Sequence[Event]) -> None:
    """To whoever reacts to this kind, after commit."""
    if registered.reactions and events:
        pending = [
            PendingEvent(event_id=event.id, reaction=reaction.name)
            for event in events
            for reaction in registered.reactions
        ]
        PendingEvent.objects.bulk_create(pending, batch_size=_CHUNK)
        drain_after_commit(require_account_id())
