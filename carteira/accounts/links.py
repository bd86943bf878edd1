"""Links for mails and terminals: built from settings.PUBLIC_URL, never from what a request calls itself."""

import re
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core import signing
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from carteira.accounts.models import Invitation, User
from carteira.core.urls import root_url

# What mail programs read as the middle of an address: evil.example, or a path; a number's point is none.
_LINKING = re.compile(r"(?<=\w)([.:/])(?=[^\W\d_])")


def absolute(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"


def password_link(user: User) -> str:
    """Where `user` sets a new password. Works once (it dies with the old password) and for
    settings.PASSWORD_RESET_TIMEOUT seconds.
    """
    key = default_token_generator.make_token(user)
    return absolute(root_url("account_reset_password_from_key", uidb36=user_pk_to_url_str(user), key=key))


def confirmation_link(user: User) -> str:
    """Where `user` confirms the e-mail address; valid for settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS."""
    sync_user_email_address(user)
    address = EmailAddress.objects.get(user=user, email=user.email)
    return absolute(root_url("account_confirm_email", EmailConfirmationHMAC(address).key))


def unlinked(text: str) -> str:
    """A name for a mail: whoever chose it does not make a link of it in the reader's mail program."""
    return _LINKING.sub(r"\1 ", text.replace("://", " "))


def called(user: User) -> str:
    """How a mail calls somebody: by their name, else by the address they sign in with."""
    return unlinked(user.name) or user.email


_INVITATION = signing.Signer(salt="accounts.invitation")


def invitation_link(invitation: Invitation) -> str:
    """Where somebody joins. The row decides whether it still works; the signature, that it is one of ours."""
    return absolute(root_url("invitation", key=invitation_key(invitation)))


def invitation_key(invitation: Invitation) -> str:
    return _INVITATION.sign(urlsafe_base64_encode(invitation.account_id.bytes + invitation.pk.bytes))


def read_invitation_key(key: str) -> tuple[UUID, UUID] | None:
    """The account's and the invitation's id, None for a key that we did not make."""
    try:
        both = urlsafe_base64_decode(_INVITATION.unsign(key))
    except (signing.BadSignature, ValueError):
        return None
    return (UUID(bytes=both[:16]), UUID(bytes=both[16:])) if len(both) == 32 else None
