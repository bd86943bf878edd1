"""Forms of the second factor: allauth's, with our words."""

from typing import Any

from allauth.account.forms import ReauthenticateForm
from allauth.mfa.base import forms as base
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.utils.translation import gettext_lazy as _

from carteira.accounts.forms import word

_CODE = {"autocomplete": "one-time-code", "autofocus": True, "maxlength": 20, "spellcheck": "false"}


class CodeForm(base.AuthenticateForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        word(self, code=_("Code"))
        self.fields["code"].widget.attrs |= _CODE
        self.fields["code"].help_text = _("The six digits your app shows now, or one of your recovery codes.")


class AgainByCodeForm(base.ReauthenticateForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        word(self, code=_("Code"))
        self.fields["code"].widget.attrs |= _CODE
        self.fields["code"].help_text = _("The six digits your app shows now, or one of your recovery codes.")


class AgainByPasswordForm(ReauthenticateForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        word(self, password=_("Password"))
        self.fields["password"].widget.attrs |= {"autofocus": True}


class TurnOnForm(totp.ActivateTOTPForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        word(self, code=_("Code"))
        self.fields["code"].widget.attrs |= _CODE | {"inputmode": "numeric"}
        self.fields["code"].help_text = _("The six digits the app shows now.")


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    """Each passkey made here opens the door by itself: the device asks for finger, face or PIN."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        word(self, name=_("Name"))
        self.fields["name"].max_length = 60
        self.fields["name"].widget.attrs |= {"maxlength": 60}
        self.fields["name"].required = True
        self.fields.pop("passwordless", None)

    def clean_name(self) -> str:
        return str(super().clean_name())[:60]
