"""The backend's DDL: create, add, alter, rename and remove keep the second lock. Run on throw-away tables."""

from collections.abc import Iterator

import pytest
from django.db import NotSupportedError, connection, models
from django.test.utils import isolate_apps

from carteira.accounts.models import Account
from carteira.core.walls.models import Walled
from carteira.core.walls.roles import as_owner

pytestmark = pytest.mark.django_db(transaction=True)


def rows(sql: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def keys(table: str) -> set[str]:
    return {
        text
        for (text,) in rows(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p','f','u')",
            table,
        )
    }


def indexes(table: str) -> list[str]:
    found = rows("SELECT indexdef FROM pg_indexes WHERE tablename = %s", table)
    return sorted(definition.partition(" USING ")[2] for (definition,) in found)


@pytest.fixture
def editor() -> Iterator[object]:
    with isolate_apps("carteira.core") as registry, as_owner(connection):
        registry.register_model("accounts", Account)
        try:
            with connection.schema_editor() as editor:
                yield editor
        finally:
            with connection.cursor() as cursor:
                for table in ("t_child", "t_child2", "t_parent"):
                    cursor.execute(f"DROP TABLE IF EXISTS {table} CASCADE")


def define() -> tuple[type[models.Model], type[models.Model]]:
    class Parent(Walled):
        word = models.CharField(max_length=20, db_index=True)

        class Meta(Walled.Meta):
            app_label, db_table = "core", "t_parent"

    class Child(Walled):
        parent = models.ForeignKey(Parent, models.CASCADE)
        count = models.IntegerField(default=0)

        class Meta(Walled.Meta):
            app_label, db_table = "core", "t_child"

    return Parent, Child


OWN = {"PRIMARY KEY (account_id, id)"}
TO_ACCOUNT = "FOREIGN KEY (account_id) REFERENCES accounts_account(id) DEFERRABLE INITIALLY DEFERRED"
TO_PARENT = "FOREIGN KEY (account_id, {}) REFERENCES t_parent(account_id, id) DEFERRABLE INITIALLY DEFERRED"


def make(editor) -> tuple[type[models.Model], type[models.Model]]:
    parent, child = define()
    editor.create_model(parent)
    editor.create_model(child)
    run_deferred(editor)
    return parent, child


def run_deferred(editor) -> None:
    for statement in editor.deferred_sql:
        editor.execute(statement)
    editor.deferred_sql.clear()


def field(model: type[models.Model], name: str, made: models.Field) -> models.Field:
    made.set_attributes_from_name(name)
    made.model = model
    made.contribute_to_class(model, name)
    return made


def test_create(editor):
    make(editor)
    assert keys("t_child") == OWN | {TO_ACCOUNT, TO_PARENT.format("parent_id")}
    assert indexes("t_child") == ["btree (account_id, id)", "btree (account_id, parent_id)"]
    assert indexes("t_parent") == ["btree (account_id, id)", "btree (account_id, word)"]
    assert rows("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = 't_child'") == [(True, True)]
    assert {n for (n,) in rows("SELECT policyname FROM pg_policies WHERE tablename = 't_child'")} == {
        "account_wall",
        "owner_sees_all",
    }


def test_add_and_remove_a_foreign_key(editor):
    parent, child = make(editor)
    other = field(child, "other", models.ForeignKey(parent, models.CASCADE, null=True, related_name="+"))
    editor.add_field(child, other)
    run_deferred(editor)
    assert keys("t_child") == OWN | {TO_ACCOUNT, TO_PARENT.format("parent_id"), TO_PARENT.format("other_id")}
    assert "btree (account_id, other_id)" in indexes("t_child")
    editor.remove_field(child, other)
    assert keys("t_child") == OWN | {TO_ACCOUNT, TO_PARENT.format("parent_id")}
    assert "btree (account_id, other_id)" not in indexes("t_child")


def test_alter_a_foreign_key_away_and_back(editor):
    parent, child = make(editor)
    with_key = child._meta.get_field("parent")
    without = models.ForeignKey(parent, models.CASCADE, db_constraint=False, db_index=False, related_name="+")
    without.set_attributes_from_name("parent")
    without.model = child
    editor.alter_field(child, with_key, without, strict=True)
    assert keys("t_child") == OWN | {TO_ACCOUNT}
    assert indexes("t_child") == ["btree (account_id, id)"]
    editor.alter_field(child, without, with_key, strict=True)
    assert keys("t_child") == OWN | {TO_ACCOUNT, TO_PARENT.format("parent_id")}
    assert indexes("t_child") == ["btree (account_id, id)", "btree (account_id, parent_id)"]


def test_alter_a_plain_columns_index(editor):
    parent, _ = make(editor)
    old = parent._meta.get_field("word")
    new = models.CharField(max_length=30)
    new.set_attributes_from_name("word")
    new.model = parent
    editor.alter_field(parent, old, new, strict=True)
    assert indexes("t_parent") == ["btree (account_id, id)"]
    editor.alter_field(parent, new, old, strict=True)
    assert indexes("t_parent") == ["btree (account_id, id)", "btree (account_id, word)"]


def test_rename_the_column_and_the_table(editor):
    parent, child = make(editor)
    old = child._meta.get_field("parent")
    new = models.ForeignKey(parent, models.CASCADE, related_name="+")
    new.set_attributes_from_name("owner")
    new.model = child
    editor.alter_field(child, old, new)
    assert TO_PARENT.format("owner_id") in keys("t_child")
    editor.alter_db_table(child, "t_child", "t_child2")
    assert rows("SELECT relforcerowsecurity FROM pg_class WHERE relname = 't_child2'") == [(True,)]
    assert len(rows("SELECT 1 FROM pg_policies WHERE tablename = 't_child2'")) == 2


def test_the_accounts_column_stays_where_it_is(editor):
    """It can be neither added to an existing table, nor removed, renamed or retyped."""
    parent, _ = make(editor)
    account = parent._meta.get_field("account")
    renamed = account.clone()
    renamed.set_attributes_from_name("tenant")
    renamed.model = parent
    for attempt in (
        lambda: editor.add_field(parent, account),
        lambda: editor.remove_field(parent, account),
        lambda: editor.alter_field(parent, account, renamed),
    ):
        with pytest.raises(NotSupportedError):
            attempt()


def test_counting_related_rows_groups_by_every_column():
    """features.allows_group_by_selected_pks: id alone is not the key, so PostgreSQL would refuse GROUP BY id."""
    from uuid import uuid4

    from carteira.core.walls import scope
    from carteira.customers.models import Customer

    account = Account.objects.create(slug=f"x{uuid4().hex[:8]}", name="x")
    with scope(account.pk):
        assert list(Customer.objects.annotate(n=models.Count("invoices"))) == []
