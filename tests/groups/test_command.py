"""Issue 4, commands: `carteira group list`, `members`, `create`, with clear errors and one line of JSON at the end."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from carteira.core.walls import scope
from carteira.customers.archive import archive
from carteira.groups import rules
from carteira.groups.fields import fields
from carteira.groups.models import Group
from conftest import NOW, TODAY

BIG = {"field": "paid", "is": "at_least", "value": {"amount": 100_00, "days": 365}}


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("carteira.core.dates.now", lambda: NOW)


@pytest.fixture
def people(cast, make_customer):
    for account in (cast.aurora, cast.boreal):
        make_customer(account, "Ana Grande", code="A", paid=[(TODAY - timedelta(3), 200_00)])
        make_customer(account, "Bia Pequena", code="B", paid=[(TODAY - timedelta(3), 5_00)])
    return cast


def group(capsys, *arguments, account="aurora"):
    call_command("group", "--account", account, *arguments, "--json")
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_group_by_rule_is_made_listed_and_read(people, make_customer, capsys):
    """N3 by command: the rule fills it at once; next door has its own."""
    made = group(capsys, "create", "Grandes", "--rule", json.dumps(BIG))
    assert (made["name"], made["by_rule"], made["members"], made["rule"]) == ("Grandes", True, 1, {"all": [BIG]})
    group(capsys, "create", "Matrícula 2026")
    listed = group(capsys, "list")["groups"]
    assert [(one["name"], one["by_rule"], one["members"], one["delinquent"]) for one in listed] == [
        ("Grandes", True, 1, 0),
        ("Matrícula 2026", False, 0, 0),
        (None, False, 1, 0),
    ]
    gone = make_customer(people.aurora, "Cid Grande", paid=[(TODAY - timedelta(3), 900_00)])
    with scope(people.aurora.pk):
        archive(gone, by=None, now=NOW)
    found = group(capsys, "members", "GRANDES")
    assert found == {
        "group": "Grandes",
        "count": 1,
        "members": [{"number": 1, "code": "A", "name": "Ana Grande", "cause": "rule"}],
    }
    assert group(capsys, "list", account="boreal") == {"groups": []}


def test_for_people_it_writes_lines(people, capsys):
    call_command("group", "--account", "aurora", "create", "Grandes", "--rule", json.dumps(BIG))
    call_command("group", "--account", "aurora", "list")
    call_command("group", "--account", "aurora", "members", "Grandes")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "“Grandes” made with 1 customer."
    assert lines[1].split() == ["Grandes", "1", "0"]
    assert lines[-1].split() == ["#1", "Ana", "Grande"]


def test_the_rules_the_readme_tells_are_rules(cast):
    """The format is documented with examples that work."""
    text = (Path(__file__).parents[2] / "carteira/groups/README.md").read_text()
    block = re.search(r"(?:^    .*\n)+", text, re.MULTILINE).group()
    decoder, found = json.JSONDecoder(), []
    while block.strip():
        rule, end = decoder.raw_decode(block.lstrip())
        found.append(rule)
        block = block.lstrip()[end:]
    assert len(found) == 3
    with scope(cast.aurora.pk):
        assert all(rules.clean(rule, cast.aurora) for rule in found)
    told = set(re.findall(r"^\| `(\w+)`|, `(\w+)`(?=[^|]*\|[^|]*→)", text, re.MULTILINE))
    assert set(fields.names()) <= {name for pair in told for name in pair if name}


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("members", "Nobody"), 1, "There is no group “Nobody”."),
        (("create", "X", "--rule", "{not json"), 1, "The rule is not JSON."),
        (("create", "X", "--rule", "[]"), 1, "A rule is made of conditions."),
        (("create", "X", "--rule", '{"field": "shoe"}'), 1, "There is no field “shoe” to ask about."),
        (("create", "taken"), 1, "There is a group “Taken” already."),
        (("create", " "), 1, "Give the group a name."),
        (("members",), 2, "Say the name of the group."),
        (("list", "Grandes"), 2, "list takes no name."),
        (("members", "Taken", "--rule", "{}"), 2, "--rule is for create only."),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(people, capsys, arguments, status, sentence):
    group(capsys, "create", "Taken")
    with pytest.raises(CommandError) as refused:
        group(capsys, *arguments)
    assert (refused.value.returncode, str(refused.value)) == (status, sentence)
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"error": sentence}
    with scope(people.aurora.pk):
        assert list(Group.objects.values_list("name", flat=True)) == ["Taken"]
