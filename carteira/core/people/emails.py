"""E-mail addresses: one spelling each, so that the same address is found again."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from carteira.core.people.names import visible

MAX_EMAIL = 254  # RFC 5321's path without its angle brackets

_validate = EmailValidator(message=_("Enter one e-mail address, such as ana@example.com."), code="email_invalid")

# What nearly all addresses look like; a subset of what Django's validator accepts, ten times as fast.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_COMMON = re.compile(rf"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:{_LABEL}\.)+[a-z]{{2,63}}")


def clean_email(text: object) -> str:
    """The address, trimmed and all lower case: mail providers ignore case, people vary it.

    Raises ValidationError with code email_blank, email_too_long or email_invalid; line ends and control
    characters are refused even at the ends, so that no address can carry a second header.
    """
    if text is None or text == "":
        raise ValidationError(_("There is no e-mail address here."), code="email_blank")
    if not isinstance(text, str):
        raise ValidationError(_validate.message, code="email_invalid")
    if len(text) > 2 * MAX_EMAIL:
        raise _refuse_length()
    if not text.isascii():
        text = unicodedata.normalize("NFC", visible(text))
    email = text.strip(" \u00a0").lower()
    if not email:
        raise ValidationError(_("There is no e-mail address here."), code="email_blank")
    if len(email) > MAX_EMAIL:
        raise _refuse_length()
    if _COMMON.fullmatch(email) is None or len(email.partition("@")[0]) > 64:
        if not email.isprintable():
            raise ValidationError(_validate.message, code="email_invalid")
        _validate(email)
    return email


def _refuse_length() -> ValidationError:
    return ValidationError(
        _("This e-mail address is too long: at most %(limit)s characters."),
        code="email_too_long",
        params={"limit": MAX_EMAIL},
    )
