"""What billing shows on a customer's card: the tab Payments (S2-20, S2-31), and on Main the figures and what is owed."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from carteira.accounts.roles import Right
from carteira.billing import queries
from carteira.billing.data_form import sentence
from carteira.billing.needs_data import lacking
from carteira.billing.screens.rows import invoice_row, payment_row
from carteira.core.ui.formats import day, money
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer
from carteira.customers.registries import Act, Attention, Figure, Summary

SHOWN = 20
# More debts than these are found among the invoices below them.
MOST_DEBTS = 100


def context(request: HttpRequest, customer: Customer, view: View) -> dict[str, Any]:
    """Four queries, however much there is. As of a past day only what had happened by then, and nothing to do."""
    currency = request.account.currency  # type: ignore[attr-defined]
    totals = queries.totals(customer.pk, view)
    debts = queries.debts(customer.pk, view, limit=MOST_DEBTS) if totals.debts else []
    invoices, older_invoices = queries.invoices(customer.pk, view, size=SHOWN)
    payments, older_payments = queries.payments(customer.pk, view, size=SHOWN)
    return {
        "totals": totals,
        "figures": figures(totals, currency),
        "debts": [invoice_row(invoice, view, currency) for invoice in debts],
        "invoices": [invoice_row(invoice, view, currency) for invoice in invoices],
        "payments": [payment_row(payment) for payment in payments],
        "older_invoices": older_invoices,
        "older_payments": older_payments,
        "may_record": _may_record(request, view),
    }


def summary(request: HttpRequest, customer: Customer, view: View) -> Summary:
    """On Main. One query."""
    currency = request.account.currency  # type: ignore[attr-defined]
    totals = queries.totals(customer.pk, view)
    found = []
    if view.live and totals.debts:
        text = ngettext(
            "%(count)s invoice is overdue: %(amount)s.", "%(count)s invoices are overdue: %(amount)s.", totals.debts
        )
        acts = [Act(_("See debts"), reverse("customers:card_tab", args=[customer.pk, "payments"]))]
        if _may_record(request, view):
            acts.insert(0, Act(_("Record payment"), reverse("billing:record", args=[customer.pk])))
        found.append(
            Attention(text % {"count": totals.debts, "amount": money(totals.overdue, currency)}, acts, tone="bad")
        )
    return Summary(figures(totals, currency), found)


def needs_data(request: HttpRequest, customer: Customer, view: View) -> Summary:
    """On Main: what the method of an open invoice misses, with the page that asks for just that (S2-16 to S2-18)."""
    if not view.live:
        return Summary()
    country = request.account.country  # type: ignore[attr-defined]
    may = request.membership.may(Right.EDIT_CUSTOMERS)  # type: ignore[attr-defined]
    return Summary(
        attention=[
            Attention(
                sentence(one.payer, one.method, one.missing, country),
                [Act(_("Complete the data"), reverse("billing:complete_data", args=[one.invoice]))] if may else [],
            )
            for one in lacking(customer, country)
        ]
    )


def figures(totals: queries.Totals, currency: str) -> list[Figure]:
    last = _("last on %(day)s") % {"day": day(totals.paid_last_on)} if totals.paid_last_on else ""
    due = _("due on %(day)s") % {"day": day(totals.next_on)} if totals.next_on else ""
    return [
        Figure(_("Paid in all"), money(totals.paid, currency), note=last),
        Figure(pgettext("amount", "Open"), money(totals.open, currency)),
        Figure(pgettext("amount", "Overdue"), money(totals.overdue, currency), "bad" if totals.overdue else ""),
        Figure(_("Next"), money(totals.next_amount, currency) if totals.next_on else "–", note=due),
    ]


def _may_record(request: HttpRequest, view: View) -> bool:
    return view.live and request.membership.may(Right.RECORD_PAYMENTS)  # type: ignore[attr-defined]
