"""The cast every test knows: Ana owns Aurora, Beto does its finance, Caio may only look; Dora owns Boreal, Aurora's
twin. Both accounts hold the same data, so whatever crosses the wall shows."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import hypothesis
import pytest
from django.db import transaction
from django.test import Client, override_settings

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)


def pytest_configure() -> None:
    from django.conf import settings

    # The real hash costs half a second for each of the cast, in every test.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Tests read the sentences of the code; what translators write may change, compiled or not.
    override_settings(LOCALE_PATHS=[]).enable()


def examples(count: int) -> int:
    """How many examples a property is tried on: few in every run, `make test DEEP=20` for a long one."""
    return count * int(os.environ.get("DEEP", "1"))


if "DEEP" not in os.environ:
    # The same examples in every run, so that red means a change; DEEP looks for new ones.
    hypothesis.settings.register_profile("steady", derandomize=True)
    hypothesis.settings.load_profile("steady")


@contextmanager
def undone() -> Iterator[None]:
    """What the block writes is taken back, so that every example of a property starts from the same data.

    The locks go with it: temporary tables of many imports in one transaction would fill the server's lock table.
    """
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@dataclass
class Cast:
    """Two accounts, the people in them, and a signed-in client for each person."""

    aurora: Any
    boreal: Any
    ana: Any
    beto: Any
    caio: Any
    sofia: Any
    dora: Any

    def client(self, user: Any, **headers: Any) -> Client:
        client = Client(**headers)
        client.force_login(user)
        return client


@pytest.fixture(autouse=True)
def _no_scope_leaks() -> Iterator[None]:
    from carteira.core.walls import current_account_id

    assert current_account_id() is None, "a scope was left open by an earlier test"
    yield
    assert current_account_id() is None, "this test left an account's scope open"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def make_cast() -> Cast:
    from carteira.accounts.models import Account, Membership, User

    def user(name: str) -> Any:
        return User.objects.create_user(f"{name.lower()}@example.com", "correct horse battery", name=name)

    aurora = Account.objects.create(slug="aurora", name="Escola Aurora")
    boreal = Account.objects.create(slug="boreal", name="Escola Boreal")
    cast = Cast(aurora, boreal, *(user(name) for name in ("Ana", "Beto", "Caio", "Sofia", "Dora")))
    for account, person, role in (
        (aurora, cast.ana, "owner"),
        (aurora, cast.beto, "finance"),
        (aurora, cast.caio, "viewer"),
        (aurora, cast.sofia, "sales"),
        (boreal, cast.dora, "owner"),
    ):
        Membership.objects.create(account=account, user=person, role=role)
    return cast


@pytest.fixture
def make_customer() -> Callable[..., Any]:
    """make_customer(account, "Maria", paid=[(date, cents), …]) in that account's scope."""
    from carteira.billing.pay import record_payment
    from carteira.core.walls import scope
    from carteira.customers.register import register

    def make(account: Any, name: str = "Maria Silva", *, paid: Any = (), now: datetime = NOW, **fields: Any) -> Any:
        with scope(account.pk):
            fields.setdefault("registered_on", min([day for day, _ in paid], default=None))
            customer = register(account, by=None, now=now, name=name, **fields)
            for day, amount in paid:
                record_payment(customer, amount=amount, paid_on=day, method="pix", by=None, now=now)
            customer.refresh_from_db()
            return customer

    return make
