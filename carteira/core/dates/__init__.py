"""Days, moments, business days.

A moment (`*_at`) is aware UTC, a day (`*_on`) a date in an account's time zone. Days are computed here, in
Python with PyPI's tz data, never by the database, whose zone tables differ (architecture, section 4). `now()`
is the only place that reads the clock: screens, jobs and commands call it once and pass it on.
"""

from carteira.core.dates.business import Calendar, bank_holidays, effective_due
from carteira.core.dates.days import (
    ahead,
    ahead_by,
    day_of,
    end_of_day,
    go_ahead,
    month_of,
    next_day_of_month,
    now,
    nth_month,
    start_of_day,
    today,
)
from carteira.core.dates.reading import FIRST_YEAR, LAST_YEAR, Order, order_of, parse_date

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "Calendar",
    "Order",
    "ahead",
    "ahead_by",
    "bank_holidays",
    "day_of",
    "effective_due",
    "end_of_day",
    "go_ahead",
    "month_of",
    "next_day_of_month",
    "now",
    "nth_month",
    "order_of",
    "parse_date",
    "start_of_day",
    "today",
]
