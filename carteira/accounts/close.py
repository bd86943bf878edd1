"""Closing a business: its data are taken along first, then a time to think it over, then everything goes (erase.py)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account, AccountCopy, Closure
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.jobs import defer

COPIED = kinds.register("account.copy_asked", gettext_lazy("A copy of all data was asked for."))
CLOSING = kinds.register("account.closing", gettext_lazy("The business is closed; everything is deleted on {on}."))
STAYS = kinds.register("account.closing_canceled", gettext_lazy("The business stays open after all."))

GRACE = timedelta(days=30)
# A copy older than this is no copy of what is deleted.
COPY_COUNTS = timedelta(days=7)


class CannotClose(ValueError):
    """Refused; the text is a sentence for the user."""


def ask_copy(account: Account, *, by: Any, now: datetime) -> AccountCopy:
    """Have all data of the business written into one file by a job. One at a time: an unfinished one stays the one."""
    # Late, as below: jobs.py needs the mails, which need verbs of this room.
    from carteira.accounts.jobs import copy_account

    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        running = AccountCopy.objects.filter(done_at=None, failed_at=None).first()
        if running is not None:
            return running
        copy = AccountCopy.objects.create(asked_at=now, by=by)
        record(COPIED, by=by, now=now, subject_id=copy.pk)
        defer(copy_account, account.pk, copy_id=str(copy.pk))
        return copy


def close(account: Account, *, typed: str, by: Any, now: datetime) -> Closure:
    """Delete everything in 30 days. Needs the account's scope. Raises CannotClose.

    `typed`: the address as the owner typed it. Until then the business works on and anybody who may can cancel.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account.pk)
        if typed.strip().strip("/").lower() != account.slug:
            raise CannotClose(_("Type the address “%(slug)s” to confirm.") % {"slug": account.slug})
        if account.closes_at is not None:
            return Closure.objects.get(account_id=account.pk, canceled_at=None)
        if not AccountCopy.objects.filter(done_at__gt=now - COPY_COUNTS).exists():
            raise CannotClose(_("First take a copy of all data: there is none from the last days."))
        account.closes_at = now + GRACE
        account.save(update_fields=["closes_at"])
        closure = Closure.objects.create(
            account_id=account.pk, slug=account.slug, name=account.name, by=by, asked_at=now, due_at=account.closes_at
        )
        on = account.day_of(account.closes_at).isoformat()
        record(CLOSING, by=by, now=now, subject_id=account.pk, what={"on": on})
        _tell(closure, stays=False)
        return closure


def cancel(account: Account, *, by: Any, now: datetime) -> Account:
    """Stay open after all. Nothing happens where nothing was closing. Needs the account's scope."""
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account.pk)
        if account.closes_at is not None:
            account.closes_at = None
            account.save(update_fields=["closes_at"])
            closure = Closure.objects.select_for_update().get(account_id=account.pk, canceled_at=None)
            closure.canceled_at = now
            closure.save(update_fields=["canceled_at"])
            record(STAYS, by=by, now=now, subject_id=account.pk)
            _tell(closure, stays=True)
        return account


def _tell(closure: Closure, *, stays: bool) -> None:
    from carteira.accounts.jobs import tell_closing

    defer(tell_closing, closure.account_id, closure_id=str(closure.pk), stays=stays)
