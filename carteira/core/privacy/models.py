"""What was asked about a person's data, and what came of it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from carteira.core.files.models import StoredFile
from carteira.core.walls.models import Walled


class PersonRequest(Walled):
    """An export or an anonymisation of one person, with the protocol number that is told to whoever asked.

    It outlives the person's data and holds nothing personal: `result` has counts and names of tables only.
    """

    class Kind(models.TextChoices):
        EXPORT = "export", _("Copy of the data")
        ANONYMISE = "anonymise", _("Anonymisation")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    number = models.BigIntegerField()
    # The account's year in which it was asked: part of the protocol.
    year = models.SmallIntegerField()
    # No foreign key: customers live a floor above.
    person_id = models.UUIDField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    # A sentence about what stood in the way; never about the person.
    error = models.CharField(max_length=300, blank=True)
    result = models.JSONField(default=dict)
    file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta(Walled.Meta):
        verbose_name = _("request about personal data")
        verbose_name_plural = _("requests about personal data")
        constraints = (models.UniqueConstraint(fields=["account", "number"], name="core_person_request_number"),)
        indexes = (
            models.Index(fields=["account", "person_id", "-id"], name="core_person_request_person"),
            models.Index(fields=["account", "-id"], name="core_person_request_latest"),
        )

    def __str__(self) -> str:
        return self.protocol

    @property
    def protocol(self) -> str:
        """As it is told: 2026-000007."""
        return f"{self.year}-{self.number:06}"

    @property
    def state(self) -> str:
        """running, done or failed."""
        if self.finished_at is not None:
            return "done"
        return "failed" if self.failed_at is not None else "running"


class PersonTrace(Walled):
    """A keyed digest of something an anonymised person was recognised by. Nobody can read the person from it; who comes
    back with the same document, e-mail or phone has the same digest."""

    request = models.ForeignKey(PersonRequest, models.CASCADE, related_name="traces", db_index=False)
    digest = models.CharField(max_length=64)

    class Meta(Walled.Meta):
        constraints = (models.UniqueConstraint(fields=["account", "digest", "request"], name="core_person_trace_once"),)
        indexes = (models.Index(fields=["account", "request"], name="core_person_trace_request"),)

    def __str__(self) -> str:
        return self.digest[:8]
