"""Following: being told of events in their own transaction, for caches that must never be behind.

Reactions (core.events.kinds) run after the commit and may be late; a follower only notes whom something happened to,
and does its work once, at the end of the scope (core.walls.scope.at_end).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

# (kind, customers, moment): the customers something happened to; None when they are too many to be named.
Follower = Callable[[str, Sequence[UUID] | None, datetime], None]

# More customers than these are "many": naming them would cost more than looking at everybody.
MANY = 5_000

_followers: list[Follower] = []


def follow(follower: Follower) -> None:
    _followers.append(follower)


def tell(kind: str, customers: Sequence[UUID] | None, at: datetime) -> None:
    if customers is None or customers:
        for follower in _followers:
            follower(kind, customers, at)
