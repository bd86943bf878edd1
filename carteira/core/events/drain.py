"""Handing recorded events to the reactions."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.db import models, transaction
from django.db.models import Q

from carteira.core.events.kinds import Reaction, find_reaction
from carteira.core.events.models import Event, PendingEvent
from carteira.core.jobs.retries import is_interruption
from carteira.core.jobs.running import describe

logger = logging.getLogger("carteira.events")

BATCH = 500
# Pauses after an event failed alone; after the last one it is parked until somebody looks (`carteira
# verify`).
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
_ALONE_AT_ONCE = 50


def waiting_reactions(now: datetime) -> list[str]:
    """The names of reactions with something due in the open scope."""
    found = _due(now).order_by("reaction").values_list("reaction", flat=True).distinct()
    return [name for name in found if find_reaction(name)]


def drain_batch(name: str, now: datetime) -> int:
    """Hand a reaction the oldest events it has not seen, at most BATCH of the open scope; how many it was
    handed.

    The reaction's writes and the removal from the queue are one savepoint: both happen, or neither. If it
    raises on a batch, each of the batch's events is handed to it alone, so that one bad event does not hold
    up the others.
    """
    reaction = find_reaction(name)
    if reaction is None:
        return 0
    fresh = _take(_due(now).filter(reaction=name, attempts=0), BATCH)
    if fresh and not _hand_over(reaction, fresh):
        PendingEvent.objects.filter(id__in=[row.id for row in fresh]).update(attempts=1, retry_at=now)
    alone = _take(_due(now).filter(reaction=name, attempts__gt=0), _ALONE_AT_ONCE)
    for row in alone:
        if not _hand_over(reaction, [row]):
            _postpone(row, now)
    return len(fresh) + len(alone)


def _due(now: datetime) -> models.QuerySet[PendingEvent]:
    return PendingEvent.objects.filter(Q(retry_at=None) | Q(retry_at__lte=now), parked=False)


def _take(rows: models.QuerySet[PendingEvent], most: int) -> list[PendingEvent]:
    # Ids are made in time order. A second drain of the account leaves the first one's rows alone.
    return list(rows.select_for_update(skip_locked=True).order_by("id")[:most])


def _hand_over(reaction: Reaction, rows: Sequence[PendingEvent]) -> bool:
    """Whether the reaction took them. Being cut off (no database any more) is no answer and is raised."""
    events = list(Event.objects.filter(id__in=[row.event_id for row in rows]).order_by("id"))
    try:  # whatever a room's reaction raises must not stop the others
        with transaction.atomic():
            for _kind, run in groupby(events, key=lambda event: event.kind):
                reaction.run(list(run))
            PendingEvent.objects.filter(id__in=[row.id for row in rows]).delete()
    except Exception as error:
        if is_interruption(error):
            raise
        for row in rows:
            row.error = describe(error)[:300]
        logger.warning("Reaction %s failed on %s events: %s", reaction.name, len(rows), describe(error))
        return False
    return True


def _postpone(row: PendingEvent, now: datetime) -> None:
    row.attempts += 1
    pause = row.attempts - 2  # the first attempt was the batch's
    row.parked = pause >= len(PAUSES)
    row.retry_at = None if row.parked else now + PAUSES[pause]
    row.save(update_fields=["attempts", "parked", "retry_at", "error"])
    if row.parked:
        logger.error("Reaction %s to event %s is parked: %s", row.reaction, row.event_id, row.error)


def unpark(now: datetime) -> int:
    """Let the open scope's parked reactions be tried again; how many."""
    return PendingEvent.objects.filter(parked=True).update(parked=False, attempts=1, retry_at=now)
