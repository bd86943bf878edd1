"""How allauth behaves here: our sentences, mails by a queue and from our own templates, links from settings."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from carteira.accounts import door
from carteira.accounts.jobs import mail_soon
from carteira.accounts.models import User
from carteira.accounts.sign_out import end_others

# What is worth a toast; everything else allauth would say shows by itself.
_TOASTS: dict[str, Promise] = {
    "logged_out": _("You are signed out."),
    "password_changed": _("Your password is changed."),
    "totp_activated": _("The authenticator app is on."),
    "totp_deactivated": _("The authenticator app is off."),
    "webauthn_added": _("The passkey is added."),
    "webauthn_removed": _("The passkey is removed."),
    "recovery_codes_generated": _("These are your new recovery codes; former ones do not work any more."),
    "email_confirmed": _("Your e-mail address is confirmed."),
    "email_confirmation_failed": _("This e-mail address could not be confirmed: another person uses it."),
}

# allauth's notices, by the template it would render, and which of our mails says so. Those it writes as a step of a
# flow (a link to confirm, to reset) have methods of their own below.
NOTICES = {
    "account/email/password_changed": "changed",
    "account/email/password_reset": "changed",
    "account/email/password_set": "changed",
    "mfa/email/recovery_codes_generated": "factors",
    "mfa/email/totp_activated": "factors",
    "mfa/email/totp_deactivated": "factors",
    "mfa/email/webauthn_added": "factors",
    "mfa/email/webauthn_removed": "factors",
}


class UnknownMail(LookupError):
    """allauth asks for a mail we never wrote: a setting or a release of it changed. test_allauth_mails.py says which."""


class Adapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This login was switched off."),
        "email_password_mismatch": _("This e-mail and password do not belong together."),
        "email_taken": _("Somebody signs in with this e-mail already. If it is you, sign in."),
        "enter_current_password": _("That is not your current password."),
        "incorrect_password": _("That is not your password."),
        "invalid_password_reset": _("This link does not work any more."),
        "rate_limited": _("Too many attempts. Please wait a few minutes."),
        "too_many_login_attempts": _("Too many attempts. Please wait a few minutes, or set a new password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGNUP_OPEN

    def is_safe_url(self, url: str | None) -> bool:
        """Only paths of this site are gone to after signing in: no other host, not even one of ALLOWED_HOSTS."""
        return bool(url) and url_has_allowed_host_and_scheme(url, None)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        door.failed(request, str(credentials.get("email") or credentials.get("username") or ""))

    def set_password(self, user: User, password: str) -> None:
        """A new password by a mailed link: every browser is signed out."""
        super().set_password(user, password)
        end_others(user, keep=None)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **options: Any,
    ) -> None:
        name = (message_template or "").rpartition("/messages/")[2].removesuffix(".txt")
        if told := options.get("message"):  # why a passkey was refused: already a sentence
            messages.add_message(request, level, str(told))
        elif name in _TOASTS:
            messages.add_message(request, level, str(_TOASTS[name]))

    # -- mails. Each is queued by name and written by the worker: a slow or dead mail server neither holds the page
    # up nor tells known addresses from unknown ones.

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        mail_soon("reset", user, language=get_language() or "")

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        mail_soon("confirm", emailconfirmation.email_address.user, language=get_language() or "")

    def send_account_already_exists_mail(self, email: str) -> None:
        if user := User.objects.filter(email=email.lower(), is_active=True).first():
            mail_soon("exists", user, language=get_language() or "")

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        if template_prefix not in NOTICES:
            raise UnknownMail(template_prefix)
        mail_soon(NOTICES[template_prefix], user, language=get_language() or "")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Never: every mail has its way above."""
        raise UnknownMail(template_prefix)
