"""Background work of billing."""

from datetime import datetime
from uuid import UUID

from carteira.accounts.models import Account
from carteira.billing.due_dates import roll_some
from carteira.core.jobs import defer, job, safe_point
from carteira.core.walls import scope


@job(queue="default", retries=5, own_scope=True)
def roll_due_dates(account_id: UUID) -> None:
    """After a change of the calendar: effective due dates of open invoices, a batch a transaction."""
    account = Account.objects.get(pk=account_id)
    place: UUID | None = None
    while True:
        safe_point()
        with scope(account_id):
            place = roll_some(account, place)
        if place is None:
            return


def roll_soon(account: Account, now: datetime) -> None:
    """What billing does when a calendar changed: a job of its own, which works in batches."""
    defer(roll_due_dates, account.pk, once=True)
