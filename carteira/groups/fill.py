"""Filling a group whose rule is new, within a limit."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from carteira.core.patience import TookTooLong, patience
from carteira.groups import keep_many, refresh
from carteira.groups.lock import lock_groups
from carteira.groups.rules import BadRule

# Seconds one group's members may take to be found: everybody who changes a customer waits meanwhile.
PATIENCE = 20


def fill(groups: Iterable[UUID], *, now: datetime, silent: bool = False) -> None:
    """refresh.rebuild of these and of those that lean on them. Raises BadRule, with nothing written: it takes too long to
    find them. (Writing down a million who were found takes its time, and is no fault of the rule.)"""
    groups = list(groups)
    lock_groups()
    try:
        with patience(PATIENCE):
            keep_many.find(groups, now=now)
    except TookTooLong:
        sentence = _("It takes too long to find whom this rule means. Ask for less, or by fewer conditions.")
        raise BadRule(sentence) from None
    refresh.rebuild(groups, now=now, silent=silent)
