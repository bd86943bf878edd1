"""N8: a merge beside another one, its undo, an import, a bulk change, an anonymisation, a deletion, in real transactions."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import record_payment
from carteira.core.sheets import engine
from carteira.core.sheets import mapping as mappings
from carteira.core.sheets.models import SheetImport
from carteira.core.sheets.reader import open_sheet
from carteira.core.sheets.registry import kinds
from carteira.core.walls import scope
from carteira.customers.anonymise import anonymise
from carteira.customers.archive import archive
from carteira.customers.assign_many import assign_many
from carteira.customers.delete import delete
from carteira.customers.edit import edit
from carteira.customers.merge import verify
from carteira.customers.merge.merge import merge
from carteira.customers.merge.unmerge import unmerge
from carteira.customers.models import Customer, CustomerMerge
from carteira.customers.parts import PARTS, add
from carteira.customers.verify import cached_facts, derived_columns, search_entries, search_more
from conftest import NOW, TODAY, Cast, make_cast

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def at_once(account: Any, *acts: Any) -> list[Any]:
    """Each act in a thread and a transaction of its own, all let go together: their results, or how they were refused."""
    ready = Barrier(len(acts))

    def run(act: Any) -> Any:
        try:
            ready.wait(20)
            with scope(account.pk):
                return act()
        except (ValueError, Customer.DoesNotExist) as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def told(answers: list[Any]) -> list[str]:
    return sorted(type(answer).__name__ for answer in answers)


def whole(account: Any) -> None:
    """Nothing is half: every proof holds."""
    with scope(account.pk):
        checks = (verify.merges, cached_facts, search_entries, search_more, derived_columns)
        assert [str(one) for check in checks for one in check()] == []


@pytest.fixture
def two(cast: Cast, make_customer: Any) -> tuple[Customer, Customer]:
    return tuple(make_customer(cast.aurora, f"Maria {n}", code=f"C{n}", paid=[(TODAY, 100)]) for n in range(2))  # type: ignore[return-value]


def test_the_same_two_at_once(cast: Cast, two: tuple[Customer, Customer]) -> None:
    """One is done, the others are told; in either direction."""
    kept, merged = two
    for pair in ((kept, merged, kept, merged), (kept, merged, merged, kept)):
        answers = at_once(
            cast.aurora,
            lambda p=pair: merge(p[0], p[1], by=None, now=NOW),
            lambda p=pair: merge(p[2], p[3], by=None, now=NOW),
        )
        assert told(answers) == ["CannotMerge", "CustomerMerge"]
        whole(cast.aurora)
        with scope(cast.aurora.pk):
            assert Payment.objects.count() == 2
            assert Customer.objects.count() == 1
        done = next(answer for answer in answers if isinstance(answer, CustomerMerge))
        # And so is the undo.
        answers = at_once(cast.aurora, *[lambda d=done: unmerge(d, by=None, now=LATER)] * 3)
        assert told(answers) == ["CannotUnmerge", "CannotUnmerge", "Unmerged"]
        whole(cast.aurora)
        with scope(cast.aurora.pk):
            assert Customer.objects.count() == 2


def test_a_ring(cast: Cast, make_customer: Any) -> None:
    """A into B, B into C, C into A at once: whatever wins, everybody is part of somebody who is there."""
    ring = [make_customer(cast.aurora, f"Maria {n}", paid=[(TODAY, 100)]) for n in range(3)]
    answers = at_once(cast.aurora, *[lambda n=n: merge(ring[(n + 1) % 3], ring[n], by=None, now=NOW) for n in range(3)])
    assert "CustomerMerge" in told(answers)
    assert set(told(answers)) <= {"CustomerMerge", "CannotMerge"}
    whole(cast.aurora)
    with scope(cast.aurora.pk):
        assert Payment.objects.filter(customer__in=Customer.objects.all()).count() == 3


def test_beside_everything_else(cast: Cast, two: tuple[Customer, Customer]) -> None:
    """Whoever comes second finds the customer merged, or the merge finds what was written: nothing is lost between."""
    kept, merged = two
    later = {"by": None, "now": LATER}
    others = {
        "pay": lambda: record_payment(merged, amount=500, paid_on=TODAY, method="pix", **later),
        "note": lambda: add(PARTS["notes"], merged, text="Likes tea", **later),
        "edit": lambda: edit(merged, email="m@example.com", **later),
        "edit kept": lambda: edit(kept, email="k@example.com", **later),
        "archive": lambda: archive(merged, on=TODAY, **later),
        "bulk": lambda: assign_many([kept.pk, merged.pk], owner=cast.beto.pk, **later),
        "delete": lambda: delete(merged, **later),
        "anonymise": lambda: anonymise(kept, **later),
    }
    for name, other in others.items():
        with scope(cast.aurora.pk):
            before = Payment.objects.count()
        answers = at_once(cast.aurora, lambda: merge(kept, merged, by=None, now=NOW), other)
        with scope(cast.aurora.pk):
            paid = 1 if name == "pay" and not isinstance(answers[1], Exception) else 0
            assert Payment.objects.count() == before + paid, name
            assert not Payment.objects.exclude(customer__in=Customer.objects.all()).exists(), name
            done = CustomerMerge.objects.filter(undone_at=None).first()
            if name == "anonymise":
                # Either it was merged first, and all of it is gone, or it could not be merged any more.
                assert (done is None) == (told(answers[:1]) == ["CannotMerge"]), answers
                assert done is None or done.before == {}
            elif done is not None:
                unmerge(done, by=None, now=LATER)
        whole(cast.aurora)


def test_beside_an_import(cast: Cast, two: tuple[Customer, Customer], tmp_path: Path) -> None:
    """A file with the merged one's code changes it before, or the survivor after; it makes nobody."""
    kept, merged = two
    kind = kinds.get("customers")
    assert kind
    for nth in range(3):
        path = tmp_path / f"{nth}.csv"
        path.write_text(f"code,city\nC1,Natal {nth}\n")
        with open_sheet(path) as sheet:
            mapping = mappings.with_said(kind, sheet.header, mappings.guess(kind, sheet.header), {})
        with scope(cast.aurora.pk):
            record = SheetImport.objects.create(
                kind="customers", file_name=path.name, mapping=mapping, key="code", language="en", created_at=NOW
            )
        ready = Barrier(2)

        def bring(record: Any = record, path: Path = path, ready: Barrier = ready, nth: int = nth) -> Any:
            try:
                ready.wait(20)
                return engine.run(cast.aurora, record.pk, path, by=None, now=NOW + timedelta(hours=nth))
            finally:
                connection.close()

        def join(ready: Barrier = ready) -> Any:
            try:
                ready.wait(20)
                with scope(cast.aurora.pk):
                    return merge(kept, merged, by=None, now=NOW)
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            report, done = pool.submit(bring), pool.submit(join)
            assert report.result().failed == 0
            merge_done = done.result()
        whole(cast.aurora)
        with scope(cast.aurora.pk):
            assert [one.pk for one in Customer.objects.all()] == [kept.pk]
            unmerge(merge_done, by=None, now=LATER)
            assert Customer.objects.filter(city=f"Natal {nth}").exists()
            assert Invoice.objects.count() == 2
