"""The business calendar of an account: its country's bank holidays and its own."""

from carteira.accounts.models import Account, Holiday
from carteira.core.dates import Calendar


def calendar_of(account: Account) -> Calendar:
    """Needs the account's scope open."""
    return Calendar(account.country, frozenset(Holiday.objects.values_list("on", flat=True)))
