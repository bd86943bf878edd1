"""Where due dates roll to (product decision 6, feature map 6.6, Lei 7.089/1983)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carteira.core.countries import COUNTRIES
from carteira.core.dates import Calendar, bank_holidays, effective_due

BRAZIL = Calendar("BR")

NATIONAL_2026 = {(1, 1), (4, 3), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (11, 20), (12, 25)}
BANKS_2026 = {(2, 16), (2, 17), (6, 4)}


def test_brazil_2026() -> None:
    """Feature map 6.6: ten national holidays, Carnival Monday and Tuesday, Corpus Christi; nothing else."""
    assert bank_holidays("BR", 2026) == {date(2026, *day) for day in NATIONAL_2026 | BANKS_2026}


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2027, 2, 8), False),
        (date(2027, 2, 9), False),
        (date(2027, 2, 10), True),  # Ash Wednesday: banks open at noon
        (date(2027, 3, 26), False),
        (date(2027, 5, 27), False),
        (date(2024, 11, 20), False),
        (date(2023, 11, 20), True),  # national only since 2024
        (date(2026, 12, 24), True),
        (date(2026, 12, 31), True),
        (date(2026, 10, 28), True),  # civil servants' day
        (date(2026, 11, 21), False),  # a Saturday
    ],
)
def test_brazilian_banks(day: date, works: bool) -> None:
    assert BRAZIL.is_business_day(day) is works


@pytest.mark.parametrize(
    ("due", "effective"),
    [
        (date(2026, 11, 19), date(2026, 11, 19)),
        (date(2026, 11, 20), date(2026, 11, 23)),  # Friday, a holiday
        (date(2026, 11, 21), date(2026, 11, 23)),
        (date(2026, 11, 15), date(2026, 11, 16)),
        (date(2026, 2, 14), date(2026, 2, 18)),  # Saturday before Carnival
        (date(2020, 12, 25), date(2020, 12, 28)),  # Central Bank's examples, feature map 6.2
        (date(2020, 12, 26), date(2020, 12, 28)),
        (date(2020, 12, 28), date(2020, 12, 28)),
        (date(2021, 1, 1), date(2021, 1, 4)),
        (date(2020, 10, 24), date(2020, 10, 26)),
    ],
)
def test_due_dates_roll(due: date, effective: date) -> None:
    """Feature map 6.2 (due-date rule), 6.5 and 6.6; S0-05: overdue is the day after."""
    assert effective_due(due, BRAZIL) == effective


def test_the_accounts_own_holidays_count() -> None:
    city = Calendar("BR", frozenset({date(2026, 1, 26)}))
    assert effective_due(date(2026, 1, 24), city) == date(2026, 1, 27)
    assert effective_due(date(2026, 1, 24), BRAZIL) == date(2026, 1, 26)


@pytest.mark.parametrize(
    ("country", "day"),
    [
        ("MX", date(2026, 9, 16)),
        ("AR", date(2026, 7, 9)),
        ("AR", date(2026, 11, 6)),  # bank employees' day, known as a bank holiday
        ("CL", date(2026, 12, 31)),  # bank holiday
        ("CO", date(2026, 7, 20)),
        ("PE", date(2026, 7, 28)),
        ("UY", date(2026, 2, 16)),  # bank holiday
        ("PA", date(2026, 11, 4)),
        ("PT", date(2026, 6, 10)),
        ("US", date(2026, 7, 3)),
    ],
)
def test_other_countries(country: str, day: date) -> None:
    assert not Calendar(country).is_business_day(day)


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_offered_country_has_a_calendar(country: str) -> None:
    assert bank_holidays(country, 2026)
    assert date(2026, 1, 1) in bank_holidays(country, 2026)


def test_an_unknown_country_has_weekends() -> None:
    assert Calendar("XX").next_business_day(date(2026, 11, 21)) == date(2026, 11, 23)


@given(
    st.dates(date(1900, 1, 1), date(2200, 12, 31)),
    st.sampled_from(sorted(COUNTRIES)),
    st.frozensets(st.dates(date(2026, 1, 1), date(2026, 3, 1)), max_size=30),
)
def test_the_roll_lands_on_the_first_business_day(day: date, country: str, own: frozenset[date]) -> None:
    calendar = Calendar(country, own)
    rolled = calendar.next_business_day(day)
    assert calendar.is_business_day(rolled)
    assert all(not calendar.is_business_day(day + timedelta(days=n)) for n in range((rolled - day).days))
    assert calendar.next_business_day(rolled) == rolled
