"""One row per fact: the customer's history, the audit log, and what reactions hang on."""

from django.conf import settings
from django.db import models

from carteira.core.walls.models import Walled


class Event(Walled):
    """Something that happened. Append-only: only its customer may change (merge) and `personal` be emptied (erasure)."""

    kind = models.CharField(max_length=60)
    # No foreign key: customers live a floor above, and the history outlives what it tells of.
    customer_id = models.UUIDField(null=True)
    subject_id = models.UUIDField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    what = models.JSONField(default=dict)
    personal = models.JSONField(default=dict)

    class Meta(Walled.Meta):
        indexes = (
            models.Index(fields=["account", "customer_id", "-id"], name="core_event_customer"),
            models.Index(fields=["account", "kind", "-id"], name="core_event_kind"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class PendingEvent(Walled):
    """An event whose reactions have not run yet. Written beside it only for kinds somebody reacts to."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="+", db_index=False)

    class Meta(Walled.Meta):
        pass

    def __str__(self) -> str:
        return str(self.event_id)
