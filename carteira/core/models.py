"""The ground floor's tables, one import each, so that Django finds them."""

from carteira.core.counters import Counter
from carteira.core.events.models import Event, PendingEvent

__all__ = ["Counter", "Event", "PendingEvent"]
