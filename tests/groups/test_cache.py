"""Cached = evaluated = full rebuild, whatever happens and however many days pass (N3)."""

import contextlib
import dataclasses
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from carteira.accounts.holidays import HolidayTaken, add_holiday
from carteira.accounts.models import Account
from carteira.accounts.settings import change_settings
from carteira.billing.due_dates import roll_some
from carteira.billing.issue import invoice_once
from carteira.billing.models import Payment
from carteira.billing.pay import record_payment, reverse_payment
from carteira.core.walls import scope
from carteira.customers.archive import CannotArchive, archive, unarchive
from carteira.customers.edit import CannotEdit, edit
from carteira.customers.fields.convert import change_kind
from carteira.customers.fields.define import add_field, remove_field, restore_field
from carteira.customers.fields.fill import fill
from carteira.customers.fields.models import Field, Kind
from carteira.customers.fields.values import Reading, clean
from carteira.customers.lifecycle import view_of
from carteira.customers.merge.merge import CannotMerge, merge
from carteira.customers.merge.models import CustomerMerge
from carteira.customers.merge.unmerge import CannotUnmerge, unmerge
from carteira.customers.models import Customer
from carteira.groups import refresh
from carteira.groups.belong import pin_many
from carteira.groups.change import change_rule
from carteira.groups.make import make_group
from carteira.groups.models import Group, Member
from carteira.groups.remove import GroupInUse, delete_group, restore_group
from carteira.groups.rules import BadRule
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
    {"field": "paid", "is": "at_least", "value": {"amount": 150, "days": 12}},
    {"field": "owed", "is": "at_least", "value": 50},
    {"field": "method", "is": "is", "value": ["pix"]},
    {"field": "OWN", "is": "number_least", "value": "5"},
    {"field": "OWN", "is": "empty"},
    {"any": [{"field": "city", "is": "empty"}, {"all": [{"field": "kind", "is": "is", "value": ["person"]}]}]},
]
ACTS = st.one_of(
    st.tuples(st.just("pay"), st.integers(0, 3), st.integers(0, 70)),
    st.tuples(st.just("reverse"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("invoice"), st.integers(0, 3), st.integers(0, 20)),
    st.tuples(st.just("move"), st.integers(0, 3), st.integers(0, 1)),
    st.tuples(st.just("archive"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("pin"), st.integers(0, 3), st.integers(0, 2)),
    st.tuples(st.just("rule"), st.integers(0, len(RULES) - 1), st.integers(0, len(RULES) - 1)),
    st.tuples(st.just("merge"), st.integers(0, 3), st.integers(0, 3)),
    st.tuples(st.just("unmerge"), st.just(0), st.just(0)),
    st.tuples(st.just("say"), st.integers(0, 3), st.integers(0, 2)),
    st.tuples(st.just("kinds"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("delete"), st.integers(0, 2), st.just(0)),
    st.tuples(st.just("restore"), st.integers(0, 2), st.just(0)),
    st.tuples(st.just("settings"), st.integers(0, 2), st.just(0)),
    st.tuples(st.just("holiday"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("late"), st.integers(1, 9), st.just(0)),
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


@settings(max_examples=examples(20), deadline=None)
@given(first=st.sampled_from(RULES), second=st.sampled_from(RULES), acts=st.lists(ACTS, max_size=10))
def check(cast, customers, first, second, acts):
    # Not the one of the example before, whose settings were taken back.
    account, by, now = Account.objects.get(pk=cast.aurora.pk), cast.ana, NOW
    with undone():
        with scope(account.pk):
            field = add_field(label="Nota", kind=Kind.NUMBER, by=by, now=now)
            one = make_group(account, name="One", rule=about(first, field), by=by, now=now)
            leaning = {"all": [about(second, field), {"field": "group", "is": "not_in", "value": [str(one.pk)]}]}
            two = make_group(account, name="Two", rule=leaning, by=by, now=now)
            nested = {"any": [{"field": "group", "is": "in", "value": [str(two.pk)]}, leaning]}
            make_group(account, name="Three", rule=nested, by=by, now=now)
            hand = make_group(account, name="Hand", by=by, now=now)
        world = World(account, by, customers, (one, two, hand), field)
        for act, which, much in acts:
            with scope(account.pk):
                now = world.do(act, which, much, now)
            if act == "late":
                # The clock stands still: what was due waits for it.
                continue
            with scope(account.pk):
                account.refresh_from_db()
                refresh.days_passed(account, now)
                assert members() == evaluated(account, now), json.dumps([act, which, much])
        with scope(account.pk):
            refresh.days_passed(account, now)
            before = members()
            assert before == evaluated(account, now)
            refresh.rebuild(now=now)
            assert members() == before
            for group in Group.objects.all():
                assert group.members == Member.objects.filter(group=group, resting=False).count()


def about(rule, field):
    """The rule, asking about this own field."""
    return json.loads(json.dumps(rule).replace("OWN", field.name))


@dataclass
class World:
    account: Any
    by: Any
    customers: list
    groups: tuple
    field: Field
    merges: list = dataclasses.field(default_factory=list)

    def customer(self, which):
        """The one, or whoever it was merged into."""
        pk = self.customers[which % len(self.customers)].pk
        for merged in self.merges:
            pk = merged.kept_id if pk == merged.merged_id else pk
        return Customer.objects.get(pk=pk)

    def do(self, act, which, much, now):
        if act in ("days", "late"):
            return now + timedelta(days=which)
        # What a business may refuse is refused here too, and changes nothing.
        with contextlib.suppress(CannotArchive, CannotMerge, CannotUnmerge, CannotEdit, BadRule, GroupInUse):
            getattr(self, act)(which, much, now)
        return now

    def pay(self, which, much, now):
        paid_on = self.account.today(now) - timedelta(days=much)
        method = ["pix", "cash"][much % 2]
        record_payment(self.customer(which), amount=100, paid_on=paid_on, method=method, by=self.by, now=now)

    def reverse(self, which, much, now):
        payments = Payment.objects.filter(customer=self.customer(which), reverses=None, reversals=None)
        if payment := payments.first():
            reverse_payment(payment, by=self.by, now=now)

    def invoice(self, which, much, now):
        issue_on = self.account.today(now) - timedelta(days=10)
        due_on = issue_on + timedelta(days=much)
        invoice_once(self.customer(which), amount=100, issue_on=issue_on, due_on=due_on, by=self.by, now=now)

    def move(self, which, much, now):
        edit(self.customer(which), by=self.by, now=now, city=["Recife", "Olinda"][much])

    def archive(self, which, much, now):
        customer = self.customer(which)
        act = archive if customer.archived_on is None else unarchive
        act(customer, by=self.by, now=now)

    def pin(self, which, much, now):
        for group in Group.objects.filter(pk__in=[group.pk for group in self.groups], deleted_at=None):
            pin_many(group, {self.customer(which).pk: [True, False, None][much]}, by=self.by, now=now)

    def rule(self, which, much, now):
        if group := Group.objects.filter(pk=self.groups[0].pk, deleted_at=None).first():
            rule = {"any": [about(RULES[which], self.field), about(RULES[much], self.field)]}
            change_rule(group, self.account, rule=rule, by=self.by, now=now)

    def merge(self, which, much, now):
        kept, merged = self.customer(which), self.customer(much)
        if kept.pk != merged.pk:
            self.merges.append(merge(kept, merged, by=self.by, now=now))

    def unmerge(self, which, much, now):
        if self.merges:
            unmerge(CustomerMerge.objects.get(pk=self.merges[-1].pk), by=self.by, now=now)
            self.merges.pop()

    def say(self, which, much, now):
        field = Field.objects.get(pk=self.field.pk)
        reading = Reading(self.account, now)
        said = clean(field, ["", "3", "9"][much], reading)
        fill(self.customer(which), field, said, reading=reading, by=self.by, now=now)

    def kinds(self, which, much, now):
        field = Field.objects.get(pk=self.field.pk)
        if which == 0:
            remove_field(field, by=self.by, now=now)
        elif which == 1:
            restore_field(field, by=self.by, now=now)
        else:
            change_kind(field, [Kind.TEXT, Kind.NUMBER][which - 2], account=self.account, by=self.by, now=now)

    def delete(self, which, much, now):
        delete_group(self.groups[which], self.account, by=self.by, now=now)

    def restore(self, which, much, now):
        restore_group(self.groups[which], self.account, by=self.by, now=now)

    def settings(self, which, much, now):
        change_settings(self.account, changes={"activity_days": [60, 5, 30][which]}, by=self.by, now=now)

    def holiday(self, which, much, now):
        on = self.account.today(now) + timedelta(days=which - 2)
        with contextlib.suppress(HolidayTaken):
            add_holiday(self.account, on=on, name="Feriado", by=self.by, now=now)
        roll_some(self.account)


def test_on_any_stream_of_changes_and_days(cast, make_customer):
    """N3: payments and their undo, invoices, merges, the archive, own fields, other groups, settings, a clock that is late."""
    make_customer(cast.boreal, "Twin", paid=[(TODAY, 100)])
    customers = [
        make_customer(cast.aurora, "Ana", paid=[(TODAY - timedelta(days=58), 100)]),
        make_customer(cast.aurora, "Bia", paid=[(TODAY - timedelta(days=4), 100)], city="Recife"),
        make_customer(cast.aurora, "Caio"),
    ]
    check(cast, customers)
