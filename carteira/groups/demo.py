"""Groups of the demo business: one by hand, four by rule, some who were put in or out by hand."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from carteira.customers.models import Customer
from carteira.groups.belong import add_many, remove_many
from carteira.groups.change import change_group
from carteira.groups.make import make_group
from carteira.groups.rules import Rule

_YEAR = 365
ENROLMENT, LARGE, MEDIUM, SMALL, SILENT = "Matrícula 2026", "Grandes", "Médios", "Pequenos", "60 dias em silêncio"


def _paid(way: str, amount: int) -> Rule:
    """In minor units, in the last year."""
    return {"field": "paid", "is": way, "value": {"amount": amount, "days": _YEAR}}


def add_groups(account: Any, by: Any, random: Random, now: datetime) -> None:
    """S0-08's cohort by hand; by what they paid in a year; who has gone silent. They move by themselves as days pass."""
    today = account.today(now)
    cohort = make_group(account, name=ENROLMENT, colour="blue", by=by, now=now)
    change_group(cohort, by=by, now=now, payment_method="pix", due_day=10, messages_welcome=True)
    lately = Customer.objects.filter(archived_on=None, registered_on__gte=today - timedelta(days=300))
    add_many(cohort, list(lately.order_by("number").values_list("pk", flat=True)[:60]), by=by, now=now)
    large = make_group(account, name=LARGE, colour="green", rule={"all": [_paid("at_least", 600_000)]}, by=by, now=now)
    medium = {"all": [_paid("at_least", 200_000), _paid("less_than", 600_000)]}
    make_group(account, name=MEDIUM, colour="yellow", rule=medium, by=by, now=now)
    small = {"all": [_paid("at_least", 1), _paid("less_than", 200_000)]}
    small_group = make_group(account, name=SMALL, colour="grey", rule=small, by=by, now=now)
    silent = {"all": [{"field": "last_payment", "is": "longer_ago", "value": 60}]}
    silent_group = make_group(account, name=SILENT, colour="orange", rule=silent, by=by, now=now)
    # By hand, for good: two who are treated as large ones, one whom nobody should remind.
    ids = list(Customer.objects.filter(archived_on=None).order_by("number").values_list("pk", flat=True))
    chosen = random.sample(ids, 2)
    add_many(large, chosen, by=by, now=now)
    remove_many(small_group, chosen, by=by, now=now)
    quiet = Customer.objects.filter(archived_on=None, last_paid_on__lt=today - timedelta(days=60)).order_by("number")
    remove_many(silent_group, [quiet.values_list("pk", flat=True)[0]], by=by, now=now)
