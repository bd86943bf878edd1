"""N8, S1-02: a file, a command or a search that names a merged customer means the survivor, never a new customer."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from carteira.billing.models import Payment
from carteira.core.sheets import jobs
from carteira.core.sheets.models import SheetLeftover
from carteira.core.sheets.undo import start_undo
from carteira.core.walls import scope
from carteira.customers.edit import edit
from carteira.customers.find_one import by_code
from carteira.customers.merge.merge import merge
from carteira.customers.merge.unmerge import unmerge
from carteira.customers.models import Customer, CustomerMerge
from carteira.customers.search import best_hits, found_by
from carteira.customers.verify import search_more
from conftest import NOW, Cast

LATER = NOW + timedelta(days=1)


@pytest.fixture
def two(cast: Cast, make_customer: Any) -> tuple[Customer, Customer]:
    kept = make_customer(cast.aurora, "Maria Silva", code="A1", email="maria@example.com")
    merged = make_customer(cast.aurora, "Maria S.", code="A2")
    with scope(cast.aurora.pk):
        merge(kept, merged, by=None, now=NOW)
    return kept, merged


def customers(account: Any) -> list[tuple[Any, ...]]:
    with scope(account.pk):
        return list(Customer.objects.order_by("number").values_list("name", "code", "city", "phone"))


def test_a_line_with_the_old_code(cast: Cast, two: tuple[Customer, Customer], importer: Any) -> None:
    """N8: it changes the survivor, which keeps its own code, and says so; a second time nothing changes."""
    for counts in ((1, 1, 0, 0), (0, 0, 2, 0)):
        report = importer(cast.aurora, "customers", "code,name,city\nA2,Maria Silva,Natal\nB7,Rosa,\n", now=LATER)
        assert report.counts == counts
        assert report.record.noted == 1
        assert report.record.notes == [[2, "“A2” was merged: this line is about Maria Silva (1)."]]
    assert customers(cast.aurora) == [("Maria Silva", "A1", "Natal", ""), ("Rosa", "B7", "", "")]


def test_the_survivor_on_another_line(cast: Cast, two: tuple[Customer, Customer], importer: Any) -> None:
    """N8: the survivor's own line is right, wherever it stands; the other one is refused where it says something else."""
    report = importer(cast.aurora, "customers", "code,name,city\nA2,Maria S.,Recife\nA1,Maria Silva,Natal\n", now=LATER)
    assert report.counts == (0, 1, 0, 1)
    assert report.refused == {2: "“A2” was merged: this is the same customer as on line 3, with other data."}
    report = importer(cast.aurora, "customers", "code,city\nA2,Natal\nA1,Natal\nA2,Natal\n", now=LATER)
    assert report.counts == (0, 0, 3, 0)
    assert customers(cast.aurora) == [("Maria Silva", "A1", "Natal", "")]


def test_found_by_another_key(cast: Cast, two: tuple[Customer, Customer], importer: Any) -> None:
    """N8: by its document or e-mail the line would be somebody new; its code says who it is."""
    report = importer(
        cast.aurora,
        "customers",
        "document,code,name,phone\n529.982.247-25,A2,Maria Silva,(83) 98888-7777\n",
        key="document",
        now=LATER,
    )
    assert report.counts == (0, 1, 0, 0)
    assert customers(cast.aurora) == [("Maria Silva", "A1", "", "+5583988887777")]


def test_an_export_from_before_the_merge(cast: Cast, two: tuple[Customer, Customer], importer: Any) -> None:
    """N8: our own id of a merged customer leads to the survivor."""
    _kept, merged = two
    report = importer(cast.aurora, "customers", f"Carteira id,name,city\n{merged.pk},Maria Silva,Natal\n", now=LATER)
    assert report.counts == (0, 1, 0, 0)
    assert report.record.notes == [[2, "“#2” was merged: this line is about Maria Silva (1)."]]
    assert customers(cast.aurora) == [("Maria Silva", "A1", "Natal", "")]


def test_payments_and_payers(cast: Cast, two: tuple[Customer, Customer], importer: Any) -> None:
    """N8: a payment by the old code is the survivor's; who pays may be named by it too."""
    report = importer(
        cast.aurora, "payments", "code,paid on,amount\nA2,2026-10-01,10.00\nA9,2026-10-01,5.00\n", now=LATER
    )
    assert report.counts == (1, 0, 0, 1)
    assert report.record.notes == [[2, "“A2” was merged: this line is about Maria Silva (1)."]]
    with scope(cast.aurora.pk):
        assert Payment.objects.get().customer.code == "A1"
    report = importer(cast.aurora, "customers", "code,name,payer code\nC1,Pedro,A2\n", now=LATER)
    assert report.counts == (1, 0, 0, 0)
    with scope(cast.aurora.pk):
        assert Customer.objects.get(code="C1").contacts.get().other.code == "A1"


def test_whoever_has_the_code_now(
    cast: Cast, two: tuple[Customer, Customer], importer: Any, make_customer: Any
) -> None:
    """N8: a living customer with the code comes first; after the undo it is the merged one's again."""
    with scope(cast.aurora.pk):
        unmerge(CustomerMerge.objects.get(), by=None, now=LATER)
    assert importer(cast.aurora, "customers", "code,city\nA2,Natal\n", now=LATER).record.noted == 0
    with scope(cast.aurora.pk):
        assert by_code("A2").name == "Maria S."
        assert by_code("A2").city == "Natal"
        merge(two[0], two[1], by=None, now=LATER)
    make_customer(cast.aurora, "Somebody Else", code="A2")
    assert importer(cast.aurora, "customers", "code,city\nA2,Recife\n", now=LATER).record.noted == 0
    with scope(cast.aurora.pk):
        assert by_code("A2").name == "Somebody Else"
    make_customer(cast.boreal, "Next Door", code="X")
    assert importer(cast.boreal, "customers", "code,name\nA2,Rosa\n", now=LATER).counts == (1, 0, 0, 0)


def test_lookups_and_search(cast: Cast, two: tuple[Customer, Customer], capsys: pytest.CaptureFixture[str]) -> None:
    """N8: commands and the search by the old code and number find the survivor, through a chain too."""
    kept, merged = two
    with scope(cast.aurora.pk):
        for name in ("A2", f"#{merged.number}"):
            assert by_code(name).pk == kept.pk
        for text in ("A2", "a2", f"#{merged.number}", str(merged.number)):
            assert [hit.id for hit in best_hits(text, 5)] == [kept.pk], text
            found = Customer.objects.filter(found_by(text).first_by_name(5, archived=None))
            assert [one.pk for one in found] == [kept.pk], text
        assert list(search_more()) == []
    call_command("archive", "--account", "aurora", "--code", "A2")
    with scope(cast.aurora.pk):
        assert Customer.objects.get().archived_on is not None
    with pytest.raises(CommandError, match=r"any more: it is part of Maria Silva \(1\) already"):
        call_command("merge", "--account", "aurora", "--keep", "A1", "--merge", "A2")


def test_the_last_of_a_chain(cast: Cast, two: tuple[Customer, Customer], make_customer: Any, importer: Any) -> None:
    last = make_customer(cast.aurora, "Rosa Lima", code="A3")
    with scope(cast.aurora.pk):
        second = merge(last, two[0], by=None, now=NOW)
        assert {by_code(code).pk for code in ("A1", "A2", "A3")} == {last.pk}
        assert [hit.id for hit in best_hits("A2", 5)] == [last.pk]
    assert importer(cast.aurora, "customers", "code,city\nA1,Natal\nA2,Natal\n", now=LATER).counts == (0, 1, 1, 0)
    with scope(cast.aurora.pk):
        unmerge(second, by=None, now=LATER)
        assert by_code("A2").pk == by_code("A1").pk == two[0].pk
        assert list(search_more()) == []


def test_the_report_says_so(cast: Cast, two: tuple[Customer, Customer], importer: Any) -> None:
    report = importer(cast.aurora, "customers", "code,city\nA2,Natal\n", now=LATER)
    page = cast.client(cast.ana).get(f"/aurora/imports/{report.record.pk}/").content.decode()
    assert "Worth knowing" in page
    assert "“A2” was merged" in page


def test_an_import_taken_back_after_a_merge(cast: Cast, make_customer: Any, importer: Any) -> None:
    """N8, decision 18: what a file changed of the merged one is not taken from the survivor; who came by it stays merged,
    and after the undo of the merge all can be taken back."""
    kept, merged = (make_customer(cast.aurora, f"Maria {code}", code=code, city="Natal") for code in ("A1", "A2"))
    report = importer(
        cast.aurora, "customers", "code,name,city\nA2,Maria A2,Recife\nA3,Maria A3,\n", key="code", now=LATER
    )
    with scope(cast.aurora.pk):
        edit(kept, city="Recife", by=None, now=LATER)
        done = [merge(kept, merged, by=None, now=LATER), merge(kept, by_code("A3"), by=None, now=LATER)]
        start_undo(report.record, by=None, now=LATER)
    jobs.undo_import(cast.aurora.pk, import_id=str(report.record.pk))
    assert customers(cast.aurora) == [("Maria A1", "A1", "Recife", "")]
    with scope(cast.aurora.pk):
        assert set(SheetLeftover.objects.values_list("reason", flat=True)) == {"merged", "lived"}
        for one in done[::-1]:
            unmerge(one, by=None, now=LATER)
    assert {code: city for _name, code, city, _phone in customers(cast.aurora)} == {
        "A1": "Recife",
        "A2": "Recife",
        "A3": "",
    }
