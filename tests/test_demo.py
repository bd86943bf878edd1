"""The demo business: believable, valid, the same every time, made once and never into somebody's data."""

import re
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from carteira.accounts.models import Account, Membership, User
from carteira.billing.models import Invoice, Payment
from carteira.billing.status import Status, with_status
from carteira.core import people
from carteira.core.demo import NotADemo, ensure_demo
from carteira.core.registries import DemoStep, demo_steps, verifiers
from carteira.core.walls import scope
from carteira.customers import activity
from carteira.customers.lifecycle import view_of
from carteira.customers.merge import find
from carteira.customers.merge.models import DuplicatePair
from carteira.customers.models import Customer
from conftest import NOW, TODAY


class _RollBack(Exception):
    pass


def _account() -> Account:
    return Account.objects.get(slug="aurora")


def test_everybody_is_there(db: None) -> None:
    """S0-09 to S0-14, S2-07: every state has convincing numbers, every document and phone is valid, and all is true."""
    login = ensure_demo(NOW)
    account = _account()
    assert set(account.memberships.values_list("role", "user__email")) == {
        ("owner", "ana@aurora.example"),
        ("finance", "beto@aurora.example"),
        ("viewer", "caio@aurora.example"),
    }
    assert all(user.check_password(login["password"]) for user in User.objects.all())
    with scope(account.pk):
        counts = activity.counts(view_of(account, now=NOW)).as_dict()
        assert counts["all"] + counts["archived"] == 400
        few = {name: count for name, count in counts.items() if count < 10}
        assert not few, counts
        assert counts["active"] > counts["inactive"] + counts["lead"], counts
        year_ago = activity.counts(view_of(account, now=NOW, day=date(2025, 11, 21)))
        assert year_ago.active > 100 < year_ago.all < counts["all"]
        statuses = {status: Invoice.objects.filter(with_status(status, TODAY)).count() for status in Status}
        for status, least in ((Status.PAID, 2500), (Status.OVERDUE, 20), (Status.ISSUED, 20), (Status.SCHEDULED, 10)):
            assert statuses[status] >= least, statuses
        assert Payment.objects.filter(reverses__isnull=False).count() >= 8
        assert not [sentence for verifier in verifiers for sentence in verifier.check()]
        _all_valid(list(Customer.objects.all()))


def _all_valid(customers: list[Customer]) -> None:
    documents = [customer for customer in customers if customer.document]
    for customer in documents:
        assert people.clean_document(customer.document, "BR") == (customer.document_kind, customer.document)
    companies = [customer for customer in documents if customer.document_kind == "cnpj"]
    assert 30 <= len(companies) <= 66
    assert any(re.search("[A-Z]", customer.document) for customer in companies)
    phones = [customer.phone for customer in customers]
    assert all(people.clean_phone(phone, "BR") == phone for phone in phones)
    assert {len(phone) for phone in phones} == {13, 14}, "landlines and mobiles"
    assert all(people.clean_email(customer.email) == customer.email for customer in customers if customer.email)
    assert sum(bool(re.search(r" d[aeo]s? ", customer.name)) for customer in customers) > 60
    for column in ("name", "document", "code", "email"):
        values = [getattr(customer, column) for customer in customers if getattr(customer, column)]
        assert len(set(values)) == len(values), column


def _content() -> list[Any]:
    with scope(_account().pk):
        return [
            list(Customer.objects.order_by("number").values_list("number", "code", "name", "document", "archived_on")),
            # Scheduled ones have no number yet and may share their moment: sorted by all that is told.
            sorted(Invoice.objects.values_list("created_at", "number", "amount", "due_on", "settled_on"), key=repr),
            sorted(Payment.objects.values_list("paid_on", "amount", "method", "customer__number")),
        ]


def test_the_same_for_a_day_and_only_once(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    """One seed and one day make one business; asking again changes nothing."""
    with pytest.raises(_RollBack), transaction.atomic():
        ensure_demo(NOW)
        first = _content()
        raise _RollBack
    assert not Account.objects.exists()
    said: list[str] = []
    login = ensure_demo(NOW, say=said.append)
    assert _content() == first
    assert len(said) == 1
    assert ensure_demo(NOW, say=said.append) == login
    call_command("demo")
    assert login["password"] in capsys.readouterr().out
    assert _content() == first
    assert len(said) == 1


def test_never_into_somebodys_business(cast: Any) -> None:
    """The cast's Aurora is a real business that happens to have the demo's address."""
    members = Membership.objects.count()
    with pytest.raises(NotADemo):
        ensure_demo(NOW)
    assert Membership.objects.count() == members
    with scope(cast.aurora.pk):
        assert not Customer.objects.exists()


def test_never_with_somebodys_login(db: None) -> None:
    """A person who has the address of one of the demo's people keeps the password; no business is made."""
    beto = User.objects.create_user("beto@aurora.example", "his own password")
    with pytest.raises(NotADemo):
        ensure_demo(NOW)
    beto.refresh_from_db()
    assert beto.check_password("his own password")
    assert not Account.objects.exists()
    assert User.objects.count() == 1


def test_stopped_half_way_leaves_nothing(db: None) -> None:
    """Whatever happens while it is filled, there is a whole demo afterwards or none."""

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    demo_steps.add("test.stop", DemoStep(stop), order=800)
    try:
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            ensure_demo(NOW)
    finally:
        demo_steps.remove("test.stop")
    assert not Account.objects.exists()
    assert not User.objects.exists()


def test_somebody_came_twice(db: None) -> None:
    """N8: a newcomer finds duplicates to look at: by phone with and without the ninth digit, and by name and city."""
    ensure_demo(NOW)
    with scope(_account().pk):
        find.look_daily(_account(), NOW)
        while find.step():
            pass
        pairs = list(DuplicatePair.objects.values_list("same", "first__phone", "second__phone"))
    ninth = [pair for pair in pairs if pair[0] & DuplicatePair.Same.PHONE and pair[1] != pair[2]]
    alike = [pair for pair in pairs if pair[0] & DuplicatePair.Same.NAME]
    assert (len(pairs), len(ninth), bool(alike)) == (3, 1, True), pairs
