"""T2 of the reliability page: every table with account data stands behind both locks; exceptions are listed by name."""

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.db import connection, models
from django.db.models.functions import UUID7
from django.test.utils import isolate_apps

from carteira.core.walls.checks import check_model
from carteira.core.walls.models import AccountKey, Walled, account_key

# Tables outside the walls, each with the reason it may stand there. A new table must be walled or listed here.
OUTSIDE = {
    "accounts_account": "is what the wall is built on; found by its address before a scope can open",
    "accounts_user": "a person may work in several accounts",
    "accounts_oldslug": "leads members from an old address, so it is read before a scope opens",
    "accounts_closure": "the protocol of a closed business outlives it",
    "accounts_membership": "says whose scope may open, so it is read before one is",
    "account_emailaddress": "allauth: belongs to a person",
    "account_emailconfirmation": "allauth: belongs to a person",
    "django_content_type": "Django: names of models",
    "auth_permission": "Django: names of rights, unused",
    "auth_group": "Django: unused",
    "auth_group_permissions": "Django: unused",
    "accounts_session": "belongs to a person",
    "mfa_authenticator": "allauth: second factors, belong to a person",
    "accounts_signin": "belongs to a person: what happened at the door, before any business is entered",
    "django_migrations": "Django: which migrations ran",
    "procrastinate_jobs": "jobs: the account's id and ids of rows, nothing else",
    "procrastinate_events": "jobs: when each was tried",
    "procrastinate_periodic_defers": "jobs: clocks",
    "procrastinate_workers": "jobs: which workers live",
}


def walled() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if account_key(model)]


def rows(sql: str, *parameters: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


@pytest.mark.django_db
def test_every_table_is_walled_or_listed():
    tables = {name for (name,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    named = {model._meta.db_table for model in walled()} | OUTSIDE.keys() | cache_tables()
    assert tables - named == set(), "neither behind the walls nor listed as outside"
    assert OUTSIDE.keys() - tables == set(), "listed, but there is no such table"


def cache_tables() -> set[str]:
    from django.core.cache import caches

    return {caches[alias]._table for alias in caches if hasattr(caches[alias], "_table")}


@pytest.mark.django_db
@pytest.mark.parametrize("model", walled(), ids=lambda model: model._meta.label)
def test_a_walled_table_has_the_second_lock(model):
    """Forced row security, both policies, NOT NULL account, keys and indexes that begin with it."""
    table = model._meta.db_table
    column = account_key(model).column
    assert rows("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", table) == [(True, True)]
    policies = dict(rows("SELECT policyname, cmd FROM pg_policies WHERE tablename = %s", table))
    assert {"account_wall", "owner_sees_all"} <= policies.keys()
    assert rows(
        "SELECT is_nullable FROM information_schema.columns WHERE table_name = %s AND column_name = %s", table, column
    ) == [("NO",)]
    for name, first in rows(
        """SELECT i.indexrelid::regclass::text, a.attname FROM pg_index i
           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
           WHERE i.indrelid = %s::regclass""",
        table,
    ):
        assert first == column, f"index {name} does not begin with the account"
    keys = rows(
        """SELECT conname, contype, conkey[1] = (SELECT attnum FROM pg_attribute
               WHERE attrelid = conrelid AND attname = %s), confrelid::regclass::text, cardinality(conkey)
           FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'f')""",
        column,
        table,
    )
    names = {model._meta.db_table for model in walled()}
    for name, kind, begins, target, width in keys:
        if kind == "p" or target in names:
            assert begins, f"{name} does not begin with the account"
            assert width == 2, f"{name} is not composite"


@pytest.mark.django_db
def test_the_serving_role_can_do_nothing_more_than_serve():
    """T5: no superuser, no BYPASSRLS, owns nothing, no TRUNCATE; append-only tables cannot be rewritten."""
    assert rows(
        "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    ) == [(False, False, False, False)]
    assert rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user") == []
    assert (
        rows(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND has_table_privilege(oid, 'TRUNCATE')"
        )
        == []
    )
    for table, columns in {
        # An import that was taken back lets go of its external ids (docs/decisions/0011-undo-of-imports.md).
        "billing_payment": {"customer_id", "note", "external_id"},
        "core_event": {"customer_id", "personal", "by_id"},
    }.items():
        assert rows("SELECT has_table_privilege(%s, 'DELETE'), has_table_privilege(%s, 'UPDATE')", table, table) == [
            (False, False)
        ]
        may = rows(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s"
            " AND has_column_privilege(%s, column_name::text, 'UPDATE')",
            table,
            table,
        )
        assert {name for (name,) in may} == columns


def test_the_checks_are_quiet_on_the_real_models():
    assert run_checks(tags=["walls"]) == []


@isolate_apps("carteira.core")
@pytest.mark.parametrize(
    ("number", "build"),
    [
        (1, lambda: outside_pointing_in()),
        (2, lambda: walled_model(objects=models.Manager())),
        (4, lambda: walled_model(people=models.ManyToManyField("core.Counter"))),
        (5, lambda: walled_model(one=models.OneToOneField("core.Counter", models.CASCADE))),
        (6, lambda: walled_model(word=models.CharField(max_length=9, unique=True))),
        (7, lambda: walled_model(far=models.ForeignKey("core.Counter", models.DB_CASCADE))),
        (
            9,
            lambda: walled_model(
                word=models.CharField(max_length=9), indexes=[models.Index(fields=["word"], name="x")]
            ),
        ),
    ],
)
def test_the_checks_refuse_what_would_open_a_hole(number, build):
    with isolate_apps("carteira.core") as registry:
        registry.register_model("core", apps.get_model("core", "Counter"))
        found = {error.id for error in check_model(build())}
    assert f"walls.E{number:03}" in found


def walled_model(indexes=(), **fields):
    options = {"app_label": "core", "indexes": list(indexes)}
    attributes = {"Meta": type("Meta", (Walled.Meta,), options), "__module__": __name__, **fields}
    return type("Checked", (Walled,), attributes)


def outside_pointing_in():
    options = type("Meta", (), {"app_label": "core"})
    key = models.ForeignKey("core.Counter", models.CASCADE)
    return type("Outside", (models.Model,), {"Meta": options, "__module__": __name__, "counter": key})


def test_ids_are_made_in_time_order():
    assert isinstance(Walled._meta.get_field("id").db_default, UUID7)
    assert isinstance(Walled._meta.get_field("account"), AccountKey)
