"""Money, numbers and dates as the reader writes them. Values in, text out; nothing here computes.

The language is the reader's (Django's active one), the country the account's: Spanish in Chile groups by
points, in Mexico by commas. Results are cached: a page of a ledger repeats the same few values.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal
from django.utils import timezone
from django.utils.translation import get_language

from carteira.core.countries import locale_of
from carteira.core.money import Money

_country: ContextVar[str | None] = ContextVar("country", default=None)

# Numeric, aligned and unambiguous: day first where people write it so, the month's name in English.
_DAY_PATTERNS = {"pt": "dd/MM/y", "es": "dd/MM/y", "en": "MMM d, y"}


@contextmanager
def place(*, country: str, time_zone: str) -> Iterator[None]:
    """Within it, numbers follow the account's country and moments are shown in its time zone (IANA name)."""
    token = _country.set(country)
    try:
        with timezone.override(time_zone):
            yield
    finally:
        _country.reset(token)


def reader_locale() -> Locale:
    """The active language as written in the account's country; Brazilian Portuguese where none is active."""
    return locale_of(get_language() or "pt-br", _country.get())


def money(minor: int, currency: str) -> str:
    """Minor units (bigint) of `currency` (ISO 4217), e.g. 123456, "BRL" -> "R$ 1.234,56"."""
    return Money(minor, currency).format(reader_locale())


@lru_cache(maxsize=8192)
def _number(value: int | Decimal, locale: str) -> str:
    return format_decimal(value, locale=locale)


def number(value: int | Decimal) -> str:
    """A count or measure with the reader's separators: 1234567 -> "1.234.567"."""
    return _number(value, str(reader_locale()))


@lru_cache(maxsize=8192)
def _day(value: date, style: str, locale: str) -> str:
    pattern = _DAY_PATTERNS.get(locale[:2], "y-MM-dd") if style == "short" else style
    return format_date(value, pattern, locale=locale)


def day(value: date, style: str = "short") -> str:
    """A date; `style` is short (for columns), medium or long (for sentences).

    Raises TypeError for a moment: which day that is depends on a zone, and core.dates.day_of says it.
    """
    if isinstance(value, datetime):
        raise TypeError("day() takes a date; make one in the account's zone with core.dates.day_of first.")
    return _day(value, style, str(reader_locale()))


@lru_cache(maxsize=1024)
def _month(value: date, locale: str) -> str:
    text: str = format_skeleton("yMMMM", value, locale=locale)
    return text[:1].upper() + text[1:]


def month_name(value: date) -> str:
    """The month a day lies in, as the reader names it: Novembro de 2026."""
    return _month(value.replace(day=1), str(reader_locale()))


def moment(value: datetime, style: str = "short") -> str:
    """An aware moment in the account's zone (see place; else Django's), with hours and minutes."""
    local = timezone.localtime(value)
    locale = reader_locale()
    return f"{_day(local.date(), style, str(locale))} {format_time(local.time(), 'short', locale=locale)}"
