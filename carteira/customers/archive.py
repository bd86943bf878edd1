"""Archiving: a customer that is gone keeps everything, leaves the lists, and can come back (S0-14, S2-08 to S2-14)."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Protocol

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.ui.formats import day as day_text
from carteira.customers import facts, why
from carteira.customers.archive_checklist import Guarded, Pending, blockers, pending
from carteira.customers.lifecycle import view_of
from carteira.customers.models import FOREVER, ArchivePeriod, Customer


class CannotArchive(ValueError):
    """Refused; the text is a sentence for whoever may see all of it. `pending` lists what must be resolved first, and
    what of it may be said to whom."""

    def __init__(self, message: str, pending: Iterable[Pending] = ()) -> None:
        super().__init__(message)
        self.pending = list(pending)


class CannotUnarchive(ValueError):
    """Refused; the text is a sentence for the user."""


__all__ = ["CannotArchive", "CannotUnarchive", "Pending", "archive", "blockers", "pending", "reopen", "unarchive"]

ARCHIVED = kinds.register("customer.archived", gettext_lazy("Archived as of {on}: {reason}. {note}"))
UNARCHIVED = kinds.register("customer.unarchived", gettext_lazy("Reactivated as of {on}. {note}"))


def archive(
    customer: Customer,
    *,
    by: Any,
    now: datetime,
    on: date | None = None,
    reason: str = "",
    note: str = "",
) -> Customer:
    """Archive as of `on` (account's day, default today; past days write history).

    `reason` overrides the derived one (churn or lost) and then wants a note. Raises CannotArchive: already archived,
    a day in the future, before the registration or not after the last payment's day, or money pending (product
    decision 4). Records customer.archived.
    """
    with transaction.atomic():
        customer = (
            Customer.objects.select_for_update(of=("self",), no_key=True).select_related("account").get(pk=customer.pk)
        )
        today = customer.account.today(now)
        on = on or today
        last = ArchivePeriod.objects.filter(customer=customer).order_by("-until_on").first()
        refusal = why_not(customer, on, today=today, last_until=last and last.until_on)
        if refusal:
            raise CannotArchive(refusal)
        if reason and reason not in ArchivePeriod.Reason.values:
            raise CannotArchive(_("The reason is either churn or lost."))
        blocking = [item for item in pending(customer) if item.blocks]
        if blocking:
            raise CannotArchive(says_pending(customer.name, (item.what for item in blocking)), blocking)
        derived = why.story(customer, view_of(customer.account, now=now, day=on)).reason_if_archived
        ArchivePeriod.objects.create(customer=customer, from_on=on, reason=reason, note=note)
        facts.refresh([customer.pk])
        record(
            ARCHIVED,
            by=by,
            now=now,
            customer_id=customer.pk,
            what={"on": on.isoformat(), "reason": reason or derived},
            personal={"note": note} if note else None,
        )
        customer.refresh_from_db()
        return customer


def unarchive(customer: Customer, *, by: Any, now: datetime, on: date | None = None, note: str = "") -> Customer:
    """Bring back as of `on` (account's day, default today; S2-12: at any time).

    Raises CannotUnarchive: not archived, a day in the future or before it was archived. Records customer.unarchived.
    """
    with transaction.atomic():
        customer = (
            Customer.objects.select_for_update(of=("self",), no_key=True).select_related("account").get(pk=customer.pk)
        )
        today = customer.account.today(now)
        on = on or today
        refusal = why_not_back(customer, on, today=today)
        if refusal:
            raise CannotUnarchive(refusal)
        ArchivePeriod.objects.filter(customer=customer, until_on=FOREVER).update(until_on=on)
        facts.refresh([customer.pk])
        record(
            UNARCHIVED,
            by=by,
            now=now,
            customer_id=customer.pk,
            what={"on": on.isoformat()},
            personal={"note": note} if note else None,
        )
        customer.refresh_from_db()
        return customer


def reopen(customer: Customer, *, since: date, by: Any, now: datetime, note: str) -> Customer:
    """Bring back an archived customer because of something dated on or after the day it was archived.

    Older news (an imported payment of last year) leaves it archived (product decision 4). A quiet no-op then.
    """
    if customer.archived_on is None or since < customer.archived_on:
        return customer
    return unarchive(customer, by=by, now=now, on=since, note=note)


class Archivable(Protocol):
    """What of a customer its archiving asks; a Customer, or a row of many."""

    @property
    def name(self) -> str: ...
    @property
    def counted_from(self) -> date: ...
    @property
    def last_paid_on(self) -> date | None: ...
    @property
    def archived_on(self) -> date | None: ...


def why_not(customer: Archivable, on: date, *, today: date, last_until: date | None) -> str:
    """Why it cannot be archived as of `on`, but for what is pending; "" where it can. `last_until`: the end of its last
    period in the archive."""
    name = customer.name
    if customer.archived_on is not None:
        return _("%(name)s is archived already.") % {"name": name}
    if on > today:
        return _("The day of archiving cannot be in the future.")
    if on < customer.counted_from:
        return _("%(name)s was not a customer yet on that day: registered on %(day)s.") % {
            "name": name,
            "day": day_text(customer.counted_from),
        }
    if customer.last_paid_on is not None and on < customer.last_paid_on:
        day = day_text(customer.last_paid_on)
        return _("%(name)s paid on %(day)s: archive on that day or later.") % {"name": name, "day": day}
    if last_until is not None and on < last_until:
        day = day_text(last_until)
        return _("%(name)s was archived until %(day)s already: archive on that day or later.") % {
            "name": name,
            "day": day,
        }
    return ""


def why_not_back(customer: Archivable, on: date, *, today: date) -> str:
    """Why it cannot be brought back as of `on`; "" where it can."""
    if customer.archived_on is None:
        return _("%(name)s is not archived.") % {"name": customer.name}
    if on > today:
        return _("The day of reactivation cannot be in the future.")
    if on < customer.archived_on:
        day = day_text(customer.archived_on)
        return _("%(name)s was archived on %(day)s: reactivate on that day or later.") % {
            "name": customer.name,
            "day": day,
        }
    return ""


def says_pending(name: str, what: Iterable[str]) -> str:
    return _("%(name)s has something pending: %(what)s.") % {"name": name, "what": "; ".join(what)}


def says_guarded(name: str, items: Iterable[Pending]) -> Guarded | None:
    """The same for whoever may not see everything of it; None where everybody may."""
    items = list(items)
    rights = {item.right for item in items if item.brief}
    if not rights:
        return None
    return Guarded(says_pending(name, (item.brief or item.what for item in items)), tuple(sorted(rights)))
