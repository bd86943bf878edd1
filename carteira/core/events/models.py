"""One row per fact: the customer's history, the audit log, and what reactions hang on."""

from django.conf import settings
from django.db import models

from carteira.core.walls.models import Walled


class Event(Walled):
    """Something that happened. Append-only, but for its customer (merge) and `personal` (erasure)."""

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
            # Who came to a group and went: hundreds of thousands a week, and a page asks about one group.
            models.Index(
                fields=["account", "subject_id", "id"],
                condition=models.Q(
                    kind__in=["group.entered", "group.left", "group.added", "group.removed", "group.unpinned"]
                ),
                name="core_event_moves",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class PendingEvent(Walled):
    """A reaction that has not seen an event yet. Removed together with the reaction's own writes."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="+", db_index=False)
    # kinds.Reaction.name
    reaction = models.CharField(max_length=150)
    # How often it raised; from the first time on the event is handed over alone.
    attempts = models.SmallIntegerField(db_default=0)
    retry_at = models.DateTimeField(null=True)
    # After too many attempts it waits for a person.
    parked = models.BooleanField(db_default=False)
    error = models.CharField(max_length=300, blank=True, db_default="")

    class Meta(Walled.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.reaction} ← {self.event_id}"
