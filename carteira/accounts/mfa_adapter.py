"""How allauth's second factors behave here: our sentences, secrets encrypted at rest, names people recognise."""

import base64
import hashlib
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.device import device_of


class MfaAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("That did not match. Try the newest code, or another way."),
        "unverified_email": gettext_lazy("Confirm your e-mail address first: sign out and in, and we write to you."),
    }

    def encrypt(self, text: str) -> str:
        """A copy of the database alone opens nobody's second factor: the key is made from SECRET_KEY."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return "Carteira"

    def _get_site_name(self) -> str:
        return "Carteira"

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """What a new passkey is called until its owner calls it something else: the device it was made on."""
        return device_of(context.request) or _("Passkey")


def _box() -> MultiFernet:
    return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"carteira.accounts.mfa:{secret}".encode()).digest()))


def factors_of(user: Any) -> dict[str, Any]:
    """What stands beside the password: {totp, passkeys, codes_left}."""
    rows = list(Authenticator.objects.filter(user=user).order_by("pk"))
    of_type = {row.type: row for row in rows if row.type != Authenticator.Type.WEBAUTHN}
    codes = of_type.get(Authenticator.Type.RECOVERY_CODES)
    return {
        "totp": of_type.get(Authenticator.Type.TOTP),
        "passkeys": [row for row in rows if row.type == Authenticator.Type.WEBAUTHN],
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
    }
