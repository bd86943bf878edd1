"""The list of customers by group, today and as of a day (S3-02, S3-07)."""

import re
from datetime import timedelta

import pytest
import time_machine

from carteira.billing.issue import invoice_once
from carteira.core.walls import scope
from carteira.customers.lifecycle import view_of
from carteira.customers.models import Customer
from carteira.groups import cached, queries
from carteira.groups.belong import add_many, remove_many
from carteira.groups.make import make_group
from carteira.groups.models import Group
from conftest import NOW, TODAY

LATELY = {"all": [{"field": "last_payment", "is": "within", "value": 10}]}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def groups(cast, make_customer):
    with scope(cast.boreal.pk):
        foreign = make_group(cast.boreal, name="Foreign", by=cast.dora, now=NOW)
    ana = make_customer(cast.aurora, "Ana", paid=[(TODAY - timedelta(days=2), 100)])
    make_customer(cast.aurora, "Bia", paid=[(TODAY - timedelta(days=20), 100)])
    make_customer(cast.aurora, "Caio")
    with scope(cast.aurora.pk):
        lately = make_group(cast.aurora, name="Lately", rule=LATELY, by=cast.ana, now=NOW)
        hand = make_group(cast.aurora, name="Hand", by=cast.ana, now=NOW)
        add_many(hand, [ana.pk], by=cast.ana, now=NOW)
    return {"lately": lately.pk, "hand": hand.pk, "foreign": foreign.pk, "none": "none"}


def shown(cast, **asked):
    text = cast.client(cast.caio).get("/aurora/customers/", asked).content.decode()
    return sorted(re.findall(r'class="row-link"[^>]*>\s*([^<]+?)\s*<', text)), text


@pytest.mark.parametrize("few", [0, 2000])
@pytest.mark.parametrize(("group", "names"), [("lately", ["Ana"]), ("hand", ["Ana"]), ("none", ["Bia", "Caio"])])
def test_today(cast, groups, monkeypatch, few, group, names):
    monkeypatch.setattr(cached, "FEW", few)
    assert shown(cast, group=groups[group])[0] == names


def test_as_of_a_day_by_the_rule_of_that_day(cast, groups):
    then = (TODAY - timedelta(days=12)).isoformat()
    assert shown(cast, group=groups["lately"], as_of=then)[0] == ["Bia"]


def test_between_midnight_and_the_clock_the_rule_answers(cast, groups):
    """N3: the list, and what the panel counts, those without a group included."""
    with time_machine.travel(NOW + timedelta(days=30), tick=False):
        assert shown(cast, group=groups["lately"])[0] == []
        assert shown(cast, group="none")[0] == ["Bia", "Caio"]
        with scope(cast.aurora.pk):
            add_many(Group.objects.get(pk=groups["lately"]), named("Bia"), by=cast.ana, now=NOW)
            remove_many(Group.objects.get(pk=groups["hand"]), named("Ana"), by=cast.ana, now=NOW)
            counted = queries.panel(view_of(cast.aurora, now=NOW + timedelta(days=30)))
        assert shown(cast, group="none")[0] == ["Ana", "Caio"]
        assert [(row.group and row.group.name, row.members) for row in counted] == [
            ("Hand", 0),
            ("Lately", 1),
            (None, 2),
        ]


def named(name):
    return list(Customer.objects.filter(name=name).values_list("pk", flat=True))


def test_without_any_group_everybody_is_without_one(cast, make_customer):
    """S3-13: in the list of customers as in that of their invoices."""
    ana = make_customer(cast.aurora, "Ana")
    with scope(cast.aurora.pk):
        invoice_once(ana, amount=1000, due_on=TODAY, issue_on=TODAY, by=None, now=NOW)
    assert shown(cast, group="none")[0] == ["Ana"]
    text = cast.client(cast.beto).get("/aurora/billing/invoices/", {"group": "none"}).content.decode()
    assert re.findall(r'class="row-link".*?</span>(\w+)', text) == ["Ana"]


@pytest.mark.parametrize("group", ["foreign", "gibberish"])
def test_what_is_not_there_is_said_and_left_out(cast, groups, group):
    names, text = shown(cast, group=groups.get(group, group))
    assert names == ["Ana", "Bia", "Caio"]
    assert "was left out" in text
    assert "Foreign" not in text


def test_it_has_a_chip_and_goes_along(cast, groups):
    _names, text = shown(cast, group=groups["hand"])
    assert "Group: Hand" in text
    assert f'<input type="hidden" name="group" value="{groups["hand"]}">' in text
