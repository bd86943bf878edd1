"""Moments and days, months, and dates as people and sheets write them."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from carteira.core.countries import COUNTRIES, zones
from carteira.core.dates import (
    day_of,
    end_of_day,
    month_of,
    now,
    nth_month,
    order_of,
    parse_date,
    start_of_day,
    today,
)

SAO_PAULO = "America/Sao_Paulo"
any_zone = st.sampled_from([zone for country in COUNTRIES for zone in zones(country)])


def test_now_is_aware_utc() -> None:
    with time_machine.travel(datetime(2026, 11, 21, 2, 30, tzinfo=UTC), tick=False):
        assert now() == datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
        assert now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/Noronha", date(2026, 11, 21)),
        (SAO_PAULO, date(2026, 11, 20)),
        ("America/Manaus", date(2026, 11, 20)),
        ("America/Rio_Branco", date(2026, 11, 20)),
        ("Europe/Lisbon", date(2026, 11, 21)),
    ],
)
def test_today_is_the_accounts(zone: str, day: date) -> None:
    """Feature map 6.10: Brazil has four zones; "today" is the account's."""
    assert today(zone, datetime(2026, 11, 21, 2, 30, tzinfo=UTC)) == day


def test_no_summer_time_in_brazil_since_2019() -> None:
    """Feature map 6.10, and zone data come from PyPI's tzdata, not from the machine."""
    assert day_of(datetime(2018, 12, 1, 2, 30, tzinfo=UTC), SAO_PAULO) == date(2018, 12, 1)
    assert day_of(datetime(2019, 12, 1, 2, 30, tzinfo=UTC), SAO_PAULO) == date(2019, 11, 30)


def test_a_naive_moment_has_no_day() -> None:
    with pytest.raises(ValueError, match="zone"):
        day_of(datetime(2026, 1, 1), SAO_PAULO)  # noqa: DTZ001


@given(st.dates(date(1970, 1, 2), date(2199, 12, 30)), any_zone)
def test_a_day_begins_and_ends_where_it_should(day: date, zone: str) -> None:
    """Also where clocks skip or repeat midnight."""
    start, end = start_of_day(day, zone), end_of_day(day, zone)
    instant = timedelta(microseconds=1)
    assert day_of(start, zone) == day
    assert day_of(start - instant, zone) < day
    assert day_of(end - instant, zone) == day
    assert day_of(end, zone) > day
    assert start.utcoffset() == timedelta(0)


def test_a_day_without_midnight() -> None:
    assert start_of_day(date(2018, 11, 4), SAO_PAULO).astimezone(ZoneInfo(SAO_PAULO)).hour == 1


def test_the_31st_survives_february() -> None:
    """Feature map 6.10: the anchor is kept, days do not drift."""
    anchor = date(2026, 1, 31)
    assert [nth_month(anchor, n).day for n in range(5)] == [31, 28, 31, 30, 31]
    assert nth_month(anchor, 25) == date(2028, 2, 29)
    assert nth_month(anchor, 12) == date(2027, 1, 31)
    assert nth_month(anchor, -1) == date(2025, 12, 31)
    assert nth_month(anchor, -2) == date(2025, 11, 30)


@given(st.dates(date(1901, 1, 1), date(2150, 12, 31)), st.integers(-400, 400))
def test_nth_month_counts_months(anchor: date, n: int) -> None:
    reached = nth_month(anchor, n)
    assert (reached.year - anchor.year) * 12 + reached.month - anchor.month == n
    assert reached.day == anchor.day or reached == month_of(reached)[1]


def test_month_of() -> None:
    assert month_of(date(2028, 2, 10)) == (date(2028, 2, 1), date(2028, 2, 29))


# -- reading

JAN_31 = date(1997, 1, 31)


@pytest.mark.parametrize("language", ["pt-br", "es"])
@pytest.mark.parametrize(
    "written",
    [
        "1997-01-31",
        "1997/01/31",
        "1997.1.31",
        "31/01/1997",
        "31.01.1997",
        "31-01-1997",
        "31/1/1997",
        " 31/01/1997\u00a0",
        "1997-01-31 00:00:00",
        "1997-01-31T23:59:59",
        "1997-01-31T23:59:59.123456",
        "31/01/1997 14:30",
        "31/01/1997, 14:30:15",
        "31/01/1997 2:30 PM",
        JAN_31,
        datetime(1997, 1, 31, 23, 59),  # noqa: DTZ001
    ],
)
def test_day_first(written: object, language: str) -> None:
    """S0-12's ground: the payment's day as sheets write it."""
    assert parse_date(written, language=language) == JAN_31


@pytest.mark.parametrize("written", ["1997-01-31", "01/31/1997", "1/31/1997", "01-31-1997", "1/31/1997 2:30 PM"])
def test_english_is_month_first(written: str) -> None:
    assert parse_date(written, language="en") == JAN_31


def test_a_sheets_own_order_wins_over_the_language() -> None:
    assert parse_date("02/01/1997", language="en") == date(1997, 2, 1)
    assert parse_date("02/01/1997", language="en", order="dmy") == date(1997, 1, 2)
    assert parse_date("02/01/1997", language="pt-br", order="mdy") == date(1997, 2, 1)
    assert [order_of(language) for language in ("pt-br", "es", "en")] == ["dmy", "dmy", "mdy"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("31/02/1997", "date_impossible"),
        ("29/02/2026", "date_impossible"),
        ("1997-02-30", "date_impossible"),
        ("1997-13-01", "date_impossible"),
        ("00/01/1997", "date_impossible"),
        ("01/31/1997", "date_impossible"),
        ("31/01/97", "date_short_year"),
        ("31/01-1997", "date_invalid"),
        ("31/01/1997x", "date_invalid"),
        ("31/01/19970", "date_invalid"),
        ("31/01/1997 25:00", "date_invalid"),
        ("31/01/1997 14:30:61", "date_invalid"),
        ("1997-W05-5", "date_invalid"),
        ("1997-031", "date_invalid"),
        ("19970131", "date_invalid"),
        ("31 de janeiro de 1997", "date_invalid"),
        ("ontem", "date_invalid"),
        ("\uff11\uff19\uff19\uff17-01-31", "date_invalid"),
        ("1997-01-31\x00", "date_invalid"),
        pytest.param("1" * 41, "date_invalid", id="long"),
        (35461, "date_invalid"),
        (True, "date_invalid"),
        ("1899-12-31", "date_out_of_range"),
        ("01/01/2201", "date_out_of_range"),
        (date(1899, 12, 31), "date_out_of_range"),
        (datetime(2201, 1, 1), "date_out_of_range"),  # noqa: DTZ001
        ("0000-00-00", "date_out_of_range"),
        ("", "date_blank"),
        ("  ", "date_blank"),
        (None, "date_blank"),
        ("1997-01-31T02:00:00Z", "date_needs_zone"),
        (datetime(1997, 1, 31, 2, tzinfo=UTC), "date_needs_zone"),
    ],
)
def test_refused(written: object, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        parse_date(written, language="pt-br")
    assert caught.value.code == code
    assert caught.value.messages[0]


def test_a_swapped_date_is_told_so() -> None:
    with pytest.raises(ValidationError, match="month first"):
        parse_date("01/31/1997", language="pt-br")
    with pytest.raises(ValidationError, match="day first"):
        parse_date("31/01/1997", language="en")


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("1997-02-01T01:30:00Z", JAN_31),
        ("1997-02-01 01:30 UTC", JAN_31),
        ("1997-02-01T01:30:00.5+00:00", JAN_31),
        ("1997-01-31T22:30:00-0300", JAN_31),
        ("31/01/1997 9:30 pm -02:00", JAN_31),
        ("1997-02-01T02:30:00Z", date(1997, 2, 1)),
        (datetime(1997, 2, 1, 1, 30, tzinfo=UTC), JAN_31),
        (datetime(1997, 1, 31, 22, 30, tzinfo=timezone(timedelta(hours=-3))), JAN_31),
        (datetime(1997, 1, 31, 22, 30), JAN_31),  # noqa: DTZ001
    ],
)
def test_a_moment_is_a_day_of_the_accounts_zone(written: object, day: date) -> None:
    """1997 had summer time in Sao Paulo: two hours behind UTC."""
    assert parse_date(written, language="pt-br", zone=SAO_PAULO) == day


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_written_dates_are_read_back(day: date) -> None:
    for language, form in (("pt-br", "%d/%m/%Y"), ("es", "%d-%m-%Y"), ("en", "%m/%d/%Y")):
        assert parse_date(day.strftime(form), language=language) == day
        assert parse_date(day.isoformat(), language=language) == day
        assert parse_date(datetime(day.year, day.month, day.day, 23, 59), language=language) == day  # noqa: DTZ001


@given(st.text(alphabet="0123456789/-.: TZ+", max_size=30))
def test_never_anything_but_a_date_or_a_refusal(text: str) -> None:
    with suppress(ValidationError):
        assert 1900 <= parse_date(text, language="es", zone=SAO_PAULO).year <= 2200
