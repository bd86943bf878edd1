"""Rows S0-10 to S0-14: who stands where, on the real histories of tests/data."""

from datetime import timedelta

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
