"""Cached = evaluated = full rebuild, whatever happens and however many days pass (N3)."""

import contextlib
import json
from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import given, settings

from carteira.billing.issue import invoice_once
from carteira.billing.models import Payment
from carteira.billing.pay import record_payment, reverse_payment
from carteira.core.walls import scope
from carteira.customers.archive import CannotArchive, archive, unarchive
from carteira.customers.edit import edit
from carteira.customers.lifecycle import view_of
from carteira.customers.models import Customer
from carteira.groups import refresh
from carteira.groups.belong import pin_many
from carteira.groups.change import change_rule
from carteira.groups.make import make_group
from carteira.groups.models import Group, Member
from carteira.groups.truth import Truth
from conftest import NOW, TODAY, examples, undone

RULES = [
    {"field": "state", "is": "is", "value": ["active"]},
    {"field": "state", "is": "is", "value": ["inactive", "lead"]},
    {"field": "state", "is": "for", "value": 3},
    {"field": "last_payment", "is": "within", "value": 10},
    {"field": "last_payment", "is": "longer_ago", "value": 5},
    {"field": "delinquent", "is": "yes"},
    {"field": "delinquent", "is": "no"},
    {"field": "delinquent", "is": "for", "value": 4},
    {"field": "registered", "is": "within", "value": 7},
    {"field": "city", "is": "is", "value": "Recife"},
    {"field": "came_back", "is": "yes"},
]
ACTS = st.one_of(
    st.tuples(st.just("pay"), st.integers(0, 3), st.integers(0, 70)),
    st.tuples(st.just("reverse"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("invoice"), st.integers(0, 3), st.integers(0, 20)),
    st.tuples(st.just("move"), st.integers(0, 3), st.integers(0, 1)),
    st.tuples(st.just("archive"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("pin"), st.integers(0, 3), st.integers(0, 2)),
    st.tuples(st.just("rule"), st.integers(0, 10), st.integers(0, 10)),
    st.tuples(st.just("days"), st.integers(1, 40), st.just(0)),
)


def members():
    found = Member.objects.values_list("group_id", "customer_id", "cause", "resting")
    return {(str(group), str(customer), cause, resting) for group, customer, cause, resting in found}


def evaluated(account, now):
    """By the truth alone, one group after the other."""
    truth, found, somewhere = Truth.of(account, view_of(account, now=now)), set(), set()
    for group in truth.groups.values():
        for customer, cause, resting in truth.members(group).values_list("pk", "cause", "resting"):
            found.add((str(group.pk), str(customer), cause, resting))
            somewhere.add(customer)
    for customer, archived_on in Customer.objects.values_list("pk", "archived_on"):
        if customer not in somewhere:
            found.add(("None", str(customer), "hand", archived_on is not None))
    return found


@settings(max_examples=examples(12), deadline=None)
@given(first=st.sampled_from(RULES), second=st.sampled_from(RULES), acts=st.lists(ACTS, max_size=9))
def check(cast, customers, first, second, acts):
    account, by, now = cast.aurora, cast.ana, NOW
    with undone():
        with scope(account.pk):
            one = make_group(account, name="One", rule=first, by=by, now=now)
            leaning = {"all": [second, {"field": "group", "is": "not_in", "value": [str(one.pk)]}]}
            make_group(account, name="Two", rule=leaning, by=by, now=now)
            hand = make_group(account, name="Hand", by=by, now=now)
        for act, which, much in acts:
            with scope(account.pk):
                now = do(account, by, now, customers, (one, hand), act, which, much)
            # Between the clocks, only those not yet due promise to be right.
            with scope(account.pk):
                refresh.days_passed(account, now)
                assert members() == evaluated(account, now), json.dumps([act, which, much])
        with scope(account.pk):
            before = members()
            refresh.rebuild(now=now)
            assert members() == before
            for group in Group.objects.all():
                assert group.members == Member.objects.filter(group=group, resting=False).count()


def do(account, by, now, customers, groups, act, which, much):
    if act == "days":
        return now + timedelta(days=which)
    today = account.today(now)
    customer = Customer.objects.get(pk=customers[which % len(customers)].pk)
    if act == "pay":
        record_payment(customer, amount=100, paid_on=today - timedelta(days=much), method="pix", by=by, now=now)
    elif act == "reverse":
        if payment := Payment.objects.filter(customer=customer, reverses=None, reversals=None).first():
            reverse_payment(payment, by=by, now=now)
    elif act == "invoice":
        due = today - timedelta(days=10) + timedelta(days=much)
        invoice_once(customer, amount=100, issue_on=today - timedelta(days=10), due_on=due, by=by, now=now)
    elif act == "move":
        edit(customer, by=by, now=now, city=["Recife", "Olinda"][much])
    elif act == "archive":
        with contextlib.suppress(CannotArchive):
            archive(customer, by=by, now=now) if customer.archived_on is None else unarchive(customer, by=by, now=now)
    elif act == "pin":
        for group in groups:
            pin_many(group, {customer.pk: [True, False, None][much]}, by=by, now=now)
    elif act == "rule":
        rule = {"any": [RULES[which], RULES[much]]}
        change_rule(groups[0], account, rule=rule, by=by, now=now)
    return now


def test_on_any_stream_of_changes_and_days(cast, make_customer):
    make_customer(cast.boreal, "Twin", paid=[(TODAY, 100)])
    customers = [
        make_customer(cast.aurora, "Ana", paid=[(TODAY - timedelta(days=58), 100)]),
        make_customer(cast.aurora, "Bia", paid=[(TODAY - timedelta(days=4), 100)], city="Recife"),
        make_customer(cast.aurora, "Caio"),
    ]
    check(cast, customers)
