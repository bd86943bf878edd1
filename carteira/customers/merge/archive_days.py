"""On which days a customer made of two was archived: on those on which each of them that was a customer by then was.

A day on which one of them was there and not archived is a day on which somebody was there.
"""

import itertools
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from carteira.customers.models import FOREVER


class Days(NamedTuple):
    """[from_on, until_on), and what was said about it."""

    from_on: date
    until_on: date
    reason: str = ""
    note: str = ""


def together(kept: Sequence[Days], kept_since: date, merged: Sequence[Days], merged_since: date) -> list[Days]:
    """What the kept one said of a day wins."""
    marks = {kept_since, merged_since, FOREVER}
    marks |= {day for period in (*kept, *merged) for day in (period.from_on, period.until_on)}
    days = sorted(marks)
    found: list[Days] = []
    for begin, end in itertools.pairwise(days):
        said = [
            _covering(periods, begin)
            for periods, since in ((kept, kept_since), (merged, merged_since))
            if since <= begin
        ]
        if not said or None in said:
            continue
        first = said[0]
        assert first is not None
        if found and found[-1].until_on == begin:
            found[-1] = Days(found[-1].from_on, end, first.reason, first.note)
        else:
            found.append(Days(begin, end, first.reason, first.note))
    return found


def _covering(periods: Iterable[Days], day: date) -> Days | None:
    return next((period for period in periods if period.from_on <= day < period.until_on), None)
