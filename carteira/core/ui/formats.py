"""Money, numbers and dates as the reader writes them. Values in, text out; nothing here computes.

The reader's locale is Django's active language. Results are cached: a page of a ledger repeats the same few values.
"""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal, get_currency_precision
from django.utils import timezone
from django.utils.translation import get_language, to_locale

# Numeric, aligned and unambiguous: day first where people write it so, the month's name in English.
DAY_PATTERNS = {"pt": "dd/MM/y", "es": "dd/MM/y", "en": "MMM d, y"}


def reader_locale() -> str:
    """Babel's name of the active language, "pt_BR" when none is active."""
    return to_locale(get_language() or "pt-br")


@lru_cache(maxsize=16)
def _language(locale: str) -> str:
    return Locale.parse(locale).language


@lru_cache(maxsize=8192)
def _money(minor: int, currency: str, locale: str) -> str:
    amount = Decimal(minor).scaleb(-get_currency_precision(currency))
    return format_currency(amount, currency, locale=locale)


def money(minor: int, currency: str) -> str:
    """Minor units (bigint) of `currency` (ISO 4217), e.g. 123456, "BRL" -> "R$ 1.234,56"."""
    return _money(int(minor), currency, reader_locale())


@lru_cache(maxsize=8192)
def _number(value: int | Decimal, locale: str) -> str:
    return format_decimal(value, locale=locale)


def number(value: int | Decimal) -> str:
    """A count or measure with the reader's separators: 1234567 -> "1.234.567"."""
    return _number(value, reader_locale())


@lru_cache(maxsize=8192)
def _day(value: date, style: str, locale: str) -> str:
    pattern = DAY_PATTERNS.get(_language(locale), "y-MM-dd") if style == "short" else style
    return format_date(value, pattern, locale=locale)


def day(value: date, style: str = "short") -> str:
    """A date; `style` is short (for columns), medium or long (for sentences). A date has no zone: never give a moment."""
    if isinstance(value, datetime):
        raise TypeError("day() takes a date; make one in the account's zone with core.dates first.")
    return _day(value, style, reader_locale())


def moment(value: datetime, style: str = "short") -> str:
    """An aware moment in Django's current time zone (the account's, inside a request), with hours and minutes."""
    local = timezone.localtime(value)
    clock = format_time(local.time(), "short", locale=reader_locale())
    return f"{_day(local.date(), style, reader_locale())} {clock}"
