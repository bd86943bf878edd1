"""Amounts as people and sheets write them. The rules and their reasons are told in docs/money.md (feature map
6.10).
"""

import re
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from numbers import Real

from babel.numbers import get_currency_symbol
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from carteira.core.countries import COUNTRIES, CURRENCIES, LANGUAGES, locale_of
from carteira.core.money.value import minor_digits

MAX_WHOLE_DIGITS = 12  # nine hundred billion: whoever types more has slipped
_NOISE = Decimal("0.000001")  # a spreadsheet's binary arithmetic leaves less than this behind

# What nearly every cell and field looks like; anything else takes the long way below.
_COMMON = re.compile(r"(-?)([0-9]{1,12})(?:[.,]([0-9]{1,2}))?")
_SHAPE = re.compile(r"([^0-9]*)([0-9](?:[0-9., ]*[0-9])?)([^0-9]*)")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:([., ])[0-9]{3})(?:\1[0-9]{3})*")
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-"})
_MAX_TEXT = 64
_DECIMAL_MARK = {"pt": ",", "es": ",", "en": "."}


def parse_amount(value: object, *, currency: str, language: str) -> int:
    """Minor units of `currency` meant by what a person typed or a sheet holds (text, int or Decimal).

    Nothing is guessed and nothing is rounded: `1,234` and `1.234` are refused where they could mean two
    things. The rules and their reasons: docs/money.md. Raises ValidationError with code amount_blank,
    amount_invalid, amount_ambiguous, amount_decimals, amount_too_large or amount_currency; TypeError for a
    binary fraction, which the sheet reader must have turned into Decimal.
    """
    if isinstance(value, str):
        common = _COMMON.fullmatch(value)
        digits = minor_digits(currency)
        if common is not None:
            sign, whole, decimals = common.groups()
            if decimals is None:
                decimals = ""
            if len(decimals) <= digits:
                minor = int(whole + decimals + "0" * (digits - len(decimals)))
                return -minor if sign else minor
        return _read_text(value, digits, currency, language)
    if type(value) is int:
        if abs(value) >= 10**MAX_WHOLE_DIGITS:
            raise _too_large()
        scale: int = 10 ** minor_digits(currency)
        return value * scale
    if isinstance(value, Decimal):
        return _exact(value, minor_digits(currency), currency)
    if value is None:
        raise _blank()
    if isinstance(value, Real) and not isinstance(value, bool):
        raise TypeError(f"Amounts arrive as text, int or Decimal, not as {type(value).__name__}")
    raise _invalid(str(value))


def _read_text(text: str, digits: int, currency: str, language: str) -> int:
    if len(text) > _MAX_TEXT:
        raise ValidationError(_("This is too long to be an amount."), code="amount_invalid")
    text = text.translate(_SPACES).strip()
    if not text:
        raise _blank()
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise _invalid(text)
    before, number, after = shape.groups()
    negative = _sign_and_symbol(before, after, currency, text)
    whole, decimals = _read_number(number, digits, text, language)
    if len(whole.lstrip("0")) > MAX_WHOLE_DIGITS:
        raise _too_large()
    if len(decimals) > digits:
        minor = _exact(Decimal(f"{whole}.{decimals}"), digits, currency)
    else:
        minor = int(whole + decimals + "0" * (digits - len(decimals)))
    return -minor if negative else minor


def _sign_and_symbol(before: str, after: str, currency: str, text: str) -> bool:
    """True for a negative amount: one sign before the number, the currency's own symbol around it."""
    sign = ""
    before = before.strip()
    for end in (before[:1], before[-1:]):
        if end in ("-", "+") and not sign:
            sign = end
            before = (before[1:] if before[:1] == end else before[:-1]).strip()
    for symbol in (before.upper(), after.strip().upper()):
        if symbol and symbol not in _symbols(currency):
            if any(symbol in _symbols(other) for other in CURRENCIES):
                raise ValidationError(
                    _("“%(text)s” names another currency; this account works in %(currency)s."),
                    code="amount_currency",
                    params={"text": text, "currency": currency},
                )
            raise _invalid(text)
    return sign == "-"


@lru_cache(maxsize=64)
def _symbols(currency: str) -> frozenset[str]:
    """How the currency may be named beside an amount, upper-cased: its code and its symbols."""
    locales = {locale_of(language, country) for language in LANGUAGES for country in COUNTRIES}
    found = {get_currency_symbol(currency, locale=locale).upper() for locale in locales}
    return frozenset(found | {currency} | {symbol.rstrip(".") for symbol in found} | _TYPED.get(currency, set()))


# Written by hand everywhere, unknown to CLDR.
_TYPED = {
    "PEN": {"S/."},
    "PYG": {"₲", "GS", "GS."},
    "VES": {"BS", "BS."},
    "BOB": {"BS."},
    "DOP": {"RD$"},
    "UYU": {"$U"},
}


def _read_number(number: str, digits: int, text: str, language: str) -> tuple[str, str]:
    """The whole part and the decimals of digits with separators; refuses what can be read in two ways."""
    marks = [mark for mark in number if mark in "., "]
    kinds = set(marks)
    if not marks:
        return number, ""
    if len(kinds) == 1:
        grouped = _GROUPED.fullmatch(number) is not None
        if marks[0] == " " or len(marks) > 1:
            if not grouped:
                raise _invalid(text)
            return number.replace(marks[0], ""), ""
        whole, decimals = number.split(marks[0])
        if grouped:
            if digits:
                raise _ambiguous(text, whole, decimals, digits, language)
            return whole + decimals, ""  # a currency without decimals leaves one reading
        return whole, decimals
    mark = marks[-1]  # two kinds: the last one, standing alone, is the decimal mark, the others group thousands
    whole, _found, decimals = number.rpartition(mark)
    if mark in whole or mark == " " or _GROUPED.fullmatch(whole) is None:
        raise _invalid(text)
    return whole.replace(marks[0], ""), decimals


def _exact(value: Decimal, digits: int, currency: str) -> int:
    """Minor units of a Decimal; more than a sheet's noise beyond them is refused."""
    if not value.is_finite():
        raise _invalid(str(value))
    if value and value.adjusted() >= MAX_WHOLE_DIGITS:
        raise _too_large()
    near = value.quantize(_step(digits), rounding=ROUND_HALF_EVEN)
    if near != value and abs(value - near) >= _NOISE:
        raise ValidationError(
            _("Amounts in %(currency)s have at most %(digits)s decimal places.")
            if digits
            else _("Amounts in %(currency)s have no decimal places."),
            code="amount_decimals",
            params={"currency": currency, "digits": digits},
        )
    return int(near.scaleb(digits))


@lru_cache(maxsize=8)
def _step(digits: int) -> Decimal:
    """The smallest amount of a currency with so many decimals: 0.01."""
    return Decimal(1).scaleb(-digits)


def _blank() -> ValidationError:
    return ValidationError(_("There is no amount here."), code="amount_blank")


def _ambiguous(text: str, whole: str, decimals: str, digits: int, language: str) -> ValidationError:
    mark = _DECIMAL_MARK.get(language[:2], ",")
    return ValidationError(
        _("“%(text)s” can be read in two ways: write %(thousands)s or %(cents)s."),
        code="amount_ambiguous",
        params={
            "text": text,
            "thousands": f"{whole}{decimals}{mark}{'0' * digits}",
            "cents": f"{whole}{mark}{decimals[:digits]}",
        },
    )


def _invalid(text: str) -> ValidationError:
    return ValidationError(
        _("“%(text)s” is not an amount. Example: 1234.56."),
        code="amount_invalid",
        params={"text": text[:_MAX_TEXT]},
    )


def _too_large() -> ValidationError:
    return ValidationError(
        _("This amount is too large: at most %(digits)s digits before the cents."),
        code="amount_too_large",
        params={"digits": MAX_WHOLE_DIGITS},
    )
