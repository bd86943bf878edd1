"""The real histories of tests/data: what the files say, computed once more in a few lines of its own."""

import csv
import json
from bisect import bisect_right
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command

DATA = Path(__file__).parent / "data"
CUSTOMERS, PAYMENTS = DATA / "cdnow_sample_customers.csv", DATA / "cdnow_sample_payments.csv"

pytestmark = pytest.mark.django_db(transaction=True)


def told(capsys, *arguments: str) -> dict:
    call_command(*arguments, "--json")
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def expected(day: date, days: int) -> dict[str, int]:
    """Read naively from the files: everybody registered by the day, by their last payment until it."""
    paid = defaultdict(list)
    with PAYMENTS.open() as file:
        for line in csv.DictReader(file):
            if Decimal(line["amount"]) > 0:
                paid[line["customer_id"]].append(date.fromisoformat(line["paid_on"]))
    counts = {"lead": 0, "active": 0, "inactive": 0}
    with CUSTOMERS.open() as file:
        for line in csv.DictReader(file):
            history = sorted(paid[line["customer_id"]])
            until = bisect_right(history, day)
            if min([date.fromisoformat(line["registered"]), *history]) > day:
                continue
            if until == 0:
                counts["lead"] += 1
            else:
                counts["active" if history[until - 1] >= day - timedelta(days) else "inactive"] += 1
    return counts


def test_the_real_files(cast, capsys):
    """S0-10 to S0-13, N2: 2,357 customers and 6,911 payments; counts on many days and windows; again: unchanged."""
    account = ("--account", "aurora")
    columns = ("--map", "customer_id=code", "--map", "registered=registered_on")
    first = told(capsys, "import_sheet", "customers", str(CUSTOMERS), *account, *columns)
    assert {name: first[name] for name in ("rows", "created", "updated", "unchanged", "failed")} == {
        "rows": 2357, "created": 2357, "updated": 0, "unchanged": 0, "failed": 0
    }  # fmt: skip
    payments = ("import_sheet", "payments", str(PAYMENTS), *account, "--map", "customer_id=code")
    second = told(capsys, *payments)
    assert (second["rows"], second["created"], second["failed"]) == (6919, 6911, 8)
    again = told(capsys, *payments)
    assert (again["created"], again["updated"], again["unchanged"], again["failed"]) == (0, 0, 6911, 8)

    def activity(day: date, days: int) -> dict:
        return told(capsys, "activity", *account, "--as-of", day.isoformat(), "--days", str(days))

    stated = activity(date(1997, 3, 31), 60)
    assert (stated["lead"], stated["active"], stated["inactive"]) == (8, 1799, 550)
    stated = activity(date(1997, 6, 30), 60)
    assert (stated["lead"], stated["active"], stated["inactive"]) == (8, 388, 1961)
    for day in (date(1997, 1, 1), date(1997, 1, 31), date(1997, 3, 2), date(1997, 9, 30), date(1998, 6, 30)):
        for days in (30, 60, 90):
            answer = activity(day, days)
            assert {name: answer[name] for name in ("lead", "active", "inactive")} == expected(day, days), (day, days)
            assert answer["all"] == sum(expected(day, days).values())
    call_command("verify", *account)
