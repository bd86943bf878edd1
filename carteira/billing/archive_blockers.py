"""Archiving waits for open money: every issued or scheduled invoice with something left to pay (S2-08, decision 4)."""

from django.utils.translation import gettext as _

from carteira.billing.models import Invoice
from carteira.billing.status import OPEN
from carteira.core.ui.formats import day, money
from carteira.customers.archive import Pending
from carteira.customers.models import Customer


def open_invoices(customer: Customer) -> list[Pending]:
    return [
        Pending(
            _("invoice %(number)s of %(amount)s due %(day)s")
            % {
                "number": invoice.number or "–",
                "amount": money(invoice.balance, customer.account.currency),
                "day": day(invoice.due_on),
            }
        )
        for invoice in Invoice.objects.filter(OPEN, customer=customer).order_by("due_on", "id")[:20]
    ]
