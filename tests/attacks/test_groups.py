"""Somebody with few rights, or with a hostile rule, reaches through groups for what is hidden or for everybody's time."""

import re
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from carteira.accounts.models import Membership
from carteira.accounts.roles import Right
from carteira.billing.issue import invoice_once
from carteira.core.walls import scope
from carteira.customers.models import Customer
from carteira.groups.make import make_group
from carteira.groups.models import Group
from carteira.groups.remove import delete_group
from conftest import NOW, TODAY, Cast

BULK = "/aurora/customers/bulk/"
PAID = {"field": "paid", "is": "at_least", "value": {"amount": 123_400, "days": None}}
LEADS = {"field": "state", "is": "is", "value": ["lead"]}


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def deny(user: Any, *rights: Right) -> None:
    Membership.objects.filter(user=user).update(denied=list(rights))


def made(cast: Cast, rule: Any = None, name: str = "Grandes") -> Group:
    with scope(cast.aurora.pk):
        return make_group(cast.aurora, name=name, rule=rule, by=None, now=NOW)


# -- rights


def test_a_rule_about_money_tells_no_amount_to_whom_it_is_denied(cast: Cast, make_customer: Any) -> None:
    """With the members beside it the amount would be known."""
    make_customer(cast.aurora, "Maria", paid=[(TODAY, 123_456)])
    group = made(cast, {"any": [PAID, LEADS]})
    page, client = f"/aurora/groups/{group.pk}/", cast.client(cast.sofia)
    assert "1.234,00" in client.get(page).text
    deny(cast.sofia, Right.SEE_MONEY)
    told = client.get(page).text
    assert "1.234,00" not in told
    assert "Amount paid" not in told
    assert "Something that your role does not show you." in told
    assert "State is one of Lead" in re.sub(r"\s+", " ", told)


def test_who_may_not_see_money_asks_no_rule_about_it(cast: Cast, make_customer: Any) -> None:
    """By no field of the form, through no preview, and takes no such rule away."""
    make_customer(cast.aurora, "Maria", paid=[(TODAY, 123_456)])
    group, own = made(cast, PAID), made(cast, LEADS, "Leads")
    deny(cast.sofia, Right.SEE_MONEY)
    client = cast.client(cast.sofia)
    asked = {"way:": "all", "node": "0", "field:0": "paid", "is:0": "at_least", "value:0": "1.000,00", "days:0": ""}
    for field in ("paid", "owed", "method"):
        text = client.post("/aurora/groups/preview/", {**asked, "field:0": field, "group": own.pk}).text
        assert "Maria" not in text
        assert f'value="{field}"' not in text
        assert client.post(f"/aurora/groups/{own.pk}/rule/", {**asked, "field:0": field}).status_code == 422
    for path in (f"/aurora/groups/{group.pk}/rule/", "/aurora/groups/preview/"):
        for sent in (asked, {"remove": "1"}):
            assert client.post(path, {**sent, "group": group.pk}).status_code == 403
    with scope(cast.aurora.pk):
        assert Group.objects.get(pk=own.pk).rule == {"all": [LEADS]}
        assert Group.objects.get(pk=group.pk).rule == {"all": [PAID]}


def test_a_selection_asks_no_filter_that_its_list_would_not(cast: Cast, make_customer: Any) -> None:
    """How many a hidden filter leaves, and who they are, is what it hides."""
    maria = make_customer(cast.aurora, "Maria")
    with scope(cast.aurora.pk):
        invoice_once(maria, amount=100, due_on=TODAY, method="boleto", by=None, now=NOW)
    made(cast)
    client = cast.client(cast.sofia)
    hidden = {"everyone": "needs_data=1", "back": "needs_data=1"}
    assert "Maria" in client.post(BULK, {"verb": "group.add", **hidden}).text
    deny(cast.sofia, Right.SEE_MONEY)
    for verb in ("group.add", "archive", "edit", "export_csv"):
        for sure in ({}, {"sure": "1"}):
            answer = client.post(BULK, {"verb": verb, **hidden, **sure})
            assert answer.status_code == 403
            assert "Maria" not in answer.text


# -- a selection that means others than it says


@pytest.mark.parametrize("what", ["deleted", "of nobody", "next door's", "a name"])
def test_a_filter_that_is_gone_is_not_everybody(cast: Cast, make_customer: Any, what: str) -> None:
    """S3-17: the list leaves such a filter out and says so; an act on all it shows would change everybody."""
    make_customer(cast.aurora, "Maria")
    group = made(cast)
    with scope(cast.aurora.pk):
        deleted = delete_group(made(cast, name="Antigo"), cast.aurora, by=None, now=NOW)
    with scope(cast.boreal.pk):
        foreign = make_group(cast.boreal, name="Vizinho", by=None, now=NOW)
    named = {"deleted": deleted.pk, "of nobody": uuid4(), "next door's": foreign.pk, "a name": "Vizinho"}[what]
    client = cast.client(cast.ana)
    for verb, more in (("group.add", {"group": group.pk}), ("edit", {"field": "city", "city": "Olinda"})):
        for sure in ({}, {"sure": "1"}):
            sent = {"verb": verb, "everyone": f"group={named}", **more, **sure}
            answer = client.post(BULK, sent, follow=True)
            assert "asks for something that is not there" in answer.text
    assert client.post(BULK, {"verb": "export_csv", "everyone": f"group={named}"})["Location"].startswith(
        "/aurora/customers/"
    )
    with scope(cast.aurora.pk):
        assert Customer.objects.get().city == ""
        assert Group.objects.get(pk=group.pk).members == 0


def test_next_door_s_customers_and_groups_are_nobody(cast: Cast, make_customer: Any) -> None:
    """T1, A1: in every place of a form where a customer or a group is named."""
    maria, dora = make_customer(cast.aurora, "Maria"), make_customer(cast.boreal, "Vizinha")
    group = made(cast)
    with scope(cast.boreal.pk):
        foreign = make_group(cast.boreal, name="Vizinho", rule=LEADS, by=None, now=NOW)
    client = cast.client(cast.ana)
    sent = {"verb": "group.add", "sure": "1", "ids": f"{dora.pk.hex} {maria.pk.hex}", "group": group.pk}
    client.post(BULK, sent)
    assert client.post(BULK, {**sent, "group": foreign.pk}).status_code == 422
    assert client.post(f"/aurora/groups/customers/{dora.pk}/", {"group": group.pk}).status_code == 404
    assert client.post(f"/aurora/groups/customers/{maria.pk}/", {"group": foreign.pk}).status_code == 404
    rule = {"way:": "all", "node": "0", "field:0": "group", "is:0": "in", "value:0": str(foreign.pk)}
    refused = client.post(f"/aurora/groups/{group.pk}/rule/", rule)
    assert refused.status_code == 422
    assert "Vizinh" not in refused.text
    preview = client.post("/aurora/groups/preview/", {**rule, "group": group.pk}).text
    assert "a group that is not there any more" in preview
    assert "Vizinh" not in preview
    with scope(cast.aurora.pk):
        assert list(group.pins.values_list("customer", flat=True)) == [maria.pk]
    with scope(cast.boreal.pk):
        assert Group.objects.get().members == 1
