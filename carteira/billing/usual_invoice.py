"""What a new invoice of a customer usually looks like: proposed to whoever makes one, never decided for them."""

from datetime import datetime

from carteira.billing.models import Method
from carteira.core import dates
from carteira.customers.models import Customer
from carteira.customers.terms import DUE_DAY, METHOD, Term, usual_terms

NOTHING = Term("", "")


def usual_invoice(customer: Customer, now: datetime) -> dict[str, Term]:
    """Payment method and due date (the next such day, today included), as the form of an invoice names them."""
    terms, found = usual_terms(customer, now), {}
    if (method := terms.get(METHOD)) is not None and method.value in Method.values:
        found["method"] = method
    if (due := terms.get(DUE_DAY)) is not None:
        day = dates.next_day_of_month(int(due.value), customer.account.today(now))
        found["due_on"] = Term(day.isoformat(), due.said)
    return found
