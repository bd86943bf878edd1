"""Numbers that are names (documents, phones, postal codes), as forms and spreadsheets hand them over."""

import re
import unicodedata
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from carteira.core.people.names import visible

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
_AS_FRACTION = re.compile(r"([0-9]+)\.0")
_SHORTENED = re.compile(r"[0-9]+(?:[.,][0-9]+)?[Ee]\+[0-9]+")


def code_text(value: object, *, limit: int, code: str) -> tuple[str, bool]:
    """The written number, trimmed, and whether it came from a numeric cell, which eats leading zeros.

    Full-width digits become plain ones, invisible marks go. Raises ValidationError `<code>_blank`,
    `<code>_invalid` (not a number or text, or longer than `limit`) or `<code>_shortened` (a spreadsheet kept
    only 5.29E+10).
    """
    numeric = False
    if isinstance(value, str):
        text = value
    elif isinstance(value, bool):
        text = "?"
    elif isinstance(value, (int, Decimal)):
        text, numeric = _digits(value, limit), True
    else:
        text = "" if value is None else "?"
    if len(text) > 4 * limit:
        raise _not_one(code)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", visible(text)).translate(_DASHES)
    text = text.strip()
    if not text:
        raise ValidationError(_("There is nothing here."), code=f"{code}_blank")
    if len(text) > limit:
        raise _not_one(code)
    whole = _AS_FRACTION.fullmatch(text)
    if whole is not None:
        return whole.group(1), True
    if "+" in text and _SHORTENED.fullmatch(text):
        raise ValidationError(
            _("A spreadsheet has shortened this number to “%(text)s”: fill it in again as text."),
            code=f"{code}_shortened",
            params={"text": text},
        )
    return text, numeric


def _digits(value: int | Decimal, limit: int) -> str:
    if isinstance(value, Decimal) and not value.is_finite():
        return "?"
    if value < 0 or value >= 10**limit or value != int(value):
        return "?"
    return str(int(value))


def _not_one(code: str) -> ValidationError:
    return ValidationError(_("This is too long."), code=f"{code}_invalid")
