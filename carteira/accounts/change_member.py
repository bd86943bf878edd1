"""What a member may do: their role, and single rights on top of it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Membership
from carteira.accounts.rights_check import NotAllowed, check_may_change, check_may_give, locked
from carteira.accounts.roles import FIXED, Right, Role, rights_of
from carteira.core.events import kinds
from carteira.core.events.record import record

CHANGED = kinds.register("member.changed", gettext_lazy("The rights of {name} changed."))


def change_member(
    member: Membership,
    *,
    role: str,
    allowed: Collection[str] = (),
    denied: Collection[str] = (),
    by: Any,
    now: datetime,
) -> Membership:
    """Write role and single rights; what the role says anyway is not kept beside it. Holds at their next request.

    Raises NotAllowed. Needs the account's scope. Records member.changed with old and new values.
    """
    if role not in Role.values or role == Role.OWNER:
        raise NotAllowed(_("A business has one owner: hand it on instead."))
    with transaction.atomic():
        member = locked(member)
        check_may_change(member, by=by)
        usual = rights_of(role)
        before = _told(member)
        member.role = role
        member.allowed = [right for right in Right if right in allowed and right not in usual and right not in FIXED]
        member.denied = [right for right in Right if right in denied and right in usual and right not in FIXED]
        check_may_give(member.account, member.rights, by=by)
        after = _told(member)
        if after != before:
            member.save(update_fields=["role", "allowed", "denied"])
            personal = {"name": str(member.user)}
            record(
                CHANGED,
                by=by,
                now=now,
                subject_id=member.pk,
                what={"before": before, "after": after},
                personal=personal,
            )
        return member


def _told(member: Membership) -> dict[str, Any]:
    return {"role": member.role, "allowed": list(map(str, member.allowed)), "denied": list(map(str, member.denied))}
