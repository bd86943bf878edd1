"""`carteira verify`: recomputes what is derived, checks what must hold, says what differs.

Rooms register what they know of one account in registries.verifiers; what concerns the whole installation
stands in `installation` here. Nothing is written, and each account is looked at in one snapshot, so a busy
installation can be verified while it works.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from carteira.core import dates
from carteira.core.registries import Registry, Verifier, verifiers
from carteira.core.walls import scope

# What concerns no single account: the walls themselves, the jobs.
installation: Registry[Verifier] = Registry("Installation verifier")
# Counter name -> the highest number given out, in the open scope; a counter below it would give one twice.
numbers_used: Registry[Callable[[], int]] = Registry("Used number")


@dataclass(frozen=True)
class Difference:
    """`account` is a slug, empty for the installation; `what` is a sentence with the offending ids."""

    account: str
    check: str
    what: str


def verify_account(account: Any) -> Iterator[Difference]:
    """All registered checks in the account's scope."""
    alone = not connection.in_atomic_block
    with dates.ahead_by(account.hours_ahead), scope(account.pk):
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for verifier in verifiers:
            for sentence in verifier.check():
                yield Difference(account.slug, verifier.label, sentence)


def verify_installation() -> Iterator[Difference]:
    for verifier in installation:
        for sentence in verifier.check():
            yield Difference("", verifier.label, sentence)
