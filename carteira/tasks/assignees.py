"""Who may have tasks here: members who may work on customers."""

from uuid import UUID

from carteira.accounts.models import Account, Membership, User
from carteira.accounts.roles import Right


def assignees(account: Account) -> list[User]:
    """By name. Memberships stand outside the walls: the filter is what keeps other businesses' people out."""
    rows = Membership.objects.filter(account=account, user__is_active=True).select_related("user")
    return sorted((row.user for row in rows if row.may(Right.EDIT_CUSTOMERS)), key=lambda user: str(user).casefold())


def is_assignee(account: Account, user_id: UUID) -> bool:
    row = Membership.objects.filter(account=account, user=user_id, user__is_active=True).first()
    return row is not None and row.may(Right.EDIT_CUSTOMERS)
