"""The ground floor's tables, one import each, so that Django finds them."""

from carteira.core.counters import Counter
from carteira.core.events.models import Event, PendingEvent
from carteira.core.files.models import StoredFile
from carteira.core.privacy.models import PersonRequest, PersonTrace
from carteira.core.sheets.models import SheetExport, SheetImport, SheetLeftover, SheetMapping

__all__ = [
    "Counter",
    "Event",
    "PendingEvent",
    "PersonRequest",
    "PersonTrace",
    "SheetExport",
    "SheetImport",
    "SheetLeftover",
    "SheetMapping",
    "StoredFile",
]
