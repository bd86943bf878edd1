"""Filling a group whose rule is new, within a limit."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from carteira.core.patience import TookTooLong, patience
from carteira.groups import keep_many, refresh
from carteira.groups.rules import BadRule

# Seconds one group's members may take to be found: everybody who changes a customer waits meanwhile.
PATIENCE = 20


def fill(groups: Iterable[UUID], *, now: datetime, silent: bool = False) -> None:
    """refresh.rebuild of these and of those that lean on them. Raises BadRule, with nothing written: it takes too long."""
    # Of an account's first group, and no matter of its rule.
    keep_many.begin()
    try:
        with patience(PATIENCE):
            refresh.rebuild(groups, now=now, silent=silent)
    except TookTooLong:
        sentence = _("It takes too long to find whom this rule means. Ask for less, or by fewer conditions.")
        raise BadRule(sentence) from None
