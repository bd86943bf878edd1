"""Who may do what: rights by role. Screens, API, jobs and commands ask for a right, never for a role."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Right(StrEnum):
    # What everybody has who belongs to the business at all: one's own profile, the way in.
    ENTER = "account.enter"
    SEE_CUSTOMERS = "customers.see"
    EDIT_CUSTOMERS = "customers.edit"
    ARCHIVE_CUSTOMERS = "customers.archive"
    IMPORT = "sheets.import"
    # Taking customers or money data along as a file.
    EXPORT = "sheets.export"
    SEE_MONEY = "billing.see"
    RECORD_PAYMENTS = "billing.record"
    EDIT_ACCOUNT = "account.edit"
    MANAGE_MEMBERS = "account.members"


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Administrator")
    FINANCE = "finance", _("Finance")
    SALES = "sales", _("Sales")
    VIEWER = "viewer", _("Viewer")


_SEE = frozenset({Right.ENTER, Right.SEE_CUSTOMERS, Right.SEE_MONEY})
_RIGHTS: dict[str, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.ADMIN: frozenset(Right),
    Role.FINANCE: _SEE
    | {Right.EDIT_CUSTOMERS, Right.ARCHIVE_CUSTOMERS, Right.RECORD_PAYMENTS, Right.IMPORT, Right.EXPORT},
    Role.SALES: _SEE | {Right.EDIT_CUSTOMERS, Right.ARCHIVE_CUSTOMERS, Right.IMPORT, Right.EXPORT},
    Role.VIEWER: _SEE,
}


def rights_of(role: str) -> frozenset[Right]:
    return _RIGHTS.get(role, frozenset())
