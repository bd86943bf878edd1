"""Many at once are evaluated as a few are: same members, same events, same counts (N3, S3-14)."""

import pytest
from django.db import connection

from carteira.accounts.models import Account
from carteira.core.database import statistics
from carteira.core.events.models import Event
from carteira.core.walls import scope
from carteira.customers.archive_many import Wish, archive_many
from carteira.groups import refresh
from carteira.groups.belong import add_many, remove_many
from carteira.groups.make import make_group
from carteira.groups.models import Group, Member
from conftest import NOW, TODAY

LEADS = {"all": [{"field": "state", "is": "is", "value": ["lead"]}]}


@pytest.mark.parametrize("few", [0, 100])
def test_in_out_and_archived(cast, make_customer, monkeypatch, few):
    monkeypatch.setattr(refresh, "FEW", few)
    customers = [make_customer(cast.aurora, f"C{nth}", paid=[(TODAY, 100)] if nth % 2 else []) for nth in range(4)]
    twin = make_customer(cast.boreal, "Twin")
    ids = [customer.pk for customer in customers]
    with scope(cast.aurora.pk):
        hand = make_group(cast.aurora, name="Hand", by=cast.ana, now=NOW)
        leads = make_group(cast.aurora, name="Leads", rule=LEADS, by=cast.ana, now=NOW)
        others = {"all": [{"field": "group", "is": "not_in", "value": [str(hand.pk)]}]}
        rest = make_group(cast.aurora, name="Rest", rule=others, by=cast.ana, now=NOW)
        add_many(hand, [*ids[:3], twin.pk], by=cast.ana, now=NOW)
    assert counts() == {"Hand": 3, "Leads": 2, "Rest": 1}
    with scope(cast.aurora.pk):
        wish = Wish(TODAY, "", "")
        archive_many(cast.aurora, dict.fromkeys(ids[:2], wish), by=cast.ana, now=NOW)
    assert counts() == {"Hand": 1, "Leads": 1, "Rest": 1}
    with scope(cast.aurora.pk):
        remove_many(hand, ids, by=cast.ana, now=NOW)
    assert counts() == {"Hand": 0, "Leads": 1, "Rest": 2}
    with scope(cast.aurora.pk):
        before = set(Member.objects.values_list("group", "customer", "cause", "resting"))
        refresh.rebuild(now=NOW)
        assert set(Member.objects.values_list("group", "customer", "cause", "resting")) == before
        told = list(Event.objects.filter(kind__startswith="group.", customer_id=ids[0]).order_by("id"))
    # Leaving the leads for the archive is the rule's doing; the hand's group only rests.
    kinds = [
        "group.entered",
        "group.entered",
        "group.added",
        "group.left",
        "group.left",
        "group.removed",
        "group.entered",
    ]
    assert [event.kind for event in told] == kinds
    assert (leads.name, rest.name) == ("Leads", "Rest")


def test_a_first_large_fill_is_told_to_the_planner(
    cast, make_customer, monkeypatch, django_capture_on_commit_callbacks
):
    """A fresh account's bulk changes do not run on the statistics of empty tables."""
    monkeypatch.setattr(statistics, "ENOUGH", 3)
    customers = [make_customer(cast.aurora, f"C{nth}").pk for nth in range(4)]
    renewed = []
    monkeypatch.setattr(statistics, "renew_statistics", renewed.append)
    with django_capture_on_commit_callbacks(execute=True), scope(cast.aurora.pk):
        hand = make_group(cast.aurora, name="Hand", by=cast.ana, now=NOW)
        make_group(cast.aurora, name="Leads", rule=LEADS, by=cast.ana, now=NOW)
        add_many(hand, customers[:2], by=cast.ana, now=NOW)
    assert renewed.count(("groups_member", "core_event")) == 1
    assert ("groups_pin", "groups_member", "core_event") not in renewed
    with django_capture_on_commit_callbacks(execute=True), scope(cast.aurora.pk):
        remove_many(hand, customers, by=cast.ana, now=NOW)
        add_many(hand, customers, by=cast.ana, now=NOW)
    assert renewed.count(("groups_pin", "groups_member", "core_event")) == 1
    with scope(cast.aurora.pk):
        monkeypatch.undo()
        statistics.renew_statistics(["groups_pin", "groups_member"])
        with connection.cursor() as cursor:
            cursor.execute("SELECT min(reltuples) FROM pg_class WHERE relname IN ('groups_pin', 'groups_member')")
            assert cursor.fetchone()[0] >= 0


def counts():
    with scope(Account.objects.get(slug="aurora").pk):
        found = {group.name: group.members for group in Group.objects.all()}
        for group in Group.objects.all():
            assert group.members == Member.objects.filter(group=group, resting=False).count()
        return found
