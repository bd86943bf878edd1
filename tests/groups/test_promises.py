"""What groups promise where others broke it: the clock, settings, two people at once, snapshots, `carteira verify`."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection

from carteira.accounts.holidays import add_holiday
from carteira.accounts.settings import change_settings
from carteira.billing.due_dates import roll_some
from carteira.billing.issue import invoice_once
from carteira.core.events.models import Event
from carteira.core.jobs.tasks import tick
from carteira.core.walls import scope
from carteira.customers.lifecycle import view_of
from carteira.customers.models import Customer
from carteira.groups import list_filter, queries, refresh, verify
from carteira.groups.belong import add_many, remove_many
from carteira.groups.change import change_rule
from carteira.groups.make import make_group
from carteira.groups.models import Group, Member
from carteira.groups.rules import BadRule
from carteira.groups.snapshot import snapshot
from conftest import NOW, TODAY, make_cast


def make(cast, name, rule=None):
    with scope(cast.aurora.pk):
        return make_group(cast.aurora, name=name, rule=rule, by=cast.ana, now=NOW)


def names(group):
    with scope(group.account_id):
        return sorted(Member.objects.filter(group=group).values_list("customer__name", flat=True))


def moves(group):
    """What was told of its members, with the days: (customer, kind, day)."""
    with scope(group.account_id):
        account = Group.objects.select_related("account").get(pk=group.pk).account
        found = Event.objects.filter(subject_id=group.pk, customer_id__isnull=False).order_by("id")
        named = dict(Customer.objects.values_list("pk", "name"))
        return [(named[event.customer_id], event.kind, account.day_of(event.at)) for event in found]


def tick_at(account, moment):
    with time_machine.travel(moment, tick=False):
        tick(account_id=account.pk, clock=refresh.CLOCK)


def test_a_clock_days_late_dates_each_move_and_tells_it_once(cast, make_customer):
    """The hourly clock: entered and left on the day they became true, also for groups that lean; a retry tells nothing."""
    make_customer(cast.aurora, "Ana", paid=[(TODAY - timedelta(days=8), 100)])
    make_customer(cast.aurora, "Bia", paid=[(TODAY - timedelta(days=6), 100)])
    lately = make(cast, "Lately", {"field": "last_payment", "is": "within", "value": 10})
    rest = make(cast, "Rest", {"field": "group", "is": "not_in", "value": [str(lately.pk)]})
    late = NOW + timedelta(days=9)
    tick_at(cast.aurora, late)
    left = [("Ana", "group.left", TODAY + timedelta(days=3)), ("Bia", "group.left", TODAY + timedelta(days=5))]
    entered = [(who, "group.entered", day) for who, _kind, day in left]
    assert [move for move in moves(lately) if move[1] == "group.left"] == left
    assert moves(rest) == entered
    for again in (late, late + timedelta(hours=1)):
        tick_at(cast.aurora, again)
    assert [move for move in moves(lately) if move[1] == "group.left"] == left
    assert moves(rest) == entered


def test_a_tick_that_died_is_done_again_and_told_once(cast, make_customer, monkeypatch):
    """What it did until then is taken back with it."""
    make_customer(cast.aurora, "Ana", paid=[(TODAY - timedelta(days=8), 100)])
    lately = make(cast, "Lately", {"field": "last_payment", "is": "within", "value": 10})
    late, done = NOW + timedelta(days=9), []

    def die(*args, **kwargs):
        done.append(True)
        raise RuntimeError("The power went.")

    with monkeypatch.context() as broken, scope(cast.aurora.pk):
        broken.setattr(refresh.keep_many, "_rewrite_groupless", die)
        with pytest.raises(RuntimeError), scope(cast.aurora.pk):
            refresh.days_passed(cast.aurora, late)
    assert done
    assert names(lately) == ["Ana"]
    tick_at(cast.aurora, late)
    assert moves(lately)[1:] == [("Ana", "group.left", TODAY + timedelta(days=3))]


def test_another_rule_of_the_life_cycle_moves_people_between_groups(cast, make_customer):
    """Sixty days become thirty: the lists are right at once, the clock that was woken tells who moved."""
    make_customer(cast.aurora, "Ana", paid=[(TODAY - timedelta(days=45), 100)])
    active = make(cast, "Active", {"field": "state", "is": "is", "value": ["active"]})
    assert names(active) == ["Ana"]
    with scope(cast.aurora.pk):
        account = change_settings(cast.aurora, changes={"activity_days": 30}, by=cast.ana, now=NOW)
    with scope(cast.aurora.pk):
        view = view_of(account, now=NOW)
        group = Group.objects.get(pk=active.pk)
        assert not Customer.objects.filter(list_filter.members_on(group, account, view)).exists()
        assert [row.members for row in queries.panel(view) if row.group == group] == [0]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE args ->> 'clock' = %s AND args ->> 'account_id' = %s",
            [refresh.CLOCK, str(account.pk)],
        )
        assert cursor.fetchone() == (1,)
    tick_at(account, NOW)
    assert names(active) == []
    assert moves(active)[1:] == [("Ana", "group.left", TODAY)]


def test_a_holiday_that_moves_a_due_date_moves_the_delinquent(cast, make_customer):
    """Nothing happened to the customer, and it owes a day later all the same (decision 6)."""
    ana = make_customer(cast.aurora, "Ana")
    due = TODAY - timedelta(days=1)
    while due.weekday() != 3:  # a Thursday of the past: the Friday after it is a business day
        due -= timedelta(days=1)
    with scope(cast.aurora.pk):
        invoice_once(ana, amount=900, issue_on=due, due_on=due, by=cast.ana, now=NOW)
    days = (TODAY - due).days
    late = make(cast, "Late", {"field": "delinquent", "is": "for", "value": days - 1})
    assert names(late) == ["Ana"]
    with scope(cast.aurora.pk):
        add_holiday(cast.aurora, on=due, name="Feriado", by=cast.ana, now=NOW)
        roll_some(cast.aurora)
    assert names(late) == []


def test_paid_last_four_to_six_weeks_ago(cast, make_customer):
    """Invoice Ninja #8918, #2618; Twenty #8834, #16834: "older than so many days", and not older than so many others."""
    for name, days in (("Ana", 27), ("Bia", 28), ("Caio", 42), ("Dani", 43)):
        make_customer(cast.aurora, name, paid=[(TODAY - timedelta(days=days), 100)])
    make_customer(cast.aurora, "Never")
    rule = {
        "all": [
            {"field": "last_payment", "is": "longer_ago", "value": 27},
            {"field": "last_payment", "is": "within", "value": 42},
        ]
    }
    group = make(cast, "Follow up", rule)
    assert names(group) == ["Bia", "Caio"]
    tick_at(cast.aurora, NOW + timedelta(days=1))
    assert names(group) == ["Ana", "Bia"]


def test_a_snapshot_stays_as_it_was(cast, make_customer):
    """A group by hand of those in it at that moment, pinned ones too; what the rule does later is not its affair."""
    ana = make_customer(cast.aurora, "Ana", city="Recife")
    bia = make_customer(cast.aurora, "Bia")
    caio = make_customer(cast.aurora, "Caio", city="Recife")
    group = make(cast, "Recife", {"field": "city", "is": "is", "value": "Recife"})
    with scope(cast.aurora.pk):
        add_many(group, [bia.pk], by=cast.ana, now=NOW)
        remove_many(group, [caio.pk], by=cast.ana, now=NOW)
        taken = snapshot(group, cast.aurora, name="Recife, November", by=cast.ana, now=NOW)
        assert (taken.by_rule, taken.members) == (False, 2)
        change_rule(group, cast.aurora, rule={"field": "city", "is": "is", "value": "Natal"}, by=cast.ana, now=NOW)
    assert names(taken) == ["Ana", "Bia"]
    assert names(group) == ["Bia"]
    with scope(cast.aurora.pk):
        refresh.rebuild(now=NOW)
        add_many(taken, [caio.pk], by=cast.ana, now=NOW)
    assert names(taken) == ["Ana", "Bia", "Caio"]
    assert ana.pk != caio.pk


@pytest.mark.django_db(transaction=True)
def test_two_people_make_a_circle_at_once():
    """A asks about B while B asks about A: one of them is refused, whoever comes first."""
    cast, ready = make_cast(), Barrier(2)
    one, two = make(cast, "One"), make(cast, "Two")

    def ask(group, about):
        try:
            ready.wait(20)
            with scope(cast.aurora.pk):
                rule = {"field": "group", "is": "in", "value": [str(about.pk)]}
                change_rule(group, cast.aurora, rule=rule, by=cast.ana, now=NOW)
        except BadRule as refused:
            return str(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(ask, (one, two), (two, one)))
    refused = [text for text in told if text]
    assert len(refused) == 1
    assert "That would go round in circles." in refused[0]
    with scope(cast.aurora.pk):
        assert Group.objects.filter(rule__isnull=False).count() == 1
        assert list(verify.members()) == []


def test_verify_tells_what_is_wrong(cast, make_customer):
    """`carteira verify` proves memberships: a member missing, one too many, a count, somebody without group."""
    ana = make_customer(cast.aurora, "Ana", city="Recife")
    make_customer(cast.aurora, "Bia")
    with time_machine.travel(NOW, tick=False):
        group = make(cast, "Recife", {"field": "city", "is": "is", "value": "Recife"})
        hand = make(cast, "Hand")
        with scope(cast.boreal.pk):
            make_group(cast.boreal, name="Next door", by=cast.dora, now=NOW)
        with scope(cast.aurora.pk):
            assert list(verify.members()) == []
            Member.objects.filter(group=group).delete()
            Member.objects.create(group=hand, customer=ana, cause="hand", resting=False)
            Member.objects.filter(group=None).delete()
            assert list(verify.members()) == [
                "group Hand: customer 1 (hand) is too many",
                "group Hand: counted 0, there are 1",
                "group Recife: customer 1 (rule) is missing",
                "group Recife: counted 1, there are 0",
                "without group: customer 2 is missing",
            ]
        with scope(cast.boreal.pk):
            assert list(verify.members()) == []


def test_who_came_and_went_is_read_from_an_index(cast, make_customer):
    """Of one group, however many came to others and whatever else happened meanwhile."""
    make_customer(cast.aurora, "Ana", city="Recife")
    group = make(cast, "Recife", {"field": "city", "is": "is", "value": "Recife"})
    with scope(cast.aurora.pk):
        assert [moved.kind for moved in queries.moves(group, NOW - timedelta(days=7))] == ["group.entered"]
        asked = (
            Event.objects.filter(subject_id=group.pk, kind__in=queries.MOVES).order_by("-id").values_list("customer_id")
        )
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "core_event_moves" in asked[:401].explain()
