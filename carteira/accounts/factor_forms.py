"""Forms of the second factor: allauth's, with our words."""

from typing import Any

from allauth.account.forms import ReauthenticateForm
from allauth.mfa.base import forms as base
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.utils.translation import gettext_lazy as _

from carteira.accounts.forms import word
from carteira.core import people

_CODE = {"autocomplete": "one-time-code", "autofocus": True, "maxlength": 20, "spellcheck": "false"}
_LONGEST_NAME = 60


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
        _name_of_passkey(self)
        self.fields.pop("passwordless", None)

    def clean_name(self) -> str:
        return _clean_passkey(super().clean_name())


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _name_of_passkey(self)
        self.fields["name"].widget.attrs |= {"autofocus": True}

    def clean_name(self) -> str:
        return _clean_passkey(self.cleaned_data["name"])


def _name_of_passkey(form: Any) -> None:
    word(form, name=_("Name"))
    form.fields["name"].max_length = _LONGEST_NAME
    form.fields["name"].widget.attrs |= {"maxlength": _LONGEST_NAME}
    form.fields["name"].required = True


def _clean_passkey(name: str) -> str:
    """One visible line, as everything else people name. Raises ValidationError."""
    return people.clean_name(str(name)[:_LONGEST_NAME])
