"""Joining a business by an invitation's link, with a login one has or with a new one."""

from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account, Invitation, Membership, User
from carteira.accounts.profile import change_profile
from carteira.accounts.rights_check import NotAllowed, check_may_give
from carteira.accounts.roles import rights_of
from carteira.core.events import kinds
from carteira.core.events.record import record

JOINED = kinds.register("member.joined", gettext_lazy("{name} joined as {role}."))


class InvitationGone(ValueError):
    """It was used, taken back or is too old; the text is a sentence for the user."""


class SenderMayNot(InvitationGone):
    """Whoever sent it was removed or may less by now: no door is left ajar. The text is a sentence for the user."""


class LoginExists(ValueError):
    """Somebody signs in with that address already; the text is a sentence for the user."""


def accept(invitation_id: UUID, *, user: User, now: datetime) -> Membership:
    """Make `user` a member, as the invitation says. Needs the account's scope. Raises InvitationGone.

    Whoever holds the link may come in with any login of theirs; the history tells both addresses. A member who
    accepts keeps the place they have.
    """
    with transaction.atomic():
        invitation = _locked(invitation_id, now)
        account = Account.objects.select_for_update().get(pk=invitation.account_id)
        member, new = Membership.objects.get_or_create(account=account, user=user, defaults={"role": invitation.role})
        invitation.accepted_at = now
        invitation.save(update_fields=["accepted_at"])
        User.objects.filter(pk=user.pk).update(last_account=account)
        if new:
            personal = {"name": str(user), "email": user.email, "invited": invitation.email}
            record(JOINED, by=user, now=now, subject_id=member.pk, what={"role": member.role}, personal=personal)
        return member


def accept_as_new(invitation_id: UUID, *, name: str, password: str, language: str, now: datetime) -> User:
    """Make a login for the invited address and join with it, also where signing up is closed.

    Raises InvitationGone and LoginExists. The password was checked by the form.
    """
    with transaction.atomic():
        invitation = _locked(invitation_id, now)
        if User.objects.filter(email=invitation.email).exists():
            raise LoginExists(_("Somebody signs in with this e-mail already. If it is you, sign in."))
        user = User.objects.create_user(invitation.email, password)
        change_profile(user, name=name, language=language)
        # The link came by mail, so the mailbox is theirs; where mails do not go out, nothing is proven.
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=settings.MAILS_GO_OUT)
        accept(invitation_id, user=user, now=now)
        return user


def check_open(invitation: Invitation | None, *, now: datetime) -> Invitation:
    """Whether its link still works. Needs the account's scope. Raises InvitationGone."""
    if invitation is None or not invitation.is_open(now):
        raise InvitationGone(_("It was used already, taken back, or it is too old. Ask for a new one."))
    try:
        check_may_give(invitation.account, rights_of(invitation.role), by=invitation.by)
    except NotAllowed as error:
        text = _(
            "Whoever sent it no longer may invite people to %(business)s in this role. Ask somebody there for a new one."
        )
        raise SenderMayNot(text % {"business": invitation.account.name}) from error
    return invitation


def _locked(invitation_id: UUID, now: datetime) -> Invitation:
    return check_open(Invitation.objects.select_for_update().filter(pk=invitation_id).first(), now=now)
