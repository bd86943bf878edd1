"""The demo business shows groups by hand and by rule, each with somebody in it, and some who were pinned."""

from carteira.accounts.models import Account
from carteira.core.demo import ensure_demo
from carteira.core.walls import scope
from carteira.customers.lifecycle import view_of
from carteira.groups import demo, queries, verify
from carteira.groups.models import Pin
from conftest import NOW


def test_groups_of_the_demo(db):
    """S0-08: "Matrícula 2026" by hand; small, medium, large and silent by rule; counts that convince."""
    ensure_demo(NOW)
    account = Account.objects.get(slug="aurora")
    with scope(account.pk):
        counted = {one.group.name if one.group else "": one for one in queries.panel(view_of(account, now=NOW))}
        assert set(counted) == {demo.ENROLMENT, demo.LARGE, demo.MEDIUM, demo.SMALL, demo.SILENT, ""}
        members = {name: one.members for name, one in counted.items()}
        assert all(count >= 5 for count in members.values()), members
        assert members[demo.ENROLMENT] >= 50
        assert sum(one.delinquent for one in counted.values()) >= 10
        assert not counted[demo.ENROLMENT].group.by_rule
        # N4: what belonging brings along is to be seen on a new invoice.
        assert (counted[demo.ENROLMENT].group.payment_method, counted[demo.ENROLMENT].group.due_day) == ("pix", 10)
        assert Pin.objects.filter(inside=False).count() >= 2
        assert not list(verify.members())
