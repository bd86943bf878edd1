"""One import of one file: what was asked, how far it is, what came of it."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from carteira.core.files.models import StoredFile
from carteira.core.walls.models import Walled

SILENT = timedelta(minutes=15)


class SheetImport(Walled):
    """An import or, with `dry_run`, a check that writes nothing. Its state follows from the dates that are
    filled.

    `applied_at` is written with the rows themselves and is theirs too (created_at of customers and invoices,
    recorded_at of payments): no two imports of an account share it, so it names the rows of an import without
    a column in the large tables.
    """

    kind = models.CharField(_("what"), max_length=20)
    file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+", db_index=False)
    file_name = models.CharField(_("file"), max_length=200)
    # {column of the file: field}; the identifier by which customers are recognised.
    mapping = models.JSONField(default=dict)
    # mapping.versions of when the columns were said.
    versions = models.JSONField(default=dict)
    key = models.CharField(_("recognised by"), max_length=10, blank=True)
    dry_run = models.BooleanField(default=False)
    # The language in which amounts and dates are read and reasons are told.
    language = models.CharField(max_length=8)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)

    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    # The last sign of life while it runs; reading gives one every second, writing none.
    noted_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=1000, blank=True)

    # While it runs: how much of the file is read, in percent, and how many rows; 100 and more to do means writing.
    percent = models.PositiveSmallIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    errors_file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+", db_index=False)
    # Some of what is (or would be) new and changed, for whoever decides: sample.Shown as JSON. Emptied with the file.
    sample = models.JSONField(default=list)
    # How many lines were taken in a way their reader should know of, and [line, sentence] of the first of them.
    noted = models.BigIntegerField(default=0)
    notes = models.JSONField(default=list)

    # Taking it back (undo.py): `undo` counts, and says after which customer to go on.
    undo_started_at = models.DateTimeField(null=True)
    undo_noted_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undo_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    undo = models.JSONField(default=dict)

    class Meta(Walled.Meta):
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = (
            models.UniqueConstraint(
                fields=["account", "applied_at"],
                condition=Q(applied_at__isnull=False),
                name="core_import_moment_once",
            ),
        )
        indexes = (models.Index(fields=["account", "-created_at", "-id"], name="core_import_latest"),)

    def __str__(self) -> str:
        return f"{self.kind}: {self.file_name}"

    @property
    def state(self) -> str:
        """new (columns not said yet), running, done or failed."""
        if self.finished_at is not None:
            return "done"
        if self.failed_at is not None:
            return "failed"
        return "running" if self.started_at is not None else "new"

    @property
    def undo_state(self) -> str:
        """ "" (nobody asked), running or done; "no" where nothing was written."""
        if self.applied_at is None or self.finished_at is None:
            return "no"
        if self.undone_at is not None:
            return "done"
        return "running" if self.undo_started_at is not None else ""

    def is_silent(self, now: datetime) -> bool:
        """Whether it runs but has not been heard of for longer than writing takes: its process is gone. The worker's
        jobs are taken up by themselves; a command's is not."""
        return self.state == "running" and now - (self.noted_at or self.created_at) > SILENT

    def as_dict(self) -> dict[str, Any]:
        """The report's numbers: rows = created + updated + unchanged + failed."""
        return {name: getattr(self, name) for name in ("rows", "created", "updated", "unchanged", "failed")}


class SheetLeftover(Walled):
    """What the undo of an import had to leave as it is, and why: told as long as the import is."""

    sheet_import = models.ForeignKey(SheetImport, models.CASCADE, related_name="leftovers", db_index=False)
    # Customers live a floor above.
    customer_id = models.UUIDField()
    # A reason of the kind's undo (registry.Undo.reasons), and what it names: fields, an invoice's number.
    reason = models.CharField(max_length=20)
    what = models.CharField(max_length=200, blank=True)

    class Meta(Walled.Meta):
        verbose_name = _("left by an undo")
        verbose_name_plural = _("left by an undo")
        indexes = (models.Index(fields=["account", "sheet_import", "id"], name="core_leftover_import"),)

    def __str__(self) -> str:
        return self.reason


class SheetMapping(Walled):
    """Which column is which field in files that begin with the same names: proposed when such a file comes again."""

    kind = models.CharField(_("what"), max_length=20)
    name = models.CharField(_("name"), max_length=80)
    # memory.fingerprint of the header.
    fingerprint = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    key = models.CharField(_("recognised by"), max_length=10, blank=True)
    used_at = models.DateTimeField()

    class Meta(Walled.Meta):
        verbose_name = _("saved columns")
        verbose_name_plural = _("saved columns")
        constraints = (
            models.UniqueConstraint(fields=["account", "kind", "fingerprint"], name="core_mapping_header_once"),
        )
        indexes = (models.Index(fields=["account", "-used_at", "-id"], name="core_mapping_latest"),)

    def __str__(self) -> str:
        return self.name


class SheetExport(Walled):
    """A file somebody takes along: what was asked, how far it is, the file while it is kept (exports.forget)."""

    kind = models.CharField(_("what"), max_length=20)
    # What its kind understood (exports.registry): texts and lists of ids.
    filter = models.JSONField(default=dict)
    format = models.CharField(_("format"), max_length=4)
    file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+", db_index=False)
    file_name = models.CharField(_("file"), max_length=200)
    # What a member needs to fetch it, besides the right to export (accounts.roles.Right).
    right = models.CharField(max_length=40)
    # The language of its names, numbers and words.
    language = models.CharField(max_length=8)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)

    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    noted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=1000, blank=True)

    percent = models.PositiveSmallIntegerField(default=0)
    rows = models.BigIntegerField(default=0)

    class Meta(Walled.Meta):
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes = (models.Index(fields=["account", "-created_at", "-id"], name="core_export_latest"),)

    def __str__(self) -> str:
        return self.file_name

    @property
    def state(self) -> str:
        """running, done, gone (done, but its file is not kept any more) or failed."""
        if self.finished_at is not None:
            return "gone" if self.file_id is None else "done"
        return "running" if self.failed_at is None else "failed"
