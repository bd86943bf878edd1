"""Who may do what: rights by role, and single rights given to or taken from one person on top of it.

Screens, API, jobs and commands ask for a right (Membership.may), never for a role.
"""

from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext_lazy as _


class Right(models.TextChoices):
    # What everybody has who belongs to the business at all: one's own profile, the way in.
    ENTER = "account.enter", _("Come in, own profile")
    SEE_CUSTOMERS = "customers.see", _("See customers")
    EDIT_CUSTOMERS = "customers.edit", _("Register and edit customers")
    ARCHIVE_CUSTOMERS = "customers.archive", _("Archive and reactivate customers")
    PRIVACY = "customers.privacy", _("Copies of personal data, anonymise")
    IMPORT = "sheets.import", _("Import spreadsheets")
    # Taking customers or money data along as a file.
    EXPORT = "sheets.export", _("Take data along as a file")
    SEE_MONEY = "billing.see", _("See invoices and payments")
    RECORD_PAYMENTS = "billing.record", _("Issue invoices, record payments")
    EDIT_ACCOUNT = "account.edit", _("Change the business's settings")
    MANAGE_MEMBERS = "account.members", _("Invite members, change their rights")
    # The owner's alone, never given to a single person: hand the business on, close it, move its address.
    OWN = "account.own", _("Hand on or close the business")


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Administrator")
    FINANCE = "finance", _("Finance")
    SALES = "sales", _("Sales")
    VIEWER = "viewer", _("Viewer")


# Not given or taken one by one.
FIXED = frozenset({Right.ENTER, Right.OWN})
_NEEDS: dict[Right, Right] = {
    Right.EDIT_CUSTOMERS: Right.SEE_CUSTOMERS,
    Right.ARCHIVE_CUSTOMERS: Right.SEE_CUSTOMERS,
    Right.PRIVACY: Right.SEE_CUSTOMERS,
    Right.RECORD_PAYMENTS: Right.SEE_MONEY,
}
_SEE = frozenset({Right.ENTER, Right.SEE_CUSTOMERS, Right.SEE_MONEY})
_RIGHTS: dict[str, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.ADMIN: frozenset(Right) - {Right.OWN},
    Role.FINANCE: _SEE
    | {Right.EDIT_CUSTOMERS, Right.ARCHIVE_CUSTOMERS, Right.RECORD_PAYMENTS, Right.IMPORT, Right.EXPORT},
    Role.SALES: _SEE | {Right.EDIT_CUSTOMERS, Right.ARCHIVE_CUSTOMERS, Right.IMPORT, Right.EXPORT},
    Role.VIEWER: _SEE,
}


def rights_of(role: str, allowed: Collection[str] = (), denied: Collection[str] = ()) -> frozenset[Right]:
    """What a role may, with rights added and taken away; a denial wins, and whoever may not see something does not
    change it either: screens to change things show them. The owner may everything, always.
    """
    rights = _RIGHTS.get(role, frozenset())
    if not rights or role == Role.OWNER or not (allowed or denied):
        return rights
    rights = (rights | (_known(allowed) - FIXED)) - (_known(denied) - FIXED)
    return frozenset(right for right in rights if right not in _NEEDS or _NEEDS[right] in rights)


def _known(names: Collection[str]) -> frozenset[Right]:
    """A right that a later version took out of the program is none."""
    return frozenset(Right(name) for name in names if name in Right)
