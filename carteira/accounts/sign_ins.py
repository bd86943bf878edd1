"""The record of sign-ins: for the person, and for the owner of a business they work in.

It belongs to a person, so it stands outside the walls; nobody but these two readers sees it, coarse as it is.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from carteira.accounts.device import address_of, device_of
from carteira.accounts.models import Account, SignIn, User

KEPT = timedelta(days=365)
_BATCH = 10_000


def note(user: User, what: str, *, request: HttpRequest | None, now: datetime, method: str = "") -> None:
    """Write down what happened at the door (SignIn.What)."""
    SignIn.objects.create(
        user=user,
        what=what,
        method=method[:20],
        at=now,
        device=device_of(request) if request else "",
        address=address_of(request) if request else "",
    )


def of_person(user: User, *, size: int) -> list[SignIn]:
    """The latest, newest first."""
    return list(SignIn.objects.filter(user=user).order_by("-id")[:size])


def of_business(account: Account, *, older_than: UUID | None, size: int) -> tuple[Sequence[Any], UUID | None]:
    """A page of the members' sign-ins since each of them joined, newest first, and where the next page begins.

    Per member from that person's own index: what others do in the installation costs nothing here.
    """
    rows = list(
        SignIn.objects.raw(
            """
            SELECT s.* FROM accounts_membership m CROSS JOIN LATERAL (
                SELECT * FROM accounts_signin i
                WHERE i.user_id = m.user_id AND i.at >= m.created_at AND (%(older)s::uuid IS NULL OR i.id < %(older)s)
                ORDER BY i.id DESC LIMIT %(size)s
            ) s WHERE m.account_id = %(account)s ORDER BY s.id DESC LIMIT %(size)s
            """,
            {"account": account.pk, "older": older_than, "size": size + 1},
        ).prefetch_related("user")
    )
    return rows[:size], rows[size - 1].pk if len(rows) > size else None


def forget_old(now: datetime) -> int:
    """Remove what is older than a year, in batches; how many."""
    gone = 0
    while True:
        some = list(SignIn.objects.filter(at__lt=now - KEPT).order_by("at").values_list("pk", flat=True)[:_BATCH])
        gone += SignIn.objects.filter(pk__in=some).delete()[0]
        if len(some) < _BATCH:
            return gone
