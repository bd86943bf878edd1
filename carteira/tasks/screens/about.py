"""A customer's open tasks on its card."""

from typing import Any

from django.http import HttpRequest

from carteira.core import dates
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer
from carteira.tasks import queries
from carteira.tasks.screens.rows import shown, task_rows

SHOWN = 20


def context(request: HttpRequest, customer: Customer, view: View) -> dict[str, Any]:
    """What is to be done now, whatever day the card is looked at. One query."""
    tasks = queries.open_about(customer.pk, limit=SHOWN)
    today = request.account.today(dates.now())  # type: ignore[attr-defined]
    return shown(request, task_rows(request, tasks, today), "card")
