"""Mails about signing in: plain text, in the reader's language, from templates in mail/."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from carteira.accounts import links
from carteira.accounts.invite import VALID_FOR
from carteira.accounts.models import Closure, Invitation, User
from carteira.core.urls import root_url


@dataclass(frozen=True)
class Mail:
    subject: Promise
    template: str
    link: Callable[[User], str]


def _reset_page(user: User) -> str:
    return links.absolute(root_url("account_reset_password"))


MAILS: dict[str, Mail] = {
    "reset": Mail(_("Set a new password for Carteira"), "reset", links.password_link),
    "confirm": Mail(_("Confirm your e-mail address"), "confirm", links.confirmation_link),
    "exists": Mail(_("You already sign in to Carteira"), "exists", _reset_page),
    "factors": Mail(_("Signing in to Carteira was changed"), "factors", _reset_page),
    "changed": Mail(_("Your password for Carteira was changed"), "changed", _reset_page),
}


def send(kind: str, user: User, *, language: str) -> None:
    """Send one of MAILS to the address `user` signs in with. Raises what the mail server's connection raises."""
    mail = MAILS[kind]
    with translation.override(language):
        context = {
            "user": {"name": links.unlinked(user.name)},
            "link": mail.link(user),
            "login": links.absolute(root_url("account_login")),
            "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
        }
        text = render_to_string(f"accounts/mail/{mail.template}.txt", context)
        EmailMessage(str(mail.subject), text, settings.DEFAULT_FROM_EMAIL, [user.email]).send()


def send_invitation(invitation: Invitation) -> None:
    """Write to whoever is invited, in their own language if they sign in here already, else in the business's."""
    account = invitation.account
    known = User.objects.filter(email=invitation.email).first()
    with translation.override((known and known.language) or account.language):
        context = {
            "business": links.unlinked(account.name),
            "by": invitation.by and links.called(invitation.by),
            "role": invitation.get_role_display(),
            "link": links.invitation_link(invitation),
            "days": VALID_FOR.days,
        }
        text = render_to_string("accounts/mail/invitation.txt", context)
        subject = _("{business} invites you to Carteira").format(business=links.unlinked(account.name))
        EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [invitation.email]).send()


def send_protocol(closure: Closure) -> None:
    """Tell whoever closed a business that nothing of it is left."""
    user = closure.by
    assert user is not None
    with translation.override(user.language or settings.LANGUAGE_CODE):
        context = {
            "closure": closure,
            "rows": [(table, count, closure.left.get(table)) for table, count in sorted(closure.deleted.items())],
            "asked": f"{closure.asked_at:%Y-%m-%d %H:%M}",
            "deleted": f"{closure.deleted_at:%Y-%m-%d %H:%M}",
            "proven": f"{closure.proven_at:%Y-%m-%d %H:%M}",
        }
        text = render_to_string("accounts/mail/protocol.txt", context)
        subject = _("All data of {business} are deleted").format(business=closure.name)
        EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [user.email]).send()
