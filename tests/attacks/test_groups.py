"""Somebody with few rights, or with a hostile rule, reaches through groups for what is hidden or for everybody's time."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from carteira.accounts.models import Membership
from carteira.accounts.roles import Right
from carteira.billing.issue import invoice_once
from carteira.core.walls import scope
from carteira.customers.fields.define import add_field
from carteira.customers.models import Customer
from carteira.groups import verify
from carteira.groups.change import change_rule
from carteira.groups.fields import Kind, Operator, RuleField, fields
from carteira.groups.make import make_group
from carteira.groups.models import Group
from carteira.groups.references import MOST_BY_RULE
from carteira.groups.refresh import days_passed
from carteira.groups.remove import delete_group, restore_group
from carteira.groups.rules import BadRule
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


def test_a_list_by_many_filters_is_chosen_as_it_is(cast: Cast, make_customer: Any) -> None:
    """S3-17: an address cut off in the middle asks for less, and so means more; one beyond all measure is refused."""
    for nth in range(3):
        make_customer(cast.aurora, f"Maria {nth}", city="Natal")
    with scope(cast.aurora.pk):
        fields = [add_field(label=f"Campo {nth}", kind="text", by=None, now=NOW) for nth in range(50)]
    asked = "&".join([*(f"{field.name}=_empty" for field in fields[1:]), f"{fields[0].name}=Azul"])
    client = cast.client(cast.ana)
    assert "Maria" not in client.get(f"/aurora/customers/?{asked}").text
    sent = {"verb": "edit", "sure": "1", "field": "city", "city": "Olinda"}
    assert client.post(BULK, {**sent, "everyone": asked}).status_code == 422
    answer = client.post(BULK, {**sent, "everyone": "city=Natal&" + asked * 10}, follow=True)
    assert "more than can be remembered" in answer.text
    with scope(cast.aurora.pk):
        assert set(Customer.objects.values_list("city", flat=True)) == {"Natal"}


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


# -- rules nobody of good will writes


HOSTILE = [
    "[" * 100_000,
    '{"all": [' * 3_000 + "]}" * 3_000,
    '{"field": "city", "is": "is", "value": "\\ud800"}',
    '{"field": "\\ud800", "is": "is", "value": "x"}',
    '{"field": "city", "is": "is", "value": "a\\u0000b"}',
    '{"field": "city", "is": "is", "value": "a\\u0007b"}',
    json.dumps({"field": "city", "is": "is", "value": "x" * 100_000}),
    '{"field": "last_payment", "is": "within", "value": NaN}',
    '{"field": "last_payment", "is": "within", "value": 1e400}',
    '{"field": "last_payment", "is": "within", "value": true}',
    '{"field": "last_payment", "is": "within", "value": -1}',
    '{"field": "last_payment", "is": "within", "value": 36501}',
    '{"field": "last_payment", "is": "within", "value": ' + "9" * 5_000 + "}",
    '{"field": "last_payment", "is": "within", "value": "' + "9" * 5_000 + '"}',
    '{"field": "registered", "is": "from", "value": "0000-01-01"}',
    '{"field": "registered", "is": "from", "value": "10000-01-01"}',
    '{"field": "registered", "is": "from", "value": "infinity"}',
    '{"field": "registered", "is": "from", "value": 20260101}',
    '{"field": "paid", "is": "at_least", "value": {"amount": -1, "days": null}}',
    '{"field": "paid", "is": "at_least", "value": {"amount": 1, "days": {}}}',
    '{"field": "paid", "is": "at_least", "value": {"days": 0}}',
    '{"field": "paid", "is": "at_least", "value": ' + str(10**19) + "}",
    '{"field": "owed", "is": "at_least", "value": ' + str(10**19) + "}",
    '{"field": ["state"], "is": {}, "value": 1}',
    '{"field": "state", "is": "is", "value": [["lead"]]}',
    '{"field": "state", "is": "is", "value": ["lead", "archived"]}',
    '{"field": "state", "is": "__class__", "value": ["lead"]}',
    '{"field": "__class__", "is": "is", "value": ["lead"]}',
    '{"field": "group", "is": "in", "value": ["none"]}',
    '{"field": "group", "is": "in", "value": []}',
    '{"all": [], "any": []}',
    '{"all": {"field": "city"}}',
    "null",
    "1",
]


@pytest.mark.parametrize("rule", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_rule_is_refused_in_a_sentence(
    cast: Cast, make_customer: Any, rule: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A21, A22: too deep, too long, endless, broken text, numbers and days beyond any column."""
    with pytest.raises(CommandError) as refused:
        call_command("group", "--account", "aurora", "create", "X", "--rule", rule, "--json")
    told = capsys.readouterr().out
    assert json.loads(told)["error"] == str(refused.value)
    assert len(told) < 300
    with scope(cast.aurora.pk):
        assert not Group.objects.exists()


@pytest.mark.parametrize(
    ("rule", "kept", "members"),
    [
        ({"field": "registered", "is": "from", "value": "0001-01-01"}, "0001-01-01", 1),
        ({"field": "registered", "is": "until", "value": "9999-12-31"}, "9999-12-31", 1),
        ({"field": "registered", "is": "within", "value": 36_500}, 36_500, 1),
        ({"field": "state", "is": "for", "value": 36_500}, 36_500, 0),
        ({"field": "paid", "is": "at_least", "value": {"amount": 10**15, "days": 0}}, None, 0),
        # Nothing in a text is a pattern, a placeholder or markup; what turns writing around goes.
        ({"field": "city", "is": "is", "value": "%"}, "%", 0),
        ({"field": "city", "is": "is", "value": "_____"}, "_____", 0),
        ({"field": "city", "is": "is", "value": "%(account)s %s {0} \\"}, "%(account)s %s {0} \\", 0),
        ({"field": "source", "is": "is", "value": "') OR TRUE --"}, "') OR TRUE --", 0),
        ({"field": "city", "is": "is", "value": "\u202eNatal\u2066"}, "Natal", 1),
        ({"field": "city", "is": "is", "value": "ＮＡＴＡＬ"}, "ＮＡＴＡＬ", 1),
        ({"field": "city", "is": "is_not", "value": "<script>alert(1)</script>"}, "<script>alert(1)</script>", 1),
    ],
)
def test_the_ends_of_what_a_rule_may_say(cast: Cast, make_customer: Any, rule: Any, kept: Any, members: int) -> None:
    """They mean what they say, on the day and as days pass, and the page says them again."""
    make_customer(cast.aurora, "Maria", city="Natal", registered_on=TODAY)
    group = made(cast, rule)
    assert group.members == members
    assert kept is None or group.rule["all"][0]["value"] == kept
    client = cast.client(cast.ana)
    for path in ("", "rule/"):
        page = client.get(f"/aurora/groups/{group.pk}/{path}")
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    make_customer(cast.aurora, "Rosa", paid=[(TODAY, 100)])
    with scope(cast.aurora.pk):
        days_passed(cast.aurora, NOW + timedelta(days=2))
        assert list(verify.members()) == []


@pytest.mark.parametrize("number", ["1E-999999999", "0E999999999", "NaN", "Infinity", "-0", "0.00001", "1e12", "٣"])
def test_a_number_with_any_exponent(cast: Cast, make_customer: Any, number: str) -> None:
    """A21: neither minutes of arithmetic nor megabytes of digits."""
    with scope(cast.aurora.pk):
        field = add_field(label="Nota", kind="number", by=None, now=NOW)
    rule = {"field": field.name, "is": "number_least", "value": number}
    if number in ("-0", "0E999999999", "٣"):
        assert made(cast, rule).rule["all"][0]["value"] == ("3" if number == "٣" else "0")
    else:
        with pytest.raises(BadRule, match="say what to compare with"):
            made(cast, rule)


def test_a_form_nested_beyond_all_measure(cast: Cast, make_customer: Any) -> None:
    """What the builder would never send is cut off where it is too deep; a page is made, not an error."""
    group, client = made(cast), cast.client(cast.ana)
    paths = [".".join("0" * nth) for nth in range(1, 200)]
    sent = {"group": group.pk, "way:": "all", "node": paths, **{f"way:{path}": "any" for path in paths}}
    for path, status in (("preview/", 200), (f"{group.pk}/rule/", 422)):
        assert client.post(f"/aurora/groups/{path}", sent).status_code == status
    wide = [str(nth) for nth in range(900)]
    sent = {"group": group.pk, "way:": "all", "node": wide, **{f"field:{path}": "city" for path in wide}}
    answer = client.post(f"/aurora/groups/{group.pk}/rule/", sent)
    assert answer.status_code in (400, 422)


# -- rules that would take everybody's time


def asking(*groups: Group, times: int = 1) -> Any:
    return {"any": [{"field": "group", "is": "in", "value": [str(group.pk)]} for group in groups] * times}


def test_groups_that_ask_about_each_other_do_not_multiply(cast: Cast, make_customer: Any) -> None:
    """Four conditions on six steps are 4,096 questions: a minute, and every payment of the business with it."""
    make_customer(cast.aurora, "Maria")
    last = made(cast, LEADS, "G0")
    with pytest.raises(BadRule, match="at most 200 conditions; each group counts every time"):
        for nth in range(1, 7):
            last = made(cast, asking(last, times=4), f"G{nth}")
    with scope(cast.aurora.pk):
        assert Group.objects.count() == 4
        # Neither from below: the one that all the others ask about.
        first = Group.objects.get(name="G0")
        with pytest.raises(BadRule, match="at most 200 conditions"):
            change_rule(first, cast.aurora, rule={"any": [LEADS] * 3}, by=None, now=NOW)
        assert Group.objects.get(name="G0").rule == {"all": [LEADS]}
    preview = {"group": last.pk, "way:": "any", "node": [str(nth) for nth in range(50)]}
    for nth in range(50):
        preview |= {f"field:{nth}": "group", f"is:{nth}": "in", f"value:{nth}": str(first.pk)}
    answer = cast.client(cast.ana).post("/aurora/groups/preview/", preview)
    assert answer.status_code == 200


def test_a_chain_of_groups_ends(cast: Cast, make_customer: Any) -> None:
    make_customer(cast.aurora, "Maria")
    last = made(cast, LEADS, "G0")
    with pytest.raises(BadRule, match="over more than 10 steps"):
        for nth in range(1, 20):
            last = made(cast, asking(last), f"G{nth}")
    assert last.name == "G9"
    assert last.members == 1


def test_more_groups_by_rule_than_one_statement_asks_about(cast: Cast, make_customer: Any) -> None:
    """PostgreSQL answers 1,664 columns at most: the next group would have stopped every payment."""
    make_customer(cast.aurora, "Maria")
    with scope(cast.aurora.pk):
        rule = {"all": [LEADS]}
        some = [Group(name=f"G{nth}", name_sort=f"g{nth}", rule=rule, created_at=NOW) for nth in range(MOST_BY_RULE)]
        Group.objects.bulk_create(some)
        Group.objects.filter(pk=some[0].pk).update(deleted_at=NOW)
        made_last = make_group(cast.aurora, name="Last", rule=LEADS, by=None, now=NOW)
        for act in (
            lambda: make_group(cast.aurora, name="More", rule=LEADS, by=None, now=NOW),
            lambda: restore_group(some[0], cast.aurora, by=None, now=NOW),
        ):
            with pytest.raises(BadRule, match=f"There are {MOST_BY_RULE} groups with a rule already"):
                act()
        change_rule(made_last, cast.aurora, rule={"any": [LEADS] * 2}, by=None, now=NOW)
    make_customer(cast.aurora, "Rosa", paid=[(TODAY, 100)])


def test_all_rules_together_have_a_limit(cast: Cast) -> None:
    with pytest.raises(BadRule, match="All rules together have at most 1000 conditions"):
        for nth in range(40):
            made(cast, {"any": [LEADS] * 50}, f"G{nth}")
    assert nth == 20


def test_more_groups_than_a_panel_lists(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carteira.groups.names.MOST", 2)
    client = cast.client(cast.ana)
    groups = [made(cast, name=f"G{nth}") for nth in range(2)]
    for path in ("new/", f"{groups[0].pk}/snapshot/"):
        answer = client.post(f"/aurora/groups/{path}", {"name": "Mais"})
        assert answer.status_code == 422
        assert "There are 2 groups already" in answer.text
    client.post(f"/aurora/groups/{groups[0].pk}/delete/")
    assert made(cast, name="Mais").name == "Mais"
    assert "There are 2 groups already" in client.post(f"/aurora/groups/{groups[0].pk}/restore/", follow=True).text


@pytest.fixture
def slow() -> Any:
    """A question that keeps the database busy for half a minute."""

    def condition(value: Any, asked: Any) -> Any:
        return Q(RawSQL("pg_sleep(30) IS NOT NULL", (), output_field=BooleanField()))

    fields.add("slow", RuleField("Slow", {"yes": Operator("yes", Kind.NOTHING, condition)}))
    yield {"field": "slow", "is": "yes", "value": None}
    fields.remove("slow")


def test_a_rule_that_takes_too_long_is_refused_and_holds_nobody_up(
    cast: Cast, make_customer: Any, slow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the database's own clock; what stood there before stands, and the next statement has no limit."""
    make_customer(cast.aurora, "Maria")
    monkeypatch.setattr("carteira.groups.preview.PATIENCE", 0.2)
    monkeypatch.setattr("carteira.groups.fill.PATIENCE", 0.2)
    group, client = made(cast, LEADS), cast.client(cast.ana)
    sent = {"group": group.pk, "way:": "all", "node": "0", "field:0": "slow", "is:0": "yes"}
    assert "It takes too long to count" in client.post("/aurora/groups/preview/", sent).text
    answer = client.post(f"/aurora/groups/{group.pk}/rule/", sent)
    assert answer.status_code == 422
    assert "It takes too long to find" in answer.text
    with pytest.raises(CommandError, match="It takes too long to find"):
        call_command("group", "--account", "aurora", "create", "X", "--rule", json.dumps(slow))
    with scope(cast.aurora.pk):
        assert Group.objects.get().rule == {"all": [LEADS]}
        assert list(verify.members()) == []
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("0",)
