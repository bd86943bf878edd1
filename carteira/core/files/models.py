"""What is known about a stored file. The bytes lie on disk under a name nobody can guess."""

import secrets
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from carteira.core.walls.models import Walled


def random_name() -> str:
    return secrets.token_hex(24)


class StoredFile(Walled):
    """One file of an account. `right` is what a member needs to fetch it (accounts.roles.Right)."""

    # The only part of the path that varies within an account; no piece of it comes from the uploader.
    token = models.CharField(max_length=60, default=random_name, editable=False)
    name = models.CharField(_("file name"), max_length=200)
    size = models.BigIntegerField(_("size"), default=0)
    right = models.CharField(max_length=40)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta(Walled.Meta):
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = (models.UniqueConstraint(fields=["account", "token"], name="core_file_token_once"),)

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> Path:
        return folder_of(self.account_id) / self.token


def folder_of(account_id: object) -> Path:
    """Where an account's files lie. The account's id is a UUID, so it is a plain folder name."""
    return Path(settings.FILES_ROOT) / str(account_id)
