"""The clock of groups bears being cut off at any statement and being run twice: who came and went is told once."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from carteira.core.events.models import Event
from carteira.core.walls import scope
from carteira.groups import verify
from carteira.groups.make import make_group
from carteira.groups.models import Group, Member
from carteira.groups.refresh import days_passed
from conftest import NOW, TODAY, make_cast
from tests.test_every_job import cut_at

RULES = {
    "Active": {"field": "state", "is": "is", "value": ["active"]},
    "New": {"field": "registered", "is": "within", "value": 5},
    "Big": {"field": "paid", "is": "at_least", "value": {"amount": 100, "days": 30}},
}


@pytest.mark.django_db(transaction=True)
def test_cut_off_anywhere_and_run_twice_days_pass_once(make_customer):
    """N3, F1."""
    cast, later = make_cast(), NOW + timedelta(days=20)
    for account in (cast.aurora, cast.boreal):
        for nth in range(3):
            make_customer(account, f"C{nth}", paid=[(TODAY - timedelta(days=50 - 5 * nth), 100)])
        make_customer(account, "New", registered_on=TODAY)
        with scope(account.pk):
            made = {name: make_group(account, name=name, rule=rule, by=None, now=NOW) for name, rule in RULES.items()}
            asks = {"field": "group", "is": "not_in", "value": [str(made["Active"].pk)]}
            make_group(account, name="Leaning", rule=asks, by=None, now=NOW)
    with cut_at(0) as counted, scope(cast.aurora.pk):
        days_passed(cast.aurora, later)
    for nth in range(1, counted.count + 1, counted.count // 10):
        with cut_at(nth):
            try:
                with scope(cast.boreal.pk):
                    days_passed(cast.boreal, later)
            except OperationalError:
                connection.close()
    for _time in range(2):
        with scope(cast.boreal.pk):
            days_passed(cast.boreal, later)
    once, often = (told(account) for account in (cast.aurora, cast.boreal))
    assert once == often
    assert {kind for kind, *_rest in once[1]} == {"group.entered", "group.left"}


def told(account):
    with scope(account.pk):
        members = Member.objects.values_list("group__name", "customer__name", "cause", "resting")
        names = dict(Group.objects.values_list("pk", "name"))
        events = Event.objects.filter(kind__in=("group.entered", "group.left")).values_list(
            "kind", "subject_id", "customer_id", "at"
        )
        numbers = dict(Member.objects.values_list("customer_id", "customer__number"))
        came = sorted((kind, names[group], numbers[customer], at) for kind, group, customer, at in events)
        counts = sorted(Group.objects.values_list("name", "members", "changes_on"), key=str)
        return sorted(members, key=str), came, counts, list(verify.members())
