"""Asking somebody to join a business, asking again, and taking it back."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account, Invitation, Membership
from carteira.accounts.rights_check import NotAllowed, check_may_give
from carteira.accounts.roles import Role, rights_of
from carteira.core import people
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.jobs import defer

INVITED = kinds.register("member.invited", gettext_lazy("{email} was invited as {role}."))
INVITED_AGAIN = kinds.register("member.invited_again", gettext_lazy("{email} was invited again."))
REVOKED = kinds.register("member.invitation_revoked", gettext_lazy("The invitation of {email} was taken back."))

VALID_FOR = timedelta(days=7)
# More would be a list of strangers rather than people to work with.
MOST_OPEN = 200


# Until then a list still tells whom one asked, and an expired one can be sent again; afterwards the address of somebody
# who may never have come is nobody's business. The history keeps that it happened.
KEPT = timedelta(days=30)
_BATCH = 1000


class CannotInvite(ValueError):
    """Refused; the text is a sentence for the user."""


def invite(account: Account, *, email: str, role: str, by: Any, now: datetime) -> Invitation:
    """Ask `email` to join; the mail with a link goes out after the commit. Needs the account's scope.

    Whoever has an open invitation gets that one anew, with this role. Raises ValidationError (e-mail), CannotInvite
    and NotAllowed.
    """
    email = people.clean_email(email)
    if role not in Role.values or role == Role.OWNER:
        raise NotAllowed(_("A business has one owner. Invite the person with another role and hand it on afterwards."))
    check_may_give(account, rights_of(role), by=by)
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        if Membership.objects.filter(account=account, user__email=email).exists():
            raise CannotInvite(_("%(email)s belongs to this business already.") % {"email": email})
        waiting = Invitation.objects.filter(accepted_at=None, revoked_at=None)
        open_one = waiting.filter(email=email).first()
        if open_one is not None:
            return _again(open_one, role=role, by=by, now=now)
        if waiting.filter(expires_at__gt=now)[:MOST_OPEN].count() >= MOST_OPEN:
            raise CannotInvite(_("There are %(most)s open invitations. Take some back first.") % {"most": MOST_OPEN})
        invitation = Invitation.objects.create(
            email=email, role=role, by=by, created_at=now, expires_at=now + VALID_FOR
        )
        _record(INVITED, invitation, by=by, now=now)
        _mail(invitation)
        return invitation


def resend(invitation: Invitation, *, by: Any, now: datetime) -> Invitation:
    """Write once more; the link works for another week from now. Raises CannotInvite when it is not open any more."""
    with transaction.atomic():
        invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if invitation.accepted_at or invitation.revoked_at:
            raise CannotInvite(_("This invitation is not open any more."))
        check_may_give(invitation.account, rights_of(invitation.role), by=by)
        return _again(invitation, role=invitation.role, by=by, now=now)


def revoke(invitation: Invitation, *, by: Any, now: datetime) -> Invitation:
    """The link stops working at once. Nothing happens to one that is not open any more."""
    with transaction.atomic():
        invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if invitation.accepted_at is None and invitation.revoked_at is None:
            invitation.revoked_at = now
            invitation.save(update_fields=["revoked_at"])
            _record(REVOKED, invitation, by=by, now=now)
        return invitation


def reopen(invitation: Invitation, *, by: Any, now: datetime) -> Invitation:
    """Undo `revoke`: the same link works again until it expires. Raises CannotInvite and NotAllowed."""
    with transaction.atomic():
        invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if invitation.revoked_at is None:
            return invitation
        check_may_give(invitation.account, rights_of(invitation.role), by=by)
        invitation.revoked_at = None
        try:
            with transaction.atomic():
                invitation.save(update_fields=["revoked_at"])
        except IntegrityError as error:
            raise CannotInvite(_("%(email)s has another open invitation.") % {"email": invitation.email}) from error
        _record(INVITED_AGAIN, invitation, by=by, now=now)
        return invitation


def forget_old(now: datetime) -> int:
    """Remove what was accepted, taken back or expired a while ago, in batches; how many. Needs the account's scope."""
    end = now - KEPT
    over = Q(expires_at__lt=end) | Q(accepted_at__lt=end) | Q(revoked_at__lt=end)
    gone = 0
    while True:
        some = list(Invitation.objects.filter(over).values_list("pk", flat=True)[:_BATCH])
        # Asked again: one may have been sent anew since.
        gone += Invitation.objects.filter(over, pk__in=some).delete()[0]
        if len(some) < _BATCH:
            return gone


def _again(invitation: Invitation, *, role: str, by: Any, now: datetime) -> Invitation:
    invitation.role, invitation.by, invitation.expires_at, invitation.mailed_at = role, by, now + VALID_FOR, None
    invitation.save(update_fields=["role", "by", "expires_at", "mailed_at"])
    _record(INVITED_AGAIN, invitation, by=by, now=now)
    _mail(invitation)
    return invitation


def _record(kind: str, invitation: Invitation, *, by: Any, now: datetime) -> None:
    what, personal = {"role": invitation.role}, {"email": invitation.email}
    record(kind, by=by, now=now, subject_id=invitation.pk, what=what, personal=personal)


def _mail(invitation: Invitation) -> None:
    # Late: jobs.py needs the mails, which need the links of this room.
    from carteira.accounts.jobs import mail_invitation

    defer(mail_invitation, invitation.account_id, invitation_id=str(invitation.pk))
