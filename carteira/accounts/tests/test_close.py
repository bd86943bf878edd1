"""Closing a business: data taken along first, time to think it over, then nothing is left, with proof (P8)."""

import csv
import io
import json
import tracemalloc
import zipfile
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.core import mail
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone

from carteira.accounts import close as closing
from carteira.accounts import erase, jobs
from carteira.accounts.copy_all import walled_models
from carteira.accounts.models import Account, AccountCopy, Closure, Invitation, Membership, OldSlug, User
from carteira.core.events.models import Event
from carteira.core.files.models import StoredFile, folder_of
from carteira.core.files.store import keep
from carteira.core.walls import scope
from conftest import Cast, make_cast

PAGE = "/aurora/settings/close/"


def fill(account: Account, by: User) -> None:
    """Something in tables that point at each other, a file, and events."""
    now = timezone.now()
    with scope(account.pk):
        Invitation.objects.create(email="eva@example.com", role="viewer", created_at=now, expires_at=now, by=by)
        keep([b"bytes"], name="contract.pdf", right="customers.see", limit=9, by=by, now=now)
        closing.ask_copy(account, by=by, now=now)


def copied(account: Account) -> AccountCopy:
    with scope(account.pk):
        copy = AccountCopy.objects.get()
    jobs.copy_account(account.pk, copy_id=str(copy.pk))
    with scope(account.pk):
        return AccountCopy.objects.select_related("file").get()


def closed(cast: Cast, *, due: bool = True) -> Closure:
    fill(cast.aurora, cast.ana)
    copied(cast.aurora)
    with scope(cast.aurora.pk):
        closure = closing.close(cast.aurora, typed="aurora", by=cast.ana, now=timezone.now())
    if due:
        past = timezone.now() - timedelta(minutes=1)
        Account.objects.filter(pk=cast.aurora.pk).update(closes_at=past)
        Closure.objects.update(due_at=past)
        closure.refresh_from_db()
    return closure


def rows_left(account_id: UUID) -> int:
    with scope(account_id):
        return sum(model._default_manager.count() for model in walled_models())


# -- the copy


def test_the_copy_holds_every_table_and_file(cast: Cast, make_customer: Any) -> None:
    """P8: readable by machines and by whoever opens it; of the twin there is nothing."""
    make_customer(cast.aurora, "Maria", paid=[(timezone.now().date() - timedelta(days=3), 12_345)])
    make_customer(cast.boreal, "TWIN_SECRET")
    fill(cast.aurora, cast.ana)
    copy = copied(cast.aurora)
    assert copy.file is not None
    data = copy.file.path.read_bytes()
    assert b"TWIN_SECRET" not in data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        for model in walled_models():
            assert f"data/{model._meta.label}.jsonl" in names
        assert any(name.endswith("/contract.pdf") for name in names)
        customers = [json.loads(line) for line in archive.read("data/customers.Customer.jsonl").splitlines()]
        payments = [json.loads(line) for line in archive.read("data/billing.Payment.jsonl").splitlines()]
        assert [row["name"] for row in customers] == ["Maria"]
        assert [row["amount"] for row in payments] == [12_345]
        assert len(json.loads(archive.read("members.json"))) == 4
        assert "Escola Aurora" in archive.read("README.txt").decode()
    with scope(cast.aurora.pk):
        assert copy.file.size == len(data)
        assert StoredFile.objects.count() == 2


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    """A table of the copy as a spreadsheet program reads it."""
    text = archive.read(f"data/{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_the_copy_opens_in_spreadsheet_programs_too(cast: Cast, make_customer: Any) -> None:
    """P8, ASVS 1.2.10: each table also as CSV, the same rows; amounts as numbers, formulas as text."""
    paid_on = timezone.now().date() - timedelta(days=3)
    make_customer(cast.aurora, "=HYPERLINK(1)", paid=[(paid_on, 12_345)])
    make_customer(cast.aurora, 'Ação; "Ltda"\nSão Paulo')
    fill(cast.aurora, cast.ana)
    file = copied(cast.aurora).file
    assert file is not None
    with zipfile.ZipFile(file.path) as archive:
        for model in walled_models():
            name, columns = f"data/{model._meta.label}", [column.attname for column in model._meta.concrete_fields]
            machine = [json.loads(line) for line in archive.read(f"{name}.jsonl").splitlines()]
            human = list(csv.reader(io.StringIO(archive.read(f"{name}.csv").decode("utf-8-sig")), delimiter=";"))
            assert human[0] == columns, name
            assert all(list(row) == columns for row in machine), name
            assert len(human) == len(machine) + 1, name
            if "id" in columns:
                at = columns.index("id")
                assert [row[at] for row in human[1:]] == [str(row["id"]) for row in machine], name
        people, money = table(archive, "customers.Customer"), table(archive, "billing.Payment")
    assert sorted(row["name"] for row in people) == ["'=HYPERLINK(1)", 'Ação; "Ltda"\nSão Paulo']
    assert [row["amount"] for row in money] == ["123,45"]


def test_the_copy_needs_no_more_memory_for_more_rows(cast: Cast) -> None:
    """Streamed: tables of any length pass through in pieces."""

    def peak(rows: int) -> int:
        with scope(cast.aurora.pk):
            with connection.cursor() as cursor:
                cursor.execute(
                    'INSERT INTO accounts_holiday (account_id, "on", name)'
                    " SELECT %s, day, repeat('feriado ', 12) FROM generate_series(date '2000-01-01', '2300-01-01', '1 day')"
                    " AS day ON CONFLICT DO NOTHING"
                    if rows
                    else "SELECT %s::uuid",
                    [cast.aurora.pk],
                )
            closing.ask_copy(cast.aurora, by=cast.ana, now=timezone.now())
            copy = AccountCopy.objects.filter(done_at=None).get()
        tracemalloc.start()
        try:
            jobs.copy_account(cast.aurora.pk, copy_id=str(copy.pk))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small = peak(0)
    # 110,000 rows are 25 MB as JSON and as CSV.
    assert peak(110_000) < small + 12_000_000


def test_the_owner_takes_the_copy_on_the_screen_and_nobody_else(cast: Cast) -> None:
    ana = cast.client(cast.ana)
    assert "First take a copy" in ana.get(PAGE).content.decode()
    for _twice in range(2):
        ana.post(f"{PAGE}copy/")
    page = ana.get(PAGE).content.decode()
    assert "being written" in page
    assert 'hx-trigger="every 3s"' in page
    copy = copied(cast.aurora)
    path = f"{PAGE}copy/{copy.pk}/"
    assert path in ana.get(PAGE).content.decode()
    assert ana.get(path)["Location"] == f"/accounts/again/?next={quote(path, safe='')}", "a browser left open"
    proven = ana.post(f"/accounts/again/?next={path}", {"password": "correct horse battery", "next": path})
    assert proven["Location"] == path
    answer = ana.get(path)
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    Membership.objects.filter(user=cast.sofia).update(role="admin")
    assert cast.client(cast.sofia).get(path).status_code == 403
    assert cast.client(cast.dora).get(path).status_code == 404


# -- closing and staying


def test_closing_wants_a_copy_the_typed_address_and_a_fresh_proof(cast: Cast) -> None:
    ana = cast.client(cast.ana)
    body = {"typed": "aurora"}
    assert ana.post(f"{PAGE}now/", body)["Location"].startswith("/accounts/again/")
    ana.post("/accounts/again/", {"password": "correct horse battery"})
    assert "First take a copy" in ana.post(f"{PAGE}now/", body).content.decode()
    fill(cast.aurora, cast.ana)
    copied(cast.aurora)
    assert ana.post(f"{PAGE}now/", {"typed": "boreal"}).status_code == 422
    cast.aurora.refresh_from_db()
    assert cast.aurora.closes_at is None
    assert ana.post(f"{PAGE}now/", {"typed": "/Aurora/"})["Location"] == PAGE
    cast.aurora.refresh_from_db()
    assert timedelta(days=29) < cast.aurora.closes_at - timezone.now() <= timedelta(days=30)
    assert "This business is closing" in cast.client(cast.beto).get("/aurora/customers/").content.decode()


def test_until_then_it_stays_open_if_one_wants(cast: Cast) -> None:
    closure = closed(cast, due=False)
    erase.erase(closure.pk, now=timezone.now())
    assert Account.objects.filter(pk=cast.aurora.pk).exists(), "its time has not come"
    cast.client(cast.ana).post(f"{PAGE}stay/")
    assert erase.erase(closure.pk, now=timezone.now() + timedelta(days=31)) is None
    assert erase.due(timezone.now() + timedelta(days=31)) == []
    cast.aurora.refresh_from_db()
    assert cast.aurora.closes_at is None
    with scope(cast.aurora.pk):
        kinds = list(Event.objects.filter(kind__startswith="account.").order_by("id").values_list("kind", flat=True))
    assert kinds == ["account.copy_asked", "account.closing", "account.closing_canceled"]
    with scope(cast.aurora.pk):
        again = closing.close(cast.aurora, typed="aurora", by=cast.ana, now=timezone.now())
    assert again.pk != closure.pk


def test_a_copy_of_long_ago_does_not_count(cast: Cast) -> None:
    fill(cast.aurora, cast.ana)
    copied(cast.aurora)
    with scope(cast.aurora.pk), pytest.raises(closing.CannotClose, match="copy"):
        closing.close(cast.aurora, typed="aurora", by=cast.ana, now=timezone.now() + timedelta(days=8))


# -- nothing is left


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_of_it_and_the_protocol_proves_it(make_customer: Any) -> None:
    """P8: every walled table counted zero, files gone; the twin and the people stay."""
    cast = make_cast()
    for account in (cast.aurora, cast.boreal):
        customer = make_customer(account, "Maria", paid=[(timezone.now().date() - timedelta(days=3), 12_345)])
        assert customer.number
    fill(cast.boreal, cast.dora)
    OldSlug.objects.create(slug="old", account=cast.aurora, created_at=timezone.now(), until=timezone.now())
    closure = closed(cast)
    before = rows_left(cast.boreal.pk)
    folder = folder_of(cast.aurora.pk)
    assert folder.exists()
    jobs.erase_account.func(str(closure.pk))

    closure.refresh_from_db()
    assert not Account.objects.filter(pk=cast.aurora.pk).exists()
    assert not Membership.objects.filter(account_id=cast.aurora.pk).exists()
    assert not OldSlug.objects.exists()
    assert rows_left(cast.aurora.pk) == 0
    assert not folder.exists()
    assert closure.deleted["customers.Customer"] == 1
    assert closure.deleted["billing.Payment"] == 1
    assert set(closure.left) == {model._meta.label for model in walled_models()}
    assert set(closure.left.values()) == {0}
    assert closure.proven_at
    (message,) = mail.outbox
    assert message.to == ["ana@example.com"]
    assert closure.number in message.body
    assert "billing.Payment: 1 / 0" in message.body

    assert rows_left(cast.boreal.pk) == before
    assert User.objects.filter(pk=cast.ana.pk).exists()
    ana = cast.client(cast.ana)
    assert ana.get("/aurora/customers/").status_code == 404
    assert ana.get("/")["Location"] == "/accounts/new/"
    for _again in range(2):
        jobs.erase_account.func(str(closure.pk))
    assert len(mail.outbox) == 1


class Cut:
    """At the n-th statement the database is gone."""

    def __init__(self, n: int) -> None:
        self.n, self.count = n, 0

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        if self.count == self.n:
            raise OperationalError("the connection is lost")
        return execute(sql, params, many, context)


@pytest.mark.django_db(transaction=True)
def test_cut_off_anywhere_it_is_whole_or_gone_and_ends_proven() -> None:
    """F1: the n-th-call loop over deletion and proof."""
    cast = make_cast()
    closure = closed(cast)
    whole = rows_left(cast.aurora.pk)
    for n in range(1, 200):
        cut = Cut(n)
        with connection.execute_wrapper(cut):
            try:
                jobs.erase_account.func(str(closure.pk))
            except OperationalError:
                pass
            else:
                if cut.count < n:
                    break
        assert rows_left(cast.aurora.pk) in (0, whole), "half a business"
    closure.refresh_from_db()
    assert closure.proven_at
    assert not folder_of(cast.aurora.pk).exists()
    assert erase.due(timezone.now()) == []


def test_the_database_itself_refuses_before_the_time_has_come(cast: Cast) -> None:
    """No mistake in the program deletes a business that nobody closed, nor a table outside the walls."""
    closure = closed(cast, due=False)
    call = "SELECT accounts_erase_rows(%s, %s)"
    with connection.cursor() as cursor:
        with pytest.raises(DatabaseError, match="has not come"), transaction.atomic():
            cursor.execute(call, ["core_event", cast.aurora.pk])
        past = timezone.now() - timedelta(minutes=1)
        Account.objects.filter(pk=cast.aurora.pk).update(closes_at=past)
        Closure.objects.filter(pk=closure.pk).update(due_at=past)
        with pytest.raises(DatabaseError, match="outside the walls"), transaction.atomic():
            cursor.execute(call, ["accounts_membership", cast.aurora.pk])
        with pytest.raises(DatabaseError, match="has not come"), transaction.atomic():
            cursor.execute(call, ["core_event", cast.boreal.pk])


def test_the_hourly_clock_finds_what_is_due(cast: Cast) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    closure = closed(cast)
    jobs.erase_due.func(0)
    assert [job.args for job in ProcrastinateJob.objects.filter(task_name="accounts.erase")] == [
        {"closure_id": str(closure.pk)}
    ]
