"""Who is in a group: by hand, by rule, by both; at once after whatever changes it (S3-08, S3-14 to S3-16, N3)."""

from datetime import timedelta

import pytest

from carteira.billing.issue import invoice_once
from carteira.billing.pay import record_payment
from carteira.core.events.models import Event
from carteira.core.walls import scope
from carteira.customers.archive import archive, unarchive
from carteira.customers.delete import delete
from carteira.customers.edit import edit
from carteira.customers.models import Customer
from carteira.groups import refresh
from carteira.groups.belong import add_many, pin_many, remove_many
from carteira.groups.change import change_rule
from carteira.groups.fields import known
from carteira.groups.make import make_group
from carteira.groups.models import Group, Member
from carteira.groups.remove import delete_group, restore_group
from conftest import NOW, TODAY

PAID_LATELY = {"all": [{"field": "last_payment", "is": "within", "value": 30}]}


@pytest.fixture
def clients(cast, make_customer):
    """Three of Aurora's, and a twin next door: paid yesterday, paid long ago, never paid."""
    make_customer(cast.boreal, "Ana", paid=[(TODAY, 100)], city="Recife")
    return {
        "ana": make_customer(cast.aurora, "Ana", paid=[(TODAY - timedelta(days=1), 100)], city="Recife"),
        "bia": make_customer(cast.aurora, "Bia", paid=[(TODAY - timedelta(days=90), 100)], city="Olinda"),
        "caio": make_customer(cast.aurora, "Caio"),
    }


@pytest.fixture
def make(cast):
    def make(name="Lately", rule=PAID_LATELY, account=cast.aurora):
        with scope(account.pk):
            return make_group(account, name=name, rule=rule, by=cast.ana, now=NOW)

    return make


def names(group, account=None):
    """Its members by name, after the scope of whatever happened has ended."""
    with scope(group.account_id):
        found = Member.objects.filter(group=group, resting=False).values_list("customer__name", flat=True)
        assert Group.objects.get(pk=group.pk).members == len(found)
        return sorted(found)


def groupless(account):
    with scope(account.pk):
        return sorted(Member.objects.filter(group=None).values_list("customer__name", flat=True))


def kinds_of(customer):
    with scope(customer.account_id):
        events = Event.objects.filter(customer_id=customer.pk, kind__startswith="group.").order_by("id")
        return [event.kind for event in events]


def test_a_rule_takes_in_at_once_whom_it_fits_and_nobody_next_door(cast, clients, make):
    """N3, S3-02."""
    group = make()
    assert names(group) == ["Ana"]
    assert groupless(cast.aurora) == ["Bia", "Caio"]
    assert groupless(cast.boreal) == []
    assert kinds_of(clients["ana"]) == ["group.entered"]


def test_after_a_payment_it_changes_without_anybody_touching_it(cast, clients, make):
    """S3-08: the change Superlógica wants by hand; Mautic #10384: no clock has to run first."""
    group = make()
    with scope(cast.aurora.pk):
        record_payment(clients["bia"], amount=500, paid_on=TODAY, method="pix", by=cast.beto, now=NOW)
    assert names(group) == ["Ana", "Bia"]
    assert kinds_of(clients["bia"]) == ["group.entered"]
    assert groupless(cast.aurora) == ["Caio"]


def test_days_pass_and_it_leaves_on_the_day_it_became_true(cast, clients, make):
    """N3: "left" carries that day, also when the clock stood still since."""
    group = make()
    assert group.changes_on == TODAY + timedelta(days=30)
    later = NOW + timedelta(days=35)
    with scope(cast.aurora.pk):
        refresh.days_passed(cast.aurora, later)
    assert names(group) == []
    with scope(cast.aurora.pk):
        left = Event.objects.get(kind="group.left", customer_id=clients["ana"].pk)
    assert cast.aurora.day_of(left.at) == TODAY + timedelta(days=30)


def test_a_hand_wins_over_the_rule_for_good(cast, clients, make):
    """Decision 11; Mautic PR #17071: who was taken out by hand is never silently taken in again."""
    group = make()
    with scope(cast.aurora.pk):
        remove_many(group, [clients["ana"].pk], by=cast.ana, now=NOW)
        add_many(group, [clients["caio"].pk], by=cast.ana, now=NOW)
    assert names(group) == ["Caio"]
    with scope(cast.aurora.pk):
        record_payment(clients["ana"], amount=500, paid_on=TODAY, method="pix", by=cast.beto, now=NOW)
        refresh.rebuild(now=NOW)
        change_rule(group, cast.aurora, rule={"any": [*PAID_LATELY["all"]]}, by=cast.ana, now=NOW)
    assert names(group) == ["Caio"]
    with scope(cast.aurora.pk):
        pin_many(group, {clients["ana"].pk: None}, by=cast.ana, now=NOW)
    assert names(group) == ["Ana", "Caio"]
    assert kinds_of(clients["ana"]) == ["group.entered", "group.removed", "group.unpinned"]


def test_another_rule_or_none_lets_ex_members_go(cast, clients, make):
    """Mautic #7679, #4095, #4970: they stayed."""
    group = make()
    with scope(cast.aurora.pk):
        olinda = {"all": [{"field": "city", "is": "is", "value": "OLINDA"}]}
        change_rule(group, cast.aurora, rule=olinda, by=cast.ana, now=NOW)
    assert names(group) == ["Bia"]
    with scope(cast.aurora.pk):
        change_rule(group, cast.aurora, rule=None, by=cast.ana, now=NOW)
    assert names(group) == []
    assert kinds_of(clients["bia"]) == ["group.entered", "group.left"]


def test_groups_that_ask_about_groups_follow(cast, clients, make):
    """Mautic #3790: segments that depend on segments did not update."""
    lately = make()
    rule = {"all": [{"field": "group", "is": "not_in", "value": [str(lately.pk)]}]}
    others = make("Others", rule)
    assert names(others) == ["Bia", "Caio"]
    with scope(cast.aurora.pk):
        record_payment(clients["bia"], amount=500, paid_on=TODAY, method="pix", by=cast.beto, now=NOW)
    assert names(others) == ["Caio"]
    with scope(cast.aurora.pk):
        add_many(lately, [clients["caio"].pk], by=cast.ana, now=NOW)
    assert names(others) == []
    assert groupless(cast.aurora) == []


def test_by_hand_many_groups_and_none(cast, clients, make):
    """S3-10, S3-14 to S3-16: empty groups are legal, the same customer may be in several."""
    one, two = make("One", None), make("Two", None)
    assert names(one) == []
    both = [clients["ana"].pk, clients["bia"].pk]
    with scope(cast.aurora.pk):
        assert set(add_many(one, both, by=cast.ana, now=NOW)) == set(both)
        assert add_many(one, both, by=cast.ana, now=NOW) == {}
        add_many(two, both[:1], by=cast.ana, now=NOW)
    assert (names(one), names(two), groupless(cast.aurora)) == (["Ana", "Bia"], ["Ana"], ["Caio"])
    with scope(cast.aurora.pk):
        before = remove_many(one, both, by=cast.ana, now=NOW)
    assert (names(one), names(two), groupless(cast.aurora)) == ([], ["Ana"], ["Bia", "Caio"])
    with scope(cast.aurora.pk):
        pin_many(one, before, by=cast.ana, now=NOW)
    assert names(one) == ["Ana", "Bia"]
    assert kinds_of(clients["bia"]) == ["group.added", "group.removed", "group.added"]


def test_deleting_a_group_leaves_without_one_only_who_was_in_no_other(cast, clients, make):
    """Decision 10, S3-13 with S3-15; and it comes back as it was."""
    one, two = make("One", None), make("Two", None)
    with scope(cast.aurora.pk):
        add_many(one, [clients["ana"].pk, clients["bia"].pk], by=cast.ana, now=NOW)
        add_many(two, [clients["ana"].pk], by=cast.ana, now=NOW)
        delete_group(one, cast.aurora, by=cast.ana, now=NOW)
    assert groupless(cast.aurora) == ["Bia", "Caio"]
    with scope(cast.aurora.pk):
        restore_group(one, cast.aurora, by=cast.ana, now=NOW)
    assert names(one) == ["Ana", "Bia"]
    assert groupless(cast.aurora) == ["Caio"]


def test_the_archived_rest_and_come_back(cast, clients, make):
    one = make("One", None)
    with scope(cast.aurora.pk):
        add_many(one, [clients["bia"].pk, clients["caio"].pk], by=cast.ana, now=NOW)
        archive(clients["bia"], by=cast.ana, now=NOW)
    assert names(one) == ["Caio"]
    with scope(cast.aurora.pk):
        unarchive(clients["bia"], by=cast.ana, now=NOW)
    assert names(one) == ["Bia", "Caio"]
    assert kinds_of(clients["bia"]) == ["group.added"]


def test_whoever_is_deleted_is_no_longer_counted(cast, clients, make):
    one = make("One", None)
    with scope(cast.aurora.pk):
        add_many(one, [clients["caio"].pk], by=cast.ana, now=NOW)
        delete(clients["caio"], by=cast.ana, now=NOW)
    assert names(one) == []


def money(amount, days=None):
    return {"amount": amount, "days": days}


# (field, operator, value, whom it means); a test below holds that none is missing.
ASKED = [
    ("state", "is", ["lead"], ["Caio"]),
    ("state", "is", ["active", "inactive"], ["Ana", "Bia"]),
    ("state", "for", 20, ["Bia"]),
    ("last_payment", "within", 1, ["Ana"]),
    ("last_payment", "within", 0, []),
    ("last_payment", "longer_ago", 89, ["Bia"]),
    ("last_payment", "longer_ago", 90, []),
    ("last_payment", "never", None, ["Caio"]),
    ("delinquent", "yes", None, ["Caio"]),
    ("delinquent", "no", None, ["Ana", "Bia"]),
    ("delinquent", "for", 9, ["Caio"]),
    ("delinquent", "for", 12, []),
    ("city", "is", "RECIFE", ["Ana"]),
    ("city", "is_not", "recife", ["Bia", "Caio"]),
    ("city", "empty", None, ["Caio"]),
    ("region", "is", "pernambuco", ["Ana"]),
    ("region", "is_not", "PE", ["Bia", "Caio"]),
    ("region", "empty", None, ["Caio"]),
    ("source", "is", "Feira", ["Bia"]),
    ("source", "is_not", "Feira", ["Ana", "Caio"]),
    ("source", "empty", None, ["Ana", "Caio"]),
    ("registered", "within", 0, ["Caio"]),
    ("registered", "longer_ago", 1, ["Bia"]),
    ("registered", "from", "2026-11-20", ["Ana", "Caio"]),
    ("registered", "until", "2026-11-20", ["Ana", "Bia"]),
    ("came_back", "yes", None, ["Bia"]),
    ("owner", "is", ["beto"], ["Ana"]),
    ("owner", "is_not", ["beto"], ["Bia", "Caio"]),
    ("owner", "empty", None, ["Bia", "Caio"]),
    ("kind", "is", ["company"], ["Caio"]),
    ("kind", "is_not", ["company"], ["Ana", "Bia"]),
    ("group", "in", ["hand"], ["Bia"]),
    ("group", "not_in", ["hand"], ["Ana", "Caio"]),
    ("paid", "at_least", money(100), ["Ana", "Bia"]),
    ("paid", "at_least", money(100, days=60), ["Ana"]),
    ("paid", "at_least", money(101), ["Bia"]),
    ("paid", "at_least", money(201), []),
    ("paid", "less_than", money(100), ["Caio"]),
    ("paid", "less_than", money(100, days=60), ["Bia", "Caio"]),
    ("owed", "at_least", 900, ["Caio"]),
    ("owed", "at_least", 901, []),
    ("method", "is", ["boleto"], ["Bia"]),
    ("method", "is", ["pix", "card"], ["Ana"]),
]


@pytest.fixture
def told_apart(cast, clients, make):
    """What else a rule may ask about: somebody in charge, a source, a debt, a return, a group; Bia's 200 came as 100 by
    Pix and then 100 by boleto."""
    with scope(cast.aurora.pk):
        edit(clients["ana"], by=cast.ana, now=NOW, state="PE", owner_id=cast.beto.pk)
        edit(clients["bia"], by=cast.ana, now=NOW, state="BA", source="Feira")
        edit(clients["caio"], by=cast.ana, now=NOW, kind="company")
        long_ago = TODAY - timedelta(days=90)
        record_payment(clients["bia"], amount=100, paid_on=long_ago, method="boleto", by=cast.ana, now=NOW)
        archive(clients["bia"], on=TODAY - timedelta(days=5), by=cast.ana, now=NOW)
        unarchive(clients["bia"], by=cast.ana, now=NOW)
        invoice_once(
            clients["caio"],
            amount=900,
            issue_on=TODAY - timedelta(days=40),
            due_on=TODAY - timedelta(days=11),
            by=cast.ana,
            now=NOW,
        )
    hand = make("Hand", None)
    with scope(cast.aurora.pk):
        add_many(hand, [clients["bia"].pk], by=cast.ana, now=NOW)
    return {"hand": str(hand.pk), "beto": str(cast.beto.pk)}


def test_what_a_rule_may_ask(cast, told_apart, make):
    """S3-02, N3: each field and operator, on three customers one knows: everybody at once, and then one by one."""
    asked, meant = {}, {}
    for field, operator, value, who in ASKED:
        if isinstance(value, list):
            value = [told_apart.get(name, name) for name in value]
        name = f"{field} {operator} {value}"
        asked[name], meant[name] = make(name, {"field": field, "is": operator, "value": value}), who
    assert len(asked) == len(ASKED)
    assert {name: names(group) for name, group in asked.items()} == meant
    with scope(cast.aurora.pk):
        Member.objects.all().delete()
        Group.objects.update(members=0)
        for customer in Customer.objects.all():
            refresh.refresh([customer.pk], now=NOW)
    assert {name: names(group) for name, group in asked.items()} == meant


def test_nothing_a_rule_may_ask_is_left_untried(cast):
    """S3-02: a field or an operator that comes along stands in the table above."""
    with scope(cast.aurora.pk):
        there = {(name, operator) for name, field in known(cast.aurora).items() for operator in field.operators}
    assert {(field, operator) for field, operator, _value, _who in ASKED} == there


def test_all_or_any(clients, make):
    """N3: conditions side by side, and nested ones."""
    recife, olinda = ({"field": "city", "is": "is", "value": city} for city in ("Recife", "Olinda"))
    lead = {"field": "state", "is": "is", "value": ["lead"]}
    assert names(make("Any", {"any": [recife, olinda]})) == ["Ana", "Bia"]
    assert names(make("All", {"all": [recife, olinda]})) == []
    assert names(make("Nested", {"any": [lead, {"all": [recife, {"any": [recife, olinda]}]}]})) == ["Ana", "Caio"]


def test_a_field_changes_and_the_group_follows(cast, clients, make):
    group = make("Recife", {"field": "city", "is": "is", "value": "Recife"})
    with scope(cast.aurora.pk):
        edit(clients["caio"], by=cast.ana, now=NOW, city="RECIFE")
    assert names(group) == ["Ana", "Caio"]
