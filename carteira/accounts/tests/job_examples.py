"""Examples of the room's jobs, for tests/test_every_job.py."""

from datetime import timedelta
from typing import Any

from carteira.accounts.models import Account, AccountCopy, Closure, Invitation, Membership, User
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


def people(account: Account) -> list[str]:
    """Owner and administrator of the business."""
    found = []
    for role in ("owner", "admin"):
        user = User.objects.create_user(f"{role}@{account.slug}.example")
        Membership.objects.create(account=account, user=user, role=role)
        found.append(str(user.pk))
    return found


def handed_on(account: Account) -> dict[str, Any]:
    before, after = people(account)
    return {"to": after, "before": before, "after": after}


def closing(account: Account) -> dict[str, Any]:
    people(account)
    now = dates.now()
    closure = Closure.objects.create(account_id=account.pk, slug=account.slug, name="x", asked_at=now, due_at=now)
    return {"closure_id": str(closure.pk), "stays": False}


def closing_to_one(account: Account) -> dict[str, Any]:
    arguments = closing(account)
    user = User.objects.get(email=f"owner@{account.slug}.example")
    return {**arguments, "to": str(user.pk)}


EXAMPLES: dict[str, Any] = {
    "accounts.jobs.recompute_calendar": lambda account: {},
    "accounts.jobs.copy_account": copy_account,
    "accounts.jobs.mail_closing": closing_to_one,
    "accounts.jobs.mail_handed_on": handed_on,
    "accounts.jobs.mail_invitation": mail_invitation,
    "accounts.jobs.tell_closing": closing,
}
