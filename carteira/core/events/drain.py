"""Handing recorded events to the reactions."""

from itertools import groupby

from django.db import transaction

from carteira.core.events.kinds import kind
from carteira.core.events.models import Event, PendingEvent

BATCH = 500


def drain_batch() -> int:
    """Hand the oldest pending events (at most BATCH) of the open scope to their reactions; how many there were.

    The reactions' own writes and the removal from the queue are one transaction: a crash repeats the whole batch.
    """
    with transaction.atomic():
        pending = list(PendingEvent.objects.select_for_update(skip_locked=True).order_by("event_id")[:BATCH])
        events = list(Event.objects.filter(id__in=[row.event_id for row in pending]).order_by("id"))
        for name, run in groupby(events, key=lambda event: event.kind):
            batch = list(run)
            for reaction in kind(name).reactions:
                reaction(batch)
        PendingEvent.objects.filter(id__in=[row.id for row in pending]).delete()
    return len(pending)
