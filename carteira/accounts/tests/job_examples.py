"""Examples of the room's jobs, for tests/test_every_job.py."""

from datetime import timedelta
from typing import Any

from carteira.accounts.models import AccountCopy, Invitation
from carteira.core import dates
from carteira.core.walls import scope


def mail_invitation(account: Any) -> dict[str, Any]:
    now = dates.now()
    with scope(account.pk):
        row = Invitation.objects.create(
            email="eva@example.com", role="viewer", created_at=now, expires_at=now + timedelta(days=7)
        )
    return {"invitation_id": str(row.pk)}


def copy_account(account: Any) -> dict[str, Any]:
    with scope(account.pk):
        copy = AccountCopy.objects.create(asked_at=dates.now())
    return {"copy_id": str(copy.pk)}


EXAMPLES: dict[str, Any] = {
    "accounts.jobs.recompute_calendar": lambda account: {},
    "accounts.jobs.copy_account": copy_account,
    "accounts.jobs.mail_invitation": mail_invitation,
}
