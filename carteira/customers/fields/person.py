"""What the own fields say of one person, for the copy of the person's data: by label, as people read it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import get_language, gettext_lazy

from carteira.core.privacy.holdings import Tell
from carteira.customers.fields.models import Field
from carteira.customers.fields.queries import said_of
from carteira.customers.fields.values import Reading, shown


def told_of(person: UUID, account: Any, now: datetime) -> Iterable[Mapping[str, Any]]:
    """In the order of the card, those that were removed last."""
    said = said_of(person)
    fields = Field.objects.filter(pk__in=list(said)).order_by("removed_at", "position", "id")
    reading = Reading(account, now, get_language() or "")
    for field in sorted(fields, key=lambda field: field.removed_at is not None):
        rows = said[field.pk]
        yield {
            "section": field.section,
            "label": field.label,
            "value": shown(field, rows, reading),
            "kind": field.kind,
            "said": [row.said for row in rows],
            "removed": field.removed_at is not None,
        }


TELL = Tell(
    {"section": gettext_lazy("Section"), "label": gettext_lazy("Field"), "value": gettext_lazy("What it says")}, told_of
)
