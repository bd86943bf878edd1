"""The commands other tooling calls: activity, archive, unarchive."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from carteira.core.walls import scope
from carteira.customers.models import ArchivePeriod, Customer
from conftest import NOW, TODAY


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("carteira.core.dates.now", lambda: NOW)


def activity(capsys, *arguments):
    call_command("activity", "--account", "aurora", *arguments, "--json")
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_activity_tells_every_count(cast, make_customer, capsys):
    make_customer(cast.aurora, "Paid", paid=[(TODAY - timedelta(61), 100)])
    make_customer(cast.boreal, "Next door")
    empty = {"active": 0, "archived": 0, "churn": 0, "lost": 0, "delinquent": 0}
    assert activity(capsys) == {
        "as_of": "2026-11-21", "rule": "payment", "days": 60, "all": 1, "lead": 0, "inactive": 1, **empty
    }  # fmt: skip
    assert activity(capsys, "--days", "61")["active"] == 1
    assert activity(capsys, "--as-of", "2026-11-20")["active"] == 1
    assert activity(capsys, "--rule", "subscription")["inactive"] == 1
    assert activity(capsys, "--as-of", "2020-01-01")["all"] == 0


@pytest.mark.parametrize(
    "arguments",
    [("--as-of", "2026-11-22"), ("--as-of", "31/12/2025"), ("--as-of", "2025-02-30"), ("--days", "0"), ("--days", "x")],
)
def test_activity_refuses_what_makes_no_sense(cast, arguments):
    with pytest.raises(CommandError):
        call_command("activity", "--account", "aurora", *arguments)


def test_archive_and_back(cast, make_customer):
    """S0-14, S2-12: by code, else #number; in that account only."""
    ours = make_customer(cast.aurora, code="7", registered_on=TODAY - timedelta(30))
    theirs = make_customer(cast.boreal, code="7")
    on = (TODAY - timedelta(3)).isoformat()
    call_command("archive", "--account", "aurora", "--code", "7", "--on", on, "--reason", "churn", "--note", "Moved")
    with scope(cast.aurora.pk):
        period = ArchivePeriod.objects.get(customer=ours)
        assert (period.from_on.isoformat(), period.reason, period.note) == (on, "churn", "Moved")
    call_command("unarchive", "--account", "aurora", "--code", f"#{ours.number}")
    with scope(cast.aurora.pk):
        assert Customer.objects.get().archived_on is None
    with scope(cast.boreal.pk):
        assert Customer.objects.get(pk=theirs.pk).archived_on is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("--code", "nobody"),
        ("--code", "#99"),
        ("--code", ""),
        ("--code", "7", "--on", "2026-11-22"),
        ("--code", "7", "--on", "2026-11-01"),
        ("--code", "7", "--reason", "bored"),
    ],
)
def test_archive_refuses_with_a_sentence(cast, make_customer, arguments):
    make_customer(cast.aurora, code="7", registered_on=TODAY - timedelta(9), paid=[(TODAY - timedelta(2), 100)])
    with pytest.raises(CommandError):
        call_command("archive", "--account", "aurora", *arguments)
    with scope(cast.aurora.pk):
        assert not ArchivePeriod.objects.exists()
