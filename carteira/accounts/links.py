"""Links for mails and terminals: built from settings.PUBLIC_URL, never from what a request calls itself."""

from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings

from carteira.accounts.models import User
from carteira.core.urls import root_url


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
