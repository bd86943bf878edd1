"""Nobody gives away more than they have: what every change of members asks first."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from carteira.accounts.models import Account, Membership
from carteira.accounts.roles import Right, Role, rights_of


class NotAllowed(ValueError):
    """Whoever asks may not do this to that person; the text is a sentence for the user."""


def locked(member: Membership) -> Membership:
    """The member as they are now; changes of one business's members wait for each other. Raises NotAllowed when gone."""
    Account.objects.select_for_update().get(pk=member.account_id)
    found = Membership.objects.select_related("account", "user").filter(pk=member.pk).first()
    if found is None:
        raise NotAllowed(_("This person does not belong to the business any more."))
    return found


def rights_given_by(account: Account, by: Any) -> frozenset[Right]:
    """Everything `by` may pass on in this business; a command (None) everything."""
    if by is None:
        return frozenset(Right)
    member = Membership.objects.filter(account=account, user=by).first()
    return member.rights if member else frozenset()


def roles_given_by(account: Account, by: Any) -> list[str]:
    """The roles `by` may give, strongest first; never the owner's, who is made by transfer only."""
    own = rights_given_by(account, by)
    return [role for role in Role.values if role != Role.OWNER and rights_of(role) <= own]


def check_may_give(account: Account, rights: Collection[Right], *, by: Any) -> None:
    """Raises NotAllowed when `by` lacks one of these."""
    missing = frozenset(rights) - rights_given_by(account, by)
    if missing:
        first = min(missing, key=list(Right).index)
        raise NotAllowed(
            _("You can only give rights that you have yourself: “%(right)s” is not one.") % {"right": first.label}
        )


def check_may_change(member: Membership, *, by: Any) -> None:
    """Raises NotAllowed for the owner, for oneself, and for whoever has more rights than `by`."""
    if member.role == Role.OWNER:
        raise NotAllowed(_("The owner stays as they are until they hand the business on."))
    if by is not None and member.user_id == by.pk:
        raise NotAllowed(_("Nobody changes their own rights. Ask somebody else who manages members."))
    if not member.rights <= rights_given_by(member.account, by):
        raise NotAllowed(_("This person has rights that you do not have, so you cannot change theirs."))
