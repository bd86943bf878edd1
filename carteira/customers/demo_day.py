"""One simulated day at the demo business: who comes to ask, and who is put into the archive."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from carteira.customers.archive import CannotArchive, archive
from carteira.customers.demo import INVENTED, made_up
from carteira.customers.models import Customer
from carteira.customers.register import register

_COMING = {0: 5, 1: 4, 2: 1}
_FIELDS = ("kind", "name", "email", "document_kind", "document", "phone", "city", "state")


def people_come(account: Any, by: Any, random: Random, now: datetime) -> None:
    """Two people in three days, more or less; nobody on weekends."""
    today = account.today(now)
    if today.weekday() >= 5:
        return
    coming = random.choices(list(_COMING), list(_COMING.values()))[0]
    taken = {text for pair in Customer.objects.values_list("name", "email") for text in pair} if coming else set()
    for _nth in range(coming):
        person = made_up(account, random, today, taken, now)
        register(account, by=by, now=now, **{name: getattr(person, name) for name in _FIELDS})


def some_are_archived(account: Any, by: Any, random: Random, now: datetime) -> None:
    """Now and then somebody who paid long ago or never came leaves the lists; who owes money stays."""
    if random.random() > 0.2:
        return
    today = account.today(now)
    living = Customer.objects.filter(INVENTED, archived_on=None, oldest_due_on=None).order_by("number")
    gone = list(living.filter(last_paid_on__lt=today - timedelta(days=90)))
    never = list(living.filter(first_paid_on=None, registered_on__lt=today - timedelta(days=75)))
    for customer in random.sample(gone + never, min(1, len(gone + never))):
        try:
            archive(customer, by=by, now=now)
        except CannotArchive:
            return
