"""Rows S0-10 to S0-14: who stands where, on the real histories of tests/data."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from carteira.core.walls import scope
from carteira.customers.activity import counts
from carteira.customers.lifecycle import State, view_of
from carteira.customers.models import Customer
from conftest import NOW, TODAY


def test_day_sixty_is_still_active(cast, make_customer):
    """S0-12, S0-13: paid 60 days ago is active, 61 days ago is inactive; never paid is a lead (S0-11)."""
    make_customer(cast.aurora, "Sixty", paid=[(TODAY - timedelta(60), 100)])
    make_customer(cast.aurora, "Sixty-one", paid=[(TODAY - timedelta(61), 100)])
    make_customer(cast.aurora, "Never")
    with scope(cast.aurora.pk):
        view = view_of(cast.aurora, now=NOW)
        states = {s: [c.name for c in Customer.objects.in_state(s, view)] for s in State}
        assert states == {"lead": ["Never"], "active": ["Sixty"], "inactive": ["Sixty-one"], "archived": []}
        assert counts(view).as_dict() == {
            "all": 3, "lead": 1, "active": 1, "inactive": 1, "archived": 0, "churn": 0, "lost": 0, "delinquent": 0
        }  # fmt: skip


def test_the_bar_of_a_past_day_walks_the_customers_once(cast, make_customer):
    """Architecture 8: the bar's budget. Who was counted, and who of them had paid, come from one walk of one index."""
    make_customer(cast.aurora, "Ana", paid=[(TODAY - timedelta(60), 100)])
    with scope(cast.aurora.pk):
        view = view_of(cast.aurora, now=NOW, day=TODAY - timedelta(30))
        with CaptureQueriesContext(connection) as asked:
            counts(view)
        assert len(asked) == 1
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + asked[0]["sql"])
            plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count("on customers_customer") == 1, plan
