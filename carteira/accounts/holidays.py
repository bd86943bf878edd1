"""The business calendar of an account: its country's bank holidays and its own."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account, Holiday
from carteira.core import people
from carteira.core.dates import Calendar
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.jobs import defer
from carteira.core.registries import Registry
from carteira.core.ui.formats import day as day_text

ADDED = kinds.register("account.holiday_added", gettext_lazy("{name} on {on} is a holiday of the business."))
REMOVED = kinds.register("account.holiday_removed", gettext_lazy("{name} on {on} is no longer a holiday."))

# (account, now) -> recompute what follows from business days (open effective due dates). Called by a job in the
# account's scope after the calendar changed; must be repeatable.
calendar_changed: Registry[Callable[[Account, datetime], None]] = Registry("Calendar listener")

_NAME_LIMIT = 100


class HolidayTaken(ValueError):
    """That day is a holiday of this business already; the text is a sentence for the user."""


def calendar_of(account: Account) -> Calendar:
    """Needs the account's scope open."""
    return Calendar(account.country, frozenset(Holiday.objects.values_list("on", flat=True)))


def add_holiday(account: Account, *, on: date, name: str, by: Any, now: datetime) -> Holiday:
    """Close the business on the day `on` (account's day). Raises HolidayTaken, ValidationError for the name.

    Records account.holiday_added; due dates that roll over it are computed anew by a job (product decision 6).
    """
    name = people.clean_text(name, limit=_NAME_LIMIT) or _("Holiday")
    with transaction.atomic():
        try:
            with transaction.atomic():
                holiday = Holiday.objects.create(on=on, name=name)
        except IntegrityError as error:
            raise HolidayTaken(_("%(day)s is a holiday here already.") % {"day": day_text(on)}) from error
        record(ADDED, by=by, now=now, subject_id=holiday.pk, what={"name": name, "on": on.isoformat()})
        recompute_soon(account)
        return holiday


def remove_holiday(account: Account, holiday: Holiday, *, by: Any, now: datetime) -> None:
    """Open the business on that day again. Removing one that is gone already is no error. Records it."""
    with transaction.atomic():
        removed, _per_model = Holiday.objects.filter(pk=holiday.pk).delete()
        if removed:
            what = {"name": holiday.name, "on": holiday.on.isoformat()}
            record(REMOVED, by=by, now=now, subject_id=holiday.pk, what=what)
            recompute_soon(account)


def recompute_soon(account: Account) -> None:
    """Let the listeners of `calendar_changed` run once the change is committed; several changes wait as one job."""
    from carteira.accounts.jobs import recompute_calendar

    defer(recompute_calendar, account.pk, once=True)
