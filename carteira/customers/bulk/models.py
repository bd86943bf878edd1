"""One act on many customers: what was asked of whom, how far it is, what came of it, what was undone."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from carteira.core.walls.models import Walled

# Running or undoing, or failed on the way.
UNFINISHED = Q(finished_at=None, undo_asked_at=None) | Q(undo_asked_at__isnull=False, undone_at=None)


class BulkAct(Walled):
    """Its state follows from the moments that are filled; the counts add up those of its parts."""

    # The name of a verb in bulk.verbs.verbs, and what its form was told (JSON values, nothing personal but what was
    # written there).
    verb = models.CharField(max_length=40)
    values = models.JSONField(default=dict)
    language = models.CharField(max_length=8)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)

    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    undo_asked_at = models.DateTimeField(null=True)
    undo_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    undone_at = models.DateTimeField(null=True)
    # Our own mistake stopped it between two parts; whoever goes on with it empties both.
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=1000, blank=True)

    total = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    # Of the undo: put back, and left as they are because somebody changed them since.
    undone = models.BigIntegerField(default=0)
    kept = models.BigIntegerField(default=0)

    class Meta(Walled.Meta):
        indexes = (models.Index(fields=["account", "-created_at", "-id"], name="customers_bulk_latest"),)

    def __str__(self) -> str:
        return f"{self.verb} ({self.total})"

    @property
    def state(self) -> str:
        """running, done, undoing, undone, or failed on the way to done or undone."""
        if self.undone_at is not None:
            return "undone"
        if self.failed_at is not None:
            return "failed"
        if self.undo_asked_at is not None:
            return "undoing"
        return "done" if self.finished_at is not None else "running"

    @property
    def running(self) -> bool:
        return self.state in ("running", "undoing")


class BulkPart(Walled):
    """Some of its customers: they are changed, or put back, together or not at all."""

    act = models.ForeignKey(BulkAct, models.CASCADE, related_name="parts", db_index=False)
    nth = models.BigIntegerField()
    # No foreign key: whoever is gone when their turn comes is passed over.
    customers = ArrayField(models.UUIDField())
    # {customer: what the undo needs}, {customer: why not}, {customer: why it could not be put back}. The sentences say
    # {name} where the customer's name belongs, so that no name is kept here. One that not everybody may read is a list:
    # the sentence, the one for the others, and the rights that tell them apart (bulk.told).
    before = models.JSONField(default=dict)
    refused = models.JSONField(default=dict)
    kept = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta(Walled.Meta):
        constraints = (models.UniqueConstraint(fields=["account", "act", "nth"], name="customers_bulk_part_once"),)

    def __str__(self) -> str:
        return f"{self.act_id} {self.nth}"
