"""Members go: removed by somebody who may, or by themselves."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Membership, User
from carteira.accounts.rights_check import NotAllowed, check_may_change, locked
from carteira.accounts.roles import Role
from carteira.core.events import kinds
from carteira.core.events.record import record

REMOVED = kinds.register("member.removed", gettext_lazy("{name} was removed from the business."))
LEFT = kinds.register("member.left", gettext_lazy("{name} left the business."))


def remove(member: Membership, *, by: Any, now: datetime) -> None:
    """Shut the door behind somebody at once; their name stays in the history. Raises NotAllowed."""
    with transaction.atomic():
        member = locked(member)
        check_may_change(member, by=by)
        _go(REMOVED, member, by=by, now=now)


def leave(member: Membership, *, now: datetime) -> None:
    """Go by oneself. Raises NotAllowed for the owner, who hands the business on first."""
    with transaction.atomic():
        member = locked(member)
        if member.role == Role.OWNER:
            raise NotAllowed(_("A business needs an owner. Hand it on to somebody else first, then leave."))
        _go(LEFT, member, by=member.user, now=now)


def _go(kind: str, member: Membership, *, by: Any, now: datetime) -> None:
    personal = {"name": str(member.user), "email": member.user.email}
    record(kind, by=by, now=now, subject_id=member.pk, what={"role": member.role}, personal=personal)
    User.objects.filter(pk=member.user_id, last_account=member.account_id).update(last_account=None)
    member.delete()
