"""Simulated days in the demo business, and only there: its clock goes ahead, the hourly clocks tick, people act.

A day is one transaction that ends with the account's clock put forward: killed half-way, whole days have passed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from carteira.core import dates
from carteira.core.demo import SEED, filled_demo
from carteira.core.jobs import clocks
from carteira.core.registries import demo_days
from carteira.core.ui.formats import day as day_text
from carteira.core.walls import scope

_HOUR = timedelta(hours=1)
# How far into the account's day people act, once; clocks tick every hour.
_WORK = timedelta(hours=10)
MOST_DAYS = 800


class CannotAdvance(ValueError):
    """Refused; the text is a sentence for the user."""


@dataclass(frozen=True)
class Advanced:
    """`today` is the account's day afterwards."""

    hours: int
    today: date


def advance(hours: int, *, say: Callable[[str], None] = lambda line: None) -> Advanced:
    """Let so many hours pass in the demo business. `say` is told of each day that has passed.

    Raises NotADemo where there is none, CannotAdvance beyond MOST_DAYS in one go.
    """
    if not 0 < hours <= MOST_DAYS * 24:
        raise CannotAdvance(_("From one hour to %(days)s days can pass at once.") % {"days": MOST_DAYS})
    left = hours
    while left:
        passing = min(left, 24)
        today = _pass(passing)
        left -= passing
        say(_("It is %(day)s in the demo.") % {"day": day_text(today)})
    return Advanced(hours, today)


def _pass(hours: int) -> date:
    with transaction.atomic():
        account, business = filled_demo()
        owner = business.owner(account)
        with scope(account.pk):
            for hour in range(account.hours_ahead + 1, account.hours_ahead + hours + 1):
                with dates.ahead_by(hour):
                    _tick(account, owner)
        account.hours_ahead += hours
        account.save(update_fields=["hours_ahead"])
        with dates.ahead_by(account.hours_ahead):
            return account.today(dates.now())


def _tick(account: Any, owner: Any) -> None:
    now = dates.now()
    for clock in clocks.all_clocks():
        clock.tick(account, now)
    today = account.today(now)
    since_midnight = now - dates.start_of_day(today, account.time_zone)
    if _WORK <= since_midnight < _WORK + _HOUR:
        for name in demo_days.names():
            day = demo_days.get(name)
            assert day is not None
            day.run(account, owner, Random(f"{SEED} {name} {today.isoformat()}"), now)
