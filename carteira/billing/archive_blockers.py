"""Archiving waits for open money: every issued or scheduled invoice with something left to pay (S2-08, decision 4)."""

from django.utils.translation import gettext as _

from carteira.billing import queries
from carteira.core.ui.formats import day, money
from carteira.core.urls import account_url
from carteira.customers.archive import Pending
from carteira.customers.models import Customer

SHOWN = 20


def open_invoices(customer: Customer) -> list[Pending]:
    """Each with the page where it can be paid or canceled."""
    account = customer.account
    return [
        Pending(
            (
                _("invoice %(number)s of %(amount)s due %(day)s")
                if invoice.number
                else _("scheduled invoice of %(amount)s due %(day)s")
            )
            % {
                "number": invoice.number,
                "amount": money(invoice.balance, account.currency),
                "day": day(invoice.due_on),
            },
            url=account_url(account.slug, "billing:invoice", invoice.pk),
        )
        for invoice in queries.open_invoices(customer.pk, limit=SHOWN)
    ]
