"""Measuring writes through HTTP, one client, one after the other; beside the bare statements of one such write."""

import itertools
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from bench.cases import Budget, Known
from bench.data import cpf_check
from bench.measure import side_by_side
from bench.pages import Stage
from bench.report import Row
from carteira.billing.forms import NEW
from carteira.core import dates
from carteira.core.form_keys import new_key
from carteira.core.urls import account_url
from carteira.core.walls import scope

WRITE = Budget(per_second=200)
WARM = 20


def measure_writes(known: Known, stage: Stage, samples: int) -> Iterator[Row]:
    yield _create(known, stage, samples)
    yield record_a_payment(known, stage, samples)


def _create(known: Known, stage: Stage, samples: int) -> Row:
    path = account_url(known.account.slug, "customers:new")
    stage.browser.open_form(path)
    numbers = itertools.count(int(time.time() * 1000) % 10**8)

    def http() -> None:
        nth = next(numbers)
        base = f"{nth:09d}"
        stage.browser.post(
            path,
            {
                "name": f"Maria Cadastrada de Souza {nth}",
                "kind": "person",
                "document": base + cpf_check(base),
                "email": f"maria.{nth}@example.org",
                "phone": f"(19) 9{nth % 10**8:08d}"[:15] if nth % 10**8 >= 6 * 10**7 else "",
                "city": "Campinas",
                "state": "SP",
                "code": f"N{nth}",
                "registered_on": known.today.isoformat(),
            },
        )

    def hand() -> float:
        begun = time.perf_counter()
        _create_by_hand(known, next(numbers), dates.now())
        return time.perf_counter() - begun

    return _written("create a customer", {"http": http, "hand": hand}, samples, stage)


def _create_by_hand(known: Known, nth: int, now: datetime) -> None:
    with scope(known.account.pk), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_counter SET value = value + 1 WHERE account_id = %s AND name = 'customer' RETURNING value",
            [known.account.pk],
        )
        number = cursor.fetchone()[0]
        cursor.execute(
            """INSERT INTO customers_customer (account_id, number, code, kind, name, email, document_kind, document,
                phone, city, state, registered_on, created_at, updated_at, name_sort, city_sort, search, counted_from)
            VALUES (%(account)s, %(number)s, '', 'person', %(name)s, %(email)s, '', '', '', 'Campinas', 'SP', %(day)s,
                %(now)s, %(now)s, %(name)s, 'campinas', %(name)s, %(day)s) RETURNING id""",
            {
                "account": known.account.pk,
                "number": number,
                "name": f"maria por extenso {nth}",
                "email": f"maria.{nth}@example.net",
                "day": known.today,
                "now": now,
            },
        )
        customer_id = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO customers_searchentry (account_id, customer_id, name_sort, text, email) VALUES (%s, %s, %s, %s, %s)",
            [known.account.pk, customer_id, *[f"maria por extenso {nth}"] * 2, f"maria.{nth}@example.net"],
        )
        _event(cursor, known, customer_id, "customer.registered", now)


def _event(cursor: Any, known: Known, customer_id: Any, kind: str, now: datetime) -> None:
    cursor.execute(
        "INSERT INTO core_event (account_id, kind, customer_id, at, what, personal)"
        " VALUES (%s, %s, %s, %s, '{}', '{}')",
        [known.account.pk, kind, customer_id, now],
    )


def record_a_payment(known: Known, stage: Stage, samples: int, name: str = "record a payment") -> Row:
    """For customers with ordinary histories, each once."""
    found = known.ask(
        "SELECT id FROM customers_customer WHERE account_id = %(account)s AND archived_on IS NULL"
        " AND last_paid_on IS NOT NULL AND number > 10 ORDER BY number LIMIT %(many)s",
        many=2 * (samples + WARM) + 10,
    )
    ids = itertools.cycle([row[0] for row in found])
    stage.browser.open_form(account_url(known.account.slug, "billing:record", next(ids)))

    def http() -> None:
        path = account_url(known.account.slug, "billing:record", next(ids))
        stage.browser.post(
            path,
            {
                "key": str(new_key(dates.now())),
                "invoice": NEW,
                "amount": "150,00",
                "paid_on": known.today.isoformat(),
                "method": "pix",
                "note": "",
            },
        )

    def hand() -> float:
        begun = time.perf_counter()
        _pay_by_hand(known, next(ids), dates.now())
        return time.perf_counter() - begun

    return _written(name, {"http": http, "hand": hand}, samples, stage)


def _pay_by_hand(known: Known, customer_id: Any, now: datetime) -> None:
    with scope(known.account.pk), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_counter SET value = value + 1 WHERE account_id = %s AND name = 'invoice' RETURNING value",
            [known.account.pk],
        )
        values = {
            "account": known.account.pk,
            "customer": customer_id,
            "number": str(cursor.fetchone()[0]),
            "day": known.today,
            "now": now,
        }
        cursor.execute(
            """INSERT INTO billing_invoice (account_id, customer_id, series, number, external_id, description, amount,
                issue_on, issued_at, issued_on, due_on, effective_due_on, cancel_reason, created_at, paid_amount,
                settled_on)
            VALUES (%(account)s, %(customer)s, 'own', %(number)s, '', '', 15000, %(day)s, %(now)s, %(day)s, %(day)s,
                %(day)s, '', %(now)s, 15000, %(day)s) RETURNING id""",
            values,
        )
        values["invoice"] = cursor.fetchone()[0]
        cursor.execute(
            """INSERT INTO billing_payment (account_id, customer_id, invoice_id, owed_again, amount, paid_on, method,
                source, external_id, note, recorded_at)
            VALUES (%(account)s, %(customer)s, %(invoice)s, TRUE, 15000, %(day)s, 'pix', 'hand', '', '', %(now)s)""",
            values,
        )
        cursor.execute(
            "UPDATE customers_customer SET last_paid_on = %(day)s WHERE account_id = %(account)s AND id = %(customer)s",
            values,
        )
        _event(cursor, known, customer_id, "payment.received", now)


def _written(name: str, works: dict[str, Any], samples: int, stage: Stage) -> Row:
    assert not connection.in_atomic_block
    transaction.set_autocommit(True)
    side_by_side(works, WARM)
    times = side_by_side(works, samples, {"http": stage.meter})
    return Row(
        group="write",
        name=name,
        p50=times["http"].p50,
        p95=times["http"].p95,
        hand=times["hand"].p50,
        rate=len(times["http"].samples) / sum(times["http"].samples),
        cpu=times["http"].cpu,
        budget=WRITE,
    )
