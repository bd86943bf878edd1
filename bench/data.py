"""The data everything is measured on: one large account beside 20 small ones, made set-based and kept.

As the owner of the tables: COPY into a temporary table, then INSERT … SELECT. What is cached is computed by the program
itself (customers.facts.refresh) as the role that serves.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models
from stdnum.br import cnpj

from carteira.accounts.models import Account, User
from carteira.accounts.open_account import open_account
from carteira.billing.models import Invoice, Payment
from carteira.core import people
from carteira.core.counters import Counter
from carteira.core.database.server import admin_connection
from carteira.core.database.urls import DATABASE_NAME
from carteira.core.events.models import Event
from carteira.core.walls import scope
from carteira.core.walls.models import account_key
from carteira.core.walls.roles import as_owner
from carteira.customers import demo_names as names
from carteira.customers import facts, search_entries
from carteira.customers.models import ArchivePeriod, Customer, SearchEntry, Span
from carteira.customers.register import search_text

# Raise it when what is made here changes; then the data is made anew.
VERSION = 1
KEPT_FOR = 7  # days: everything is dated from the day it was made
SMALL, SMALL_CUSTOMERS = 20, 300
INVOICES_EACH = 10
HEAVY = 500
"""Invoices of customer 1."""
EVENTS = 5_000
"""What its history tells, besides those of its payments."""

Say = Callable[[str], None]


def slug_of(customers: int) -> str:
    return f"bench-{customers}"


def ensure(home: Path, customers: int, now: datetime, say: Say) -> Account:
    """The account with so many customers, made unless it was made lately by this version."""
    state = _state(home)
    owner = User.objects.filter(email="bench@example.com").first() or User.objects.create_user("bench@example.com")
    for slug, count in [(f"small-{nth}", SMALL_CUSTOMERS) for nth in range(1, SMALL + 1)] + [
        (slug_of(customers), customers)
    ]:
        made = state.get(slug)
        if made and made["version"] == VERSION and (now.date() - date.fromisoformat(made["day"])).days < KEPT_FOR:
            continue
        begun = datetime.now(UTC)
        account = Account.objects.filter(slug=slug).first()
        if account is not None:
            forget(account)
        else:
            account = open_account(slug=slug, name=slug, owner=owner, country="BR", by=None, now=now)
        fill(account, count, now)
        state[slug] = {"version": VERSION, "day": now.date().isoformat()}
        if count > SMALL_CUSTOMERS:
            say(f"{slug} made in {(datetime.now(UTC) - begun).total_seconds():.0f} s")
        (home / "bench.json").write_text(json.dumps(state))
    account = Account.objects.get(slug=slug_of(customers))
    with as_owner(connection), scope(account.pk):
        _write_history(account, now)
    return account


def _state(home: Path) -> dict[str, dict[str, Any]]:
    file = home / "bench.json"
    return json.loads(file.read_text()) if file.exists() else {}


def forget(account: Account) -> None:
    """Take away what is in an account, as the database's administrator: nobody else may delete payments, and foreign
    keys need no checks when everything goes.
    """
    walled = [model for model in apps.get_models() if account_key(model)]
    with closing(admin_connection(database=DATABASE_NAME)) as admin:
        admin.execute("SET session_replication_role = replica")
        for model in walled:
            admin.execute(f"DELETE FROM {model._meta.db_table} WHERE account_id = %s", [account.pk])


def fill(account: Account, customers: int, now: datetime) -> None:
    today = account.today(now)
    with as_owner(connection):
        with scope(account.pk), connection.cursor() as cursor:
            cursor.execute(_STAGING)
            with cursor.copy("COPY bench_person FROM STDIN") as copy:
                for row in persons(customers, today):
                    copy.write_row(row)
            for sql in _statements(account.pk):
                cursor.execute(sql)
            cursor.execute("DROP TABLE bench_person")
        vacuum()
    with scope(account.pk):
        facts.refresh()
    if customers > SMALL_CUSTOMERS:
        with as_owner(connection):
            vacuum()


def _write_history(account: Account, now: datetime) -> None:
    """Customer 1 was edited again and again: written where it is missing, so that data made before have it too."""
    customer = Customer.objects.get(number=1)
    missing = EVENTS - Event.objects.filter(customer_id=customer.pk, kind="customer.edited").count()
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO core_event (account_id, kind, customer_id, at, what, personal)
            SELECT %s, 'customer.edited', %s, %s - make_interval(hours => n), '{"fields": ["city"]}',
                jsonb_build_object('old', jsonb_build_object('city', 'Cidade ' || n),
                    'new', jsonb_build_object('city', 'Cidade ' || n - 1))
            FROM generate_series(1, %s) n""",
            [account.pk, customer.pk, now, missing],
        )


def vacuum() -> None:
    """As autovacuum leaves tables some minutes later. Needs the owner's connection."""
    with connection.cursor() as cursor:
        for model in (Customer, SearchEntry, ArchivePeriod, Invoice, Payment, Event, Span):
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")


# -- people

_STAGING = """
CREATE TEMPORARY TABLE bench_person (
    nth integer, kind text, name text, code text, email text, document_kind text, document text, phone text, city text,
    state text, registered_on date, name_sort text, city_sort text, search text,
    invoices integer, last_paid_on date, step integer, amount bigint, archived_on date, late_every integer,
    open_due_on date)"""


def persons(count: int, today: date, seed: int = 7) -> Iterator[Sequence[Any]]:
    """Rows of bench_person. Of a hundred: 8 leads, 60 who paid in the last 60 days, 22 longer ago, 8 archived after
    having paid and 2 archived leads; 4 of a hundred payers owe something overdue, 5 something not yet due.

    Invoices are ten times the customers, exactly; customer 1 has 500.
    """
    random = Random(seed)
    kinds = random.choices(("lead", "active", "inactive", "churn", "lost"), (8, 60, 22, 8, 2), k=count)
    kinds[0] = "active"
    paying = [nth for nth, kind in enumerate(kinds) if kind in ("active", "inactive", "churn")]
    invoices = dict.fromkeys(paying, 0)
    for nth in paying:
        invoices[nth] = random.randint(1, 20)
    invoices[0] = HEAVY if count > SMALL_CUSTOMERS else 12
    missing = count * INVOICES_EACH - sum(invoices.values())
    while missing:
        nth = random.choice(paying[1:])
        step = 1 if missing > 0 else -1
        if 1 <= invoices[nth] + step <= 30:
            invoices[nth] += step
            missing -= step
    places = random.choices(names.PLACES, [place[3] for place in names.PLACES], k=count)
    for nth, kind in enumerate(kinds):
        yield _person(random, nth, kind, invoices.get(nth, 0), places[nth], today)


def _person(
    random: Random, nth: int, kind: str, invoices: int, place: tuple[str, str, str, int], today: date
) -> Sequence[Any]:
    company = random.random() < 0.12
    name = names.company(random) if company else names.person(random)
    city, state, area, _share = place
    step = 3 if invoices >= HEAVY else random.randint(26, 34)
    last = registered = archived = None
    if kind == "active":
        last = today - timedelta(days=random.randint(0, 59))
    elif kind in ("inactive", "churn"):
        last = today - timedelta(days=random.randint(130, 900))
    if last is not None:
        registered = last - timedelta(days=step * (invoices - 1) + 20 + random.randint(0, 10))
    else:
        registered = today - timedelta(days=random.randint(0, 1200))
    if kind == "churn":
        archived = last + timedelta(days=random.randint(30, 120)) if last else None
    elif kind == "lost":
        archived = min(registered + timedelta(days=random.randint(20, 200)), today)
    open_due = None
    if kind in ("active", "inactive") and random.random() < 0.09:
        open_due = today + timedelta(days=random.randint(1, 9) if random.random() < 0.55 else -random.randint(1, 90))
    base = f"{random.randrange(10**9):09d}"
    document_kind, document = "", ""
    if company:
        root = f"{random.randrange(10**8):08d}0001"
        document_kind, document = "cnpj", f"{root}{cnpj.calc_check_digits(root)}"
    elif random.random() < 0.9:
        document_kind, document = "cpf", base + cpf_check(base)
    key = people.name_sort(name)
    email = f"{'.'.join(key.replace('&', '').replace('.', '').split())}.{nth}@example.com"
    phone = f"+55{area}9{random.randint(6, 9)}{random.randrange(10**7):07d}"
    code = f"C{nth + 1:06d}"
    parts = SimpleNamespace(
        name=name, email=email, document=document, phone=phone, code=code, number=nth + 1, search_more=""
    )
    return (
        *(nth + 1, "company" if company else "person", name, code, email, document_kind, document, phone, city, state),
        *(registered, key, people.city_sort(city), search_text(parts), invoices, last, step),
        *(random.randint(50, 900) * 100, archived, random.choice((0, 0, 3, 9)), open_due),
    )


def cpf_check(base: str) -> str:
    """The two check digits of a CPF; python-stdnum only says whether they are right."""
    digits = [int(digit) for digit in base]
    for _again in range(2):
        weights = range(len(digits) + 1, 1, -1)
        rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) * 10 % 11
        digits.append(rest % 10)
    return f"{digits[-2]}{digits[-1]}"


# -- statements

_AS_STAGED = (
    *("kind", "name", "code", "email", "document_kind", "document", "phone", "city", "state", "registered_on"),
    *("name_sort", "city_sort", "search"),
)


def _insert(model: type[models.Model], columns: dict[str, str], rest: str) -> str:
    """INSERT … SELECT with the defaults of all columns not named, so that new columns need no change here."""
    for field in model._meta.local_fields:
        default = field.get_default() if field.has_default() else "" if field.empty_strings_allowed else None
        if field.column not in columns and not field.has_db_default() and not field.null and default is not None:
            columns[field.column] = "'" + str(default).replace("'", "''") + "'"
    values = ", ".join(columns.values())
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {values} {rest}"


def _statements(account_id: UUID) -> Iterator[str]:
    account = f"'{account_id}'::uuid"
    same = {name: f"p.{name}" for name in _AS_STAGED}
    yield _insert(
        Customer,
        {
            **same,
            "account_id": account,
            "number": "p.nth",
            "counted_from": "p.registered_on",
            "created_at": "p.registered_on + interval '12 hours'",
            "updated_at": "p.registered_on + interval '12 hours'",
        },
        "FROM bench_person p ORDER BY p.registered_on",
    )
    yield (
        f"INSERT INTO customers_searchentry (account_id, customer_id, {search_entries.listed()})"
        f" SELECT account_id, id, {search_entries.listed(of_customer=True)} FROM customers_customer"
        f" WHERE account_id = {account}"
    )
    yield "ALTER TABLE bench_person ADD COLUMN id uuid"
    yield (
        f"UPDATE bench_person p SET id = c.id FROM customers_customer c"
        f" WHERE c.account_id = {account} AND c.number = p.nth"
    )
    yield "ANALYZE bench_person"
    due = "CASE WHEN p.late_every > 0 AND s.nth % p.late_every = 0 THEN paid - 9 ELSE paid + 3 END"
    yield _insert(
        Invoice,
        {
            "account_id": account,
            "customer_id": "i.id",
            "series": "'own'",
            "number": "(row_number() OVER (ORDER BY i.due - 10))::text",
            "description": "'Mensalidade'",
            "amount": "i.amount",
            "issue_on": "least(i.due, i.paid) - 10",
            "issued_on": "least(i.due, i.paid) - 10",
            "issued_at": "least(i.due, i.paid) - 10 + interval '12 hours'",
            "created_at": "least(i.due, i.paid) - 10 + interval '12 hours'",
            "due_on": "i.due",
            "effective_due_on": "i.due",
            "paid_amount": "CASE WHEN i.open THEN 0 ELSE i.amount END",
            "settled_on": "CASE WHEN i.open THEN NULL ELSE i.paid END",
        },
        f"""FROM (
            SELECT p.id, p.amount, s.paid, {due} AS due, FALSE AS open
            FROM bench_person p CROSS JOIN LATERAL (
                SELECT g AS nth, p.last_paid_on - p.step * (p.invoices - g) AS paid FROM generate_series(1, p.invoices) g
            ) s
            UNION ALL
            SELECT p.id, p.amount, NULL, p.open_due_on, TRUE FROM bench_person p WHERE p.open_due_on IS NOT NULL
        ) i ORDER BY i.due - 10""",
    )
    yield _insert(
        Payment,
        {
            "account_id": account,
            "customer_id": "i.customer_id",
            "invoice_id": "i.id",
            "amount": "i.amount",
            "paid_on": "i.settled_on",
            "method": "CASE WHEN i.amount % 3 = 0 THEN 'pix' ELSE 'boleto' END",
            "recorded_at": "i.settled_on + interval '15 hours'",
        },
        f"FROM billing_invoice i WHERE i.account_id = {account} AND i.settled_on IS NOT NULL ORDER BY i.settled_on",
    )
    yield _insert(
        ArchivePeriod,
        {"account_id": account, "customer_id": "p.id", "from_on": "p.archived_on"},
        "FROM bench_person p WHERE p.archived_on IS NOT NULL",
    )
    yield _insert(
        Event,
        {
            "account_id": account,
            "kind": "e.kind",
            "customer_id": "e.customer_id",
            "subject_id": "e.subject_id",
            "at": "e.at",
            "what": "e.what",
            "personal": "'{}'::jsonb",
        },
        f"""FROM (
            SELECT 'customer.registered' AS kind, p.id AS customer_id, NULL::uuid AS subject_id,
                p.registered_on + interval '12 hours' AS at, jsonb_build_object('number', p.nth) AS what
            FROM bench_person p
            UNION ALL
            SELECT 'payment.received', customer_id, id, recorded_at,
                jsonb_build_object('amount', amount, 'paid_on', paid_on, 'method', method)
            FROM billing_payment WHERE account_id = {account}
        ) e ORDER BY e.at""",
    )
    yield (f"DELETE FROM core_counter WHERE account_id = {account} AND name IN ('customer', 'invoice')")
    yield _insert(Counter, {"account_id": account, "name": "'customer'", "value": "count(*)"}, "FROM bench_person")
    yield _insert(
        Counter,
        {"account_id": account, "name": "'invoice'", "value": "count(*)"},
        f"FROM billing_invoice WHERE account_id = {account}",
    )
