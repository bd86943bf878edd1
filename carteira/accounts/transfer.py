"""Handing a business on: exactly one owner, before, meanwhile and after."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account, Membership
from carteira.accounts.rights_check import NotAllowed
from carteira.accounts.roles import Role
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.jobs import defer
from carteira.core.walls.scope import require_account_id

TRANSFERRED = kinds.register(
    "member.ownership_transferred", gettext_lazy("{before} handed the business on to {after}.")
)


def transfer(account: Account, *, to: Membership, by: Any, now: datetime) -> Membership:
    """Make `to` the owner and the owner an administrator. Needs the account's scope. Raises NotAllowed.

    Only the owner may; `by` None is a command of whoever runs the installation.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account.pk)
        owner = Membership.objects.select_related("user").get(account=account, role=Role.OWNER)
        heir = Membership.objects.select_related("user").filter(account=account, pk=to.pk).first()
        if by is not None and owner.user_id != by.pk:
            raise NotAllowed(_("Only the owner hands a business on."))
        if heir is None or not heir.user.is_active:
            raise NotAllowed(_("Only an active member of this business can become its owner."))
        if heir.pk == owner.pk:
            return owner
        # In this order: never two owners, which the database refuses; nobody sees the moment without one.
        owner.role = Role.ADMIN
        owner.save(update_fields=["role"])
        heir.role, heir.allowed, heir.denied = Role.OWNER, [], []
        heir.save(update_fields=["role", "allowed", "denied"])
        personal = {"before": str(owner.user), "after": str(heir.user)}
        record(TRANSFERRED, by=by, now=now, subject_id=heir.pk, personal=personal)
        _tell(owner, heir)
        return heir


def _tell(before: Membership, after: Membership) -> None:
    # Late: jobs.py needs the mails, which need verbs of this room.
    from carteira.accounts.jobs import mail_handed_on

    people = {"before": str(before.user_id), "after": str(after.user_id)}
    for to in people.values():
        defer(mail_handed_on, before.account_id, to=to, **people)


def owners() -> Iterator[str]:
    """For `carteira verify`: where somebody works, one of them is the owner (never two: the database refuses that)."""
    roles = list(Membership.objects.filter(account=require_account_id()).values_list("role", flat=True))
    if roles and roles.count(Role.OWNER) != 1:
        yield f"The business has {roles.count(Role.OWNER)} owners instead of one."
