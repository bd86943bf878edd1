"""Measuring imports by command, beside COPY into a staging table and INSERT … SELECT of the same lines by hand."""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter
from django.db import connection

from bench.browser import Failed
from bench.cases import Budget
from bench.data import forget, persons
from bench.report import Row
from carteira.accounts.models import Account, User
from carteira.accounts.open_account import open_account
from carteira.core import people
from carteira.core.walls import scope

CUSTOMERS = ("name", "code", "email", "document", "phone", "city", "state", "registered_on")
PAYMENTS = ("code", "paid_on", "amount", "method")
# Where these stand in a row of bench.data.persons.
_AT = {name: at for at, name in enumerate("nth kind name code email document_kind document phone city state".split())}  # noqa: SIM905
IMPORT = Budget(per_second=10_000, ratio=4)
EXPORT = Budget(per_second=1_667)


def measure_imports(home: Path, customers: int, now: datetime) -> Iterator[Row]:
    """One run each: a new business, its customers, then their payments."""
    today = now.date() - timedelta(days=1)  # whatever the zone
    people_rows = list(_customers(customers, today))
    payment_rows = list(_payments(customers, today))
    files = {
        "customers.csv": (CUSTOMERS, people_rows),
        "payments.csv": (PAYMENTS, payment_rows),
        "customers.xlsx": (CUSTOMERS, people_rows),
    }
    for name, (header, rows) in files.items():
        _write(home / name, header, rows)
    by_hand = _fresh("import-by-hand", now)
    hand = {
        "customers": _timed(lambda: _customers_by_hand(by_hand, people_rows, now)),
        "payments": _timed(lambda: _payments_by_hand(by_hand, payment_rows, now)),
    }
    _fresh("import-csv", now)
    _fresh("import-xlsx", now)
    for slug, name in (
        ("import-csv", "customers.csv"),
        ("import-csv", "payments.csv"),
        ("import-xlsx", "customers.xlsx"),
    ):
        kind, rows = name.partition(".")[0], len(files[name][1])
        seconds, memory = _command(kind, home / name, slug, rows)
        yield Row(
            group="import",
            name=f"{rows:,} {kind}, {name.rpartition('.')[2].upper()}",
            p50=seconds,
            hand=hand[kind],
            rate=rows / seconds,
            memory=memory,
            budget=IMPORT,
        )
    seconds, memory = _command("payments", home / "payments.csv", "import-csv", len(payment_rows), created=False)
    rate = len(payment_rows) / seconds
    name = f"the same {len(payment_rows):,} payments again (unchanged)"
    yield Row(group="import", name=name, p50=seconds, rate=rate, memory=memory, budget=Budget(per_second=10_000))

    for name in ("customers.xlsx", "payments.csv"):
        yield _exported(home / f"exported-{name}", "import-csv")


def _exported(file: Path, slug: str) -> Row:
    """One run of export_sheet: 100,000 rows as XLSX within a minute, in flat memory."""
    file.unlink(missing_ok=True)
    kind = file.stem.removeprefix("exported-")
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "carteira", "export_sheet", kind, str(file), "--account", slug, "--json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begun
    if process.returncode:
        raise Failed(f"export_sheet {kind}: status {process.returncode}: {said[-500:]}")
    rows = json.loads(said.strip().splitlines()[-1])["rows"]
    return Row(
        group="export",
        name=f"{rows:,} {kind}, {file.suffix[1:].upper()}",
        p50=seconds,
        rate=rows / seconds,
        memory=usage.ru_maxrss // 1024,
        budget=EXPORT,
    )


def _customers(count: int, today: date) -> Iterator[tuple[str, ...]]:
    for row in persons(count, today, seed=11):
        found = {name: row[at] for name, at in _AT.items()}
        document = people.format_document(found["document_kind"], found["document"]) if found["document"] else ""
        phone = people.format_phone(found["phone"], "BR")
        since = (today - timedelta(days=found["nth"] % 1000)).isoformat()
        yield (
            *(found["name"], found["code"], found["email"], document, phone),
            *(found["city"], found["state"], since),
        )


def _payments(count: int, today: date) -> Iterator[tuple[str, ...]]:
    random = Random(13)
    for nth in range(count + count // 5):
        day = today - timedelta(days=random.randint(0, 700))
        amount = f"{random.randint(50, 900)},{random.randint(0, 99):02d}"
        yield f"C{nth % count + 1:06d}", day.isoformat(), amount, ("pix", "boleto", "card")[nth % 3]


def _write(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows])
        return
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([header, *rows]):
            sheet.write_row(at, 0, row)


def _fresh(slug: str, now: datetime) -> Account:
    account = Account.objects.filter(slug=slug).first()
    if account is not None:
        forget(account)
        return account
    owner = User.objects.get(email="bench@example.com")
    return open_account(slug=slug, name=slug, owner=owner, country="BR", by=None, now=now)


def _command(kind: str, file: Path, slug: str, rows: int, *, created: bool = True) -> tuple[float, int]:
    """Seconds from start to end of the process, and its highest memory in MB."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "carteira", "import_sheet", kind, str(file), "--account", slug, "--json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begun
    if process.returncode:
        raise Failed(f"import_sheet {kind}: status {process.returncode}: {said[-500:]}")
    told = json.loads(said.strip().splitlines()[-1])
    if told["created" if created else "unchanged"] != rows:
        raise Failed(f"import_sheet {kind} says {told}, not {rows}")
    return seconds, usage.ru_maxrss // 1024


def _timed(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _customers_by_hand(account: Account, rows: list[tuple[str, ...]], now: datetime) -> None:
    with scope(account.pk), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE bench_in (nth serial, name text, code text, email text, document text, phone text,"
            " city text, state text, since date) ON COMMIT DROP"
        )
        with cursor.copy("COPY bench_in (name, code, email, document, phone, city, state, since) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            """INSERT INTO customers_customer (account_id, number, code, kind, name, email, document_kind, document,
                phone, city, state, registered_on, created_at, updated_at, name_sort, city_sort, search, counted_from)
            SELECT %(account)s, nth, code, 'person', name, email, 'cpf', document, phone, city, state, since, %(now)s,
                %(now)s, lower(name), lower(city), lower(concat_ws(E'\\n', name, email, document, phone, code)), since
            FROM bench_in""",
            {"account": account.pk, "now": now},
        )


def _payments_by_hand(account: Account, rows: list[tuple[str, ...]], now: datetime) -> None:
    with scope(account.pk), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE bench_in (nth serial, invoice_id uuid DEFAULT uuidv7(), code text, paid_on date,"
            " amount text, method text) ON COMMIT DROP"
        )
        with cursor.copy("COPY bench_in (code, paid_on, amount, method) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("ANALYZE bench_in")
        values = {"account": account.pk, "now": now}
        cursor.execute(
            """CREATE TEMPORARY TABLE bench_found ON COMMIT DROP AS
            SELECT b.nth, b.invoice_id, c.id AS customer_id, b.paid_on, replace(b.amount, ',', '')::bigint AS amount,
                b.method
            FROM bench_in b JOIN customers_customer c ON c.account_id = %(account)s AND c.code = b.code""",
            values,
        )
        cursor.execute(
            """INSERT INTO billing_invoice (account_id, id, customer_id, series, number, external_id, description,
                amount, issue_on, issued_at, issued_on, due_on, effective_due_on, cancel_reason, created_at,
                paid_amount, settled_on)
            SELECT %(account)s, invoice_id, customer_id, 'imported', nth::text, '', '', amount, paid_on, %(now)s,
                paid_on, paid_on, paid_on, '', %(now)s, amount, paid_on FROM bench_found""",
            values,
        )
        cursor.execute(
            """INSERT INTO billing_payment (account_id, customer_id, invoice_id, owed_again, amount, paid_on, method,
                source, external_id, note, recorded_at)
            SELECT %(account)s, customer_id, invoice_id, TRUE, amount, paid_on, method, 'sheet', '', '', %(now)s
            FROM bench_found""",
            values,
        )
