"""Issue 4: two customers with 1,000 rows each merge in less than a second; bench/merges.py measures it on a full account."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.cases import Known
from bench.merges import _full, measure_merges
from carteira.core.walls import scope
from carteira.customers.merge.merge import merge
from carteira.customers.merge.unmerge import unmerge
from conftest import NOW, TODAY, Cast


def test_what_the_bench_measures(cast: Cast) -> None:
    rows = list(measure_merges(Known(cast.aurora, 0, TODAY)))
    assert [row.name for row in rows] == ["two with 1,000 rows each", "undo it", "search for duplicates"]


def test_thousands_of_rows_take_as_many_statements_as_none(cast: Cast) -> None:
    """Issue 4: statements do not grow with rows."""
    with scope(cast.aurora.pk):
        pair = [_full(Known(cast.aurora, 0, TODAY), nth) for nth in range(2)]
        with CaptureQueriesContext(connection) as merging:
            done = merge(*pair, by=None, now=NOW)
        with CaptureQueriesContext(connection) as undoing:
            unmerge(done, by=None, now=NOW)
    assert len(merging) < 90
    assert len(undoing) < 90
