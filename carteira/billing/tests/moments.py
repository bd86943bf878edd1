"""Moments of the stories told here: noon of a day in São Paulo."""

from datetime import UTC, date, datetime, time


def at(day: date, hour: int = 15) -> datetime:
    """`hour` in UTC; 15 is noon in São Paulo."""
    return datetime.combine(day, time(hour), UTC)
