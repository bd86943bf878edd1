"""Dates as people and sheets write them."""

import re
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from carteira.core.dates.days import day_of

FIRST_YEAR, LAST_YEAR = 1900, 2200

Order = Literal["dmy", "mdy"]

_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}([-/.])[0-9]{1,2}\1[0-9]{2}")
_CLOCK = re.compile(
    r"(?:T|, ?| +)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)?"
    r"(?: ?([AaPp])\.?[Mm]\.?)?(?: ?(?:(Z|UTC|GMT)|([+-])([0-9]{2}):?([0-9]{2})))?"
)
_MAX_TEXT = 40


def order_of(language: str) -> Order:
    """How a reader of this language writes 31/01/1997: day first; English month first (01/31/1997)."""
    return "mdy" if language[:2] == "en" else "dmy"


def parse_date(value: object, *, language: str, order: Order | None = None, zone: str | None = None) -> date:
    """The day meant by a date, a datetime or text: 1997-01-31, else day and month in the language's order.

    `31/01/1997`, `31-01-1997` and `31.01.1997` are read by `order` ("dmy" or "mdy"; the language's own when
    not given), the year first is read in any language. Years have four digits: 97 could be 1997 or 2097. A
    time of day is cut off; a moment with an offset is a day only in a `zone`, and is refused without one.
    Numbers are not dates: the sheet reader turns typed date cells into dates.
    Raises ValidationError with code date_blank, date_invalid, date_impossible, date_short_year,
    date_out_of_range or date_needs_zone.
    """
    if isinstance(value, str):
        if len(value) > _MAX_TEXT:
            raise ValidationError(_("This is too long to be a date."), code="date_invalid")
        return _read_text(value, order or order_of(language), zone)
    if isinstance(value, datetime):
        if value.tzinfo is not None and zone is None:
            raise _needs_zone(str(value))
        return _in_range(value.date() if zone is None or value.tzinfo is None else day_of(value, zone))
    if isinstance(value, date):
        return _in_range(value)
    if value is None:
        raise _blank()
    raise _invalid(str(value)[:_MAX_TEXT], order or order_of(language))


@lru_cache(maxsize=16384)  # a sheet repeats its days; refusals are not kept
def _read_text(text: str, order: Order, zone: str | None) -> date:
    written = text.replace("\u00a0", " ").strip()
    if not written:
        raise _blank()
    found = _YEAR_FIRST.match(written)
    if found is not None:
        year, _mark, month, day = (int(part) if part.isdigit() else 0 for part in found.groups())
    else:
        found = _YEAR_LAST.match(written)
        if found is None:
            raise _refuse(written, order)
        day, _mark, month, year = (int(part) if part.isdigit() else 0 for part in found.groups())
        if order == "mdy":
            day, month = month, day
        if day <= 12 < month <= 31:
            raise _swapped(written, month, order)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _out_of_range()
    try:
        read = date(year, month, day)
    except ValueError:
        raise ValidationError(
            _("“%(text)s” is not a day of the calendar."), code="date_impossible", params={"text": written}
        ) from None
    rest = written[found.end() :]
    return _in_range(_on_the_clock(read, rest, zone, written, order)) if rest else read


def _on_the_clock(day: date, rest: str, zone: str | None, written: str, order: Order) -> date:
    """The day, given that a time of day follows it: cut off, unless it names an offset."""
    found = _CLOCK.fullmatch(rest)
    if found is None:
        raise _invalid(written, order)
    hour, minute, second, half, utc, sign, ahead_hours, ahead_minutes = found.groups()
    try:
        clock = time(int(hour) % 12 + 12 * (half in "Pp") if half else int(hour), int(minute), int(second or 0))
        offset = timedelta(hours=int(ahead_hours or 0), minutes=int(ahead_minutes or 0))
        moment = datetime.combine(day, clock, timezone(-offset if sign == "-" else offset))
    except ValueError:
        raise _invalid(written, order) from None
    if not utc and not sign:
        return day
    if zone is None:
        raise _needs_zone(written)
    return day_of(moment, zone)


def _in_range(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _out_of_range()
    return day


def _blank() -> ValidationError:
    return ValidationError(_("There is no date here."), code="date_blank")


def _refuse(text: str, order: Order) -> ValidationError:
    if _SHORT_YEAR.match(text):
        return ValidationError(
            _("Write the year of “%(text)s” with four digits."), code="date_short_year", params={"text": text}
        )
    return _invalid(text, order)


def _invalid(text: str, order: Order) -> ValidationError:
    return ValidationError(
        _("“%(text)s” is not a date. Examples: %(example)s, 1997-01-31."),
        code="date_invalid",
        params={"text": text, "example": "31/01/1997" if order == "dmy" else "01/31/1997"},
    )


def _swapped(text: str, month: int, order: Order) -> ValidationError:
    return ValidationError(
        _("There is no month %(month)s. Is “%(text)s” written day first? The month comes first here.")
        if order == "mdy"
        else _("There is no month %(month)s. Is “%(text)s” written month first? The day comes first here."),
        code="date_impossible",
        params={"text": text, "month": month},
    )


def _out_of_range() -> ValidationError:
    return ValidationError(
        _("The year must be between %(first)s and %(last)s."),
        code="date_out_of_range",
        params={"first": FIRST_YEAR, "last": LAST_YEAR},
    )


def _needs_zone(text: str) -> ValidationError:
    return ValidationError(
        _("“%(text)s” is a moment of another time zone: give the day only."),
        code="date_needs_zone",
        params={"text": text[:_MAX_TEXT]},
    )
