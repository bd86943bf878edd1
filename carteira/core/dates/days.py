"""Moments, local days and months."""

import zoneinfo
from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# The machine's own zone files may be old or missing: the same day must come out everywhere.
zoneinfo.reset_tzpath(to=())


_ahead: ContextVar[timedelta] = ContextVar("carteira_ahead", default=timedelta())


def now() -> datetime:
    """The current moment, aware, in UTC: the machine's, except in the demo business once days were simulated there."""
    return datetime.now(UTC) + _ahead.get()


def ahead() -> timedelta:
    """How far `now` is ahead of the machine's clock: for comparing it with what the machine stamped (files)."""
    return _ahead.get()


@contextmanager
def ahead_by(hours: int) -> Iterator[None]:
    """Let the clock go ahead inside the block. Whoever opens an account's scope for a request, a job or a command says
    the account's `hours_ahead`, which is 0 for all but the demo (core.demo_days)."""
    token = _ahead.set(timedelta(hours=hours))
    try:
        yield
    finally:
        _ahead.reset(token)


def go_ahead(hours: int) -> None:
    """As `ahead_by`, until the block around it ends."""
    _ahead.set(timedelta(hours=hours))


def day_of(moment: datetime, zone: str) -> date:
    """The local day of an aware moment in an IANA zone. Raises ValueError for a naive moment."""
    if moment.tzinfo is None:
        raise ValueError("A moment without a zone has no day")
    return moment.astimezone(ZoneInfo(zone)).date()


def today(zone: str, now: datetime) -> date:
    """The account's day at the aware moment `now`."""
    return day_of(now, zone)


def start_of_day(day: date, zone: str) -> datetime:
    """The first moment of a local day, in UTC, also where clocks skip midnight (Santiago, once São Paulo)."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def end_of_day(day: date, zone: str) -> datetime:
    """The first moment after a local day, in UTC: half-open, so that "until the end of the day" is `<`."""
    return start_of_day(day + timedelta(days=1), zone)


def nth_month(anchor: date, n: int) -> date:
    """`anchor` + n months (n may be negative), on its own day or the month's last: 31 Jan, 28 Feb, 31 Mar.

    Always from the anchor, never from the previous period, so that the 31st survives February (feature map
    6.10).
    """
    months = anchor.year * 12 + anchor.month - 1 + n
    year, month = divmod(months, 12)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def next_day_of_month(number: int, day: date) -> date:
    """The first such day of a month on or after `day`; a month without it ends on its last day instead (the 31st)."""
    for month in (day.replace(day=1), nth_month(day.replace(day=1), 1)):
        found = month.replace(day=min(number, month_of(month)[1].day))
        if found >= day:
            return found
    raise AssertionError(number)


def month_of(day: date) -> tuple[date, date]:
    """First and last day of the day's month."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
