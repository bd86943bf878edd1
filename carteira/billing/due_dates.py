"""When a calendar changes, open invoices get the effective due date the new one gives (product decision 6)."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from carteira.accounts import holidays
from carteira.accounts.holidays import calendar_of
from carteira.accounts.models import Account
from carteira.billing.models import Invoice
from carteira.billing.status import OPEN
from carteira.core import dates
from carteira.core.dates import Calendar
from carteira.core.events.follow import tell
from carteira.core.walls.scope import require_account_id
from carteira.customers import facts
from carteira.customers.models import Customer

BATCH = 1000


def wrong_days(account: Account) -> list[tuple[date, date, date]]:
    """(due day, effective day stored, effective day by the calendar) wherever open invoices differ from it."""
    calendar: Calendar = calendar_of(account)
    pairs = Invoice.objects.filter(OPEN).order_by().values_list("due_on", "effective_due_on").distinct()
    found = ((due, stored, dates.effective_due(due, calendar)) for due, stored in pairs)
    return sorted(row for row in found if row[1] != row[2])


def roll_some(account: Account, after: UUID | None = None) -> UUID | None:
    """Set right the open invoices of the next thousand customers or fewer; where to go on, None at the end.

    One short transaction a batch: whoever records a payment meanwhile waits for one of them at most. Holds the
    customers in the order of their ids, as everybody does (billing.hold). Safe to repeat.
    """
    wrong = wrong_days(account)
    if not wrong:
        return None
    with transaction.atomic():
        customers = _hold(_owing(wrong, after))
        if not customers:
            return None
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE billing_invoice i SET effective_due_on = w.new FROM {_values(wrong)}
                WHERE i.account_id = %(account)s AND i.customer_id = ANY(%(customers)s) AND {_IS_OPEN}
                    AND i.due_on = w.due AND i.effective_due_on = w.old""",
                {"account": require_account_id(), "customers": customers},
            )
        facts.refresh(customers)
        # Nothing happened to anybody that a history would tell, but who is delinquent may be another.
        tell(holidays.ADDED, customers, dates.now())
    return customers[-1]


_IS_OPEN = "i.settled_on IS NULL AND i.canceled_on IS NULL AND i.deleted_at IS NULL"


def _owing(wrong: Iterable[tuple[date, date, date]], after: UUID | None) -> list[UUID]:
    beyond = "" if after is None else "AND i.customer_id > %(after)s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT DISTINCT i.customer_id FROM billing_invoice i
            JOIN {_values(wrong)} ON i.due_on = w.due AND i.effective_due_on = w.old
            WHERE i.account_id = %(account)s AND {_IS_OPEN} {beyond} ORDER BY i.customer_id LIMIT {BATCH}""",
            {"account": require_account_id(), "after": after},
        )
        return [row[0] for row in cursor.fetchall()]


def _hold(ids: list[UUID]) -> list[UUID]:
    held = Customer.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return [key for (key,) in held.values_list("pk")]


def _values(wrong: Iterable[tuple[date, date, date]]) -> str:
    """A list of days for FROM. They are dates made by Python: their ISO text holds nothing to escape."""
    rows: Any = (
        f"(DATE '{due.isoformat()}', DATE '{old.isoformat()}', DATE '{new.isoformat()}')" for due, old, new in wrong
    )
    return f"(VALUES {', '.join(rows)}) AS w (due, old, new)"
