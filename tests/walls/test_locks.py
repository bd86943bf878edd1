"""Each lock alone keeps accounts apart when the other is taken away."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from carteira.core.walls import NoAccountScope, WrongAccount, current_account_id, scope
from carteira.core.walls import models as walls_models
from carteira.customers.models import ArchivePeriod, Customer
from conftest import NOW, TODAY


@pytest.fixture
def twins(cast, make_customer):
    """The same customer in both accounts."""
    return make_customer(cast.aurora, "Maria", code="1"), make_customer(cast.boreal, "Maria", code="1")


def raw(sql: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


def test_a_query_without_a_scope_is_an_error(cast):
    """First lock: the manager's query and raw SQL alike, when they run."""
    waiting = Customer.objects.filter(name="Maria")
    with pytest.raises(NoAccountScope):
        list(waiting)
    with pytest.raises(NoAccountScope):
        raw("SELECT count(*) FROM customers_customer")
    with pytest.raises(NoAccountScope):
        Customer.objects.create(name="Maria")


def test_the_manager_alone_keeps_accounts_apart(cast, twins):
    """Second lock away: as the owner, for whom row security shows everything, the manager still adds the account."""
    with scope(cast.aurora.pk):
        for query in (Customer.objects.all(), Customer._base_manager.all(), twins[1].archive_periods.all()):
            where = str(query.query).partition("WHERE")[2]
            assert f'account_id" = {cast.aurora.pk}' in where
        assert not Customer.objects.filter(pk=twins[1].pk).exists()


def test_row_security_alone_keeps_accounts_apart(cast, twins, monkeypatch):
    """First lock away: no account in the query, no guard; the database still shows one account's rows only."""
    monkeypatch.setattr(walls_models, "current_account_id", lambda: None)
    with scope(cast.aurora.pk):
        assert "account_id = " not in str(Customer.objects.all().query).partition("WHERE")[2]
        assert [customer.pk for customer in Customer.objects.all()] == [twins[0].pk]
        assert raw("SELECT count(*) FROM customers_customer") == [(1,)]
        assert raw("UPDATE customers_customer SET name = 'x' WHERE id = %s", twins[1].pk) == [(0,)]
        assert raw("DELETE FROM customers_customer WHERE id = %s", twins[1].pk) == [(0,)]


def test_without_a_scope_the_database_has_no_rows(cast, twins):
    """It fails closed, even where the guard is not looking (the pattern does not see a quoted, split name)."""
    with connection.cursor() as cursor:
        cursor.cursor.execute("SELECT count(*) FROM customers_customer")  # the driver's own cursor: no guard
        assert cursor.fetchone() == (0,)


def test_a_row_cannot_be_written_into_another_account(cast, twins):
    with pytest.raises(WrongAccount), scope(cast.aurora.pk):
        Customer(account=cast.boreal, name="x", registered_on=TODAY).save()
    with pytest.raises(ProgrammingError, match="row-level security"), scope(cast.aurora.pk):
        raw("INSERT INTO core_counter (account_id, name, value) VALUES (%s, 'x', 1)", cast.boreal.pk)


def test_a_row_cannot_point_into_another_account(cast, twins):
    """Composite foreign keys: the pointer itself cannot be stored, whoever writes it."""
    with pytest.raises(IntegrityError), scope(cast.aurora.pk):
        ArchivePeriod.objects.create(customer_id=twins[1].pk, from_on=TODAY)
        raw("SET CONSTRAINTS ALL IMMEDIATE")


def test_scopes_nest_and_give_back_the_one_around_them(cast, twins):
    with scope(cast.aurora.pk):
        with scope(cast.boreal.pk):
            assert [customer.pk for customer in Customer.objects.all()] == [twins[1].pk]
        assert current_account_id() == cast.aurora.pk
        assert raw("SELECT id FROM customers_customer") == [(twins[0].pk,)]
        with pytest.raises(ZeroDivisionError), scope(cast.boreal.pk):
            _ = 1 / 0
        assert raw("SELECT id FROM customers_customer") == [(twins[0].pk,)]
    assert current_account_id() is None


def test_leaving_a_scope_leaves_nothing_behind(cast, twins):
    """Also inside a transaction that goes on (a released savepoint keeps SET LOCAL)."""
    with transaction.atomic():
        with scope(cast.aurora.pk):
            Customer.objects.count()
        assert raw("SELECT current_setting('carteira.account', true)") == [("",)]


def test_an_error_inside_a_scope_rolls_back(cast, make_customer):
    with pytest.raises(ZeroDivisionError), scope(cast.aurora.pk):
        make_customer(cast.aurora, now=NOW)
        _ = 1 / 0
    with scope(cast.aurora.pk):
        assert Customer.objects.count() == 0
