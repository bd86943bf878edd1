"""Examples of the room's jobs, for tests/test_every_job.py."""

from datetime import date
from typing import Any

from carteira.accounts.models import Holiday
from carteira.billing.issue import invoice_once
from carteira.core.walls import scope
from carteira.customers.register import register
from conftest import NOW


def roll_due_dates(account: Any) -> dict[str, Any]:
    wednesday = date(2027, 3, 10)
    with scope(account.pk):
        for name in ("Maria Silva", "José Souza"):
            customer = register(account, by=None, now=NOW, name=name)
            invoice_once(customer, amount=10_000, due_on=wednesday, by=None, now=NOW)
        Holiday.objects.create(on=wednesday, name="Aniversário")
    return {}


EXAMPLES = {"billing.jobs.roll_due_dates": roll_due_dates}
