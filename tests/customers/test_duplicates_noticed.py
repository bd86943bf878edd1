"""N8: possible duplicates are noticed as they come to be: at a registration, an edit, a further e-mail, an import."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.core.walls import scope
from carteira.customers.edit import edit
from carteira.customers.merge import find, notice, review
from carteira.customers.merge.merge import merge
from carteira.customers.merge.models import DuplicatePair, DuplicateSearch
from carteira.customers.merge.unmerge import unmerge
from carteira.customers.models import Customer
from carteira.customers.parts import PARTS, add, remove
from carteira.customers.register import register
from conftest import NOW, TODAY, Cast

Same = DuplicatePair.Same
LATER = NOW + timedelta(hours=1)


def pairs(account: Any) -> dict[tuple[str, str], int]:
    with scope(account.pk):
        return {(pair.first.name, pair.second.name): pair.same for pair in review.to_review()}


def come(account: Any, name: str, **fields: Any) -> Customer:
    with scope(account.pk):
        return register(account, name=name, registered_on=TODAY, by=None, now=NOW, **fields)


CPF = {"document": "52998224725", "document_kind": "cpf"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (CPF, CPF, Same.DOCUMENT),
        ({"email": "x@example.com"}, {"email": "x@example.com", **CPF}, Same.EMAIL),
        ({"phone": "+5583988887777"}, {"phone": "+558388887777"}, Same.PHONE),
        ({"phone": "+558388887777"}, {"phone": "+5583988887777"}, Same.PHONE),
        ({"birth_on": date(1990, 5, 1)}, {"birth_on": date(1990, 5, 1)}, Same.BIRTH),
        ({"birth_on": date(1990, 5, 1)}, {"birth_on": date(1990, 5, 2)}, 0),
        ({"email": "x@example.com"}, {"email": "y@example.com"}, 0),
        ({}, {}, 0),
    ],
)
def test_at_the_registration(cast: Cast, one: Any, other: Any, same: int) -> None:
    come(cast.boreal, "Next Door", **one)
    come(cast.aurora, "Ana Lima", **one)
    come(cast.aurora, "Ána Lima", **other)
    assert pairs(cast.aurora) == ({("Ana Lima", "Ána Lima"): same} if same else {})
    assert pairs(cast.boreal) == {}


def test_when_something_changes(cast: Cast) -> None:
    """N8: an e-mail changed, a further phone, back again; what they no longer share is forgotten."""
    one = come(cast.aurora, "Ana Lima", email="x@example.com", phone="+5583988887777")
    other = come(cast.aurora, "Rosa Souza")
    with scope(cast.aurora.pk):
        edit(other, email="x@example.com", by=None, now=LATER)
    assert pairs(cast.aurora) == {("Ana Lima", "Rosa Souza"): Same.EMAIL}
    with scope(cast.aurora.pk):
        point = add(PARTS["points"], other, kind="phone", value="+558388887777", label="", by=None, now=LATER)
    assert pairs(cast.aurora) == {("Ana Lima", "Rosa Souza"): Same.EMAIL | Same.PHONE}
    with scope(cast.aurora.pk):
        edit(other, email="", by=None, now=LATER)
    assert pairs(cast.aurora) == {("Ana Lima", "Rosa Souza"): Same.PHONE}
    with scope(cast.aurora.pk):
        remove(point, by=None, now=LATER)
    assert pairs(cast.aurora) == {}
    # The guardian of a pupil: known to be somebody else.
    with scope(cast.aurora.pk):
        edit(other, phone="+5583988887777", by=None, now=LATER)
    assert pairs(cast.aurora) != {}
    with scope(cast.aurora.pk):
        add(PARTS["contacts"], one, other=other, by=None, now=LATER)
    assert pairs(cast.aurora) == {}


def test_not_the_same_stays_so(cast: Cast) -> None:
    """N8: nobody is asked twice, whatever else they come to share, and through a merge and its undo."""
    one = come(cast.aurora, "Ana Lima", email="x@example.com")
    other = come(cast.aurora, "Rosa Souza", email="x@example.com")
    with scope(cast.aurora.pk):
        review.dismiss([review.to_review().get().pk], by=None, now=LATER)
        edit(other, phone="+5583988887777", by=None, now=LATER)
        edit(one, phone="+5583988887777", by=None, now=LATER)
    assert pairs(cast.aurora) == {}
    third = come(cast.aurora, "Maria Prado")
    with scope(cast.aurora.pk):
        done = merge(third, other, by=None, now=LATER)
    assert pairs(cast.aurora) == {}
    with scope(cast.aurora.pk):
        unmerge(done, by=None, now=LATER)
    assert pairs(cast.aurora) == {}
    with scope(cast.aurora.pk):
        assert DuplicatePair.objects.exclude(dismissed_at=None).count() == 1


def test_the_same_as_the_search_finds(cast: Cast) -> None:
    """N8: what is noticed on the way is what the search over everybody finds, similar names apart."""
    for nth in range(5):
        come(cast.aurora, "Ana Lima", email=f"m{nth % 2}@example.com", phone=f"+55839888877{nth % 3:02}")
    with scope(cast.aurora.pk):
        noticed = set(DuplicatePair.objects.values_list("first", "second", "same", "rank"))
        find.look(cast.aurora, now=LATER)
        while find.step():
            pass
        assert set(DuplicatePair.objects.values_list("first", "second", "same", "rank")) == noticed
        assert len(noticed) == 6


def test_a_value_of_the_whole_school_says_nothing(cast: Cast) -> None:
    for nth in range(14):
        come(cast.aurora, f"Of the school {nth}", email="school@example.com")
    # Each beside each of up to eleven who came; the search puts the rest beside the first one only.
    with scope(cast.aurora.pk):
        assert DuplicatePair.objects.count() == 55


def test_an_import_of_some_and_of_many(cast: Cast, importer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """N8: those of a file, among themselves and beside others; of many a job looks at everybody."""
    come(cast.aurora, "Ana Lima", email="x@example.com")
    lines = "code,name,email\nA1,Rosa,x@example.com\nA2,Rui,y@example.com\nA3,Ruy,y@example.com\n"
    importer(cast.aurora, "customers", lines, key="code", now=LATER)
    assert pairs(cast.aurora) == {("Ana Lima", "Rosa"): Same.EMAIL, ("Rui", "Ruy"): Same.EMAIL}
    importer(cast.aurora, "customers", "code,phone\nA2,+5583988887777\n", key="code", now=LATER)
    importer(cast.aurora, "customers", "code,email\nA3,z@example.com\n", key="code", now=LATER)
    assert pairs(cast.aurora) == {("Ana Lima", "Rosa"): Same.EMAIL}
    monkeypatch.setattr(notice, "FEW", 2)
    importer(cast.aurora, "customers", "code,name\nB1,Eva\nB2,Eva\nB3,Eva\n", key="code", now=LATER)
    with scope(cast.aurora.pk):
        assert DuplicateSearch.objects.get().finished_at is None


def test_a_search_that_runs_begins_anew(cast: Cast) -> None:
    """N8: whoever comes with a large file is not missed by a search that is half-way."""
    come(cast.aurora, "Ana Lima")
    with scope(cast.aurora.pk):
        find.look(cast.aurora, now=NOW)
        find.step()
        find.look(cast.aurora, now=LATER, again=True)
        search = DuplicateSearch.objects.get()
        assert (search.step, search.started_at) == (0, LATER)


def test_what_it_costs(cast: Cast) -> None:
    """N8: one query more at a registration that is like nobody's, none where there is nothing to compare."""

    def asked(**fields: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            come(cast.aurora, "Ana Lima", **fields)
        said = ("EXISTS", "hit AS MATERIALIZED", "duplicatepair")
        return len([one for one in queries if any(word in one["sql"] for word in said)])

    assert asked() == 0
    assert asked(email="x@example.com") == 1
    assert asked(email="y@example.com", phone="+5583988887777", birth_on=date(1990, 5, 1), **CPF) == 1
