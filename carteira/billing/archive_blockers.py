"""Archiving waits for open money: every issued or scheduled invoice with something left to pay (S2-08, decision 4).

Each comes with the acts that settle it on the spot: paid in full today, canceled for a reason, or, when it was only
scheduled, deleted.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.billing import queries, why
from carteira.billing.cancel import CannotCancel, cancel_invoice
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import CannotPay, record_payment
from carteira.core.ui.formats import day, money
from carteira.core.urls import account_url
from carteira.customers.archive_checklist import Act, CannotResolve, Pending, Resolved
from carteira.customers.models import Customer

SHOWN = 20


def open_invoices(customer: Customer) -> list[Pending]:
    """Each with the page where it can be looked at, and what settles it."""
    account = customer.account
    return [
        Pending(
            _words(invoice, account),
            url=account_url(account.slug, "billing:invoice", invoice.pk),
            key=str(invoice.pk),
            acts=_acts(customer, invoice),
            right=Right.SEE_MONEY,
            brief=_brief(invoice),
        )
        for invoice in queries.open_invoices(customer.pk, limit=SHOWN)
    ]


def _acts(customer: Customer, invoice: Invoice) -> tuple[Act, ...]:
    """Nobody can cancel what was partly paid: that is left to the invoice's own page."""
    paid = Act("pay", _("Paid today"), partial(_pay, customer, invoice), Right.RECORD_PAYMENTS, icon="cash")
    if invoice.paid_amount > 0:
        return (paid,)
    if invoice.issued_on is None:
        delete = Act("delete", _("Delete invoice"), partial(_cancel, invoice), Right.RECORD_PAYMENTS, icon="trash")
        return paid, delete
    cancel = Act(
        "cancel",
        _("Cancel invoice"),
        partial(_cancel, invoice),
        Right.RECORD_PAYMENTS,
        icon="ban",
        asks=_("Why is it canceled?"),
    )
    return paid, cancel


def _pay(customer: Customer, invoice: Invoice, *, words: str, by: Any, now: datetime) -> Resolved:
    """What is left of it, paid on the account's today the way this customer paid the last time."""
    usual = Payment.Method.PIX if customer.account.country == "BR" else Payment.Method.CASH
    try:
        payment = record_payment(
            customer,
            amount=invoice.balance,
            paid_on=customer.account.today(now),
            method=queries.last_method(customer.pk) or usual,
            invoice=invoice,
            note=words,
            by=by,
            now=now,
        )
    except CannotPay as error:
        raise CannotResolve(str(error)) from error
    text = _("Payment of %(amount)s by %(method)s recorded.") % {
        "amount": money(payment.amount, customer.account.currency),
        "method": payment.get_method_display(),
    }
    return Resolved(text, undo=reverse("billing:undo_payment", args=[payment.pk]))


def _cancel(invoice: Invoice, *, words: str, by: Any, now: datetime) -> Resolved:
    try:
        done = cancel_invoice(invoice, reason=words, by=by, now=now)
    except CannotCancel as error:
        raise CannotResolve(str(error)) from error
    told = {"title": why.title(done)}
    text = _("%(title)s deleted.") % told if done.issued_on is None else _("%(title)s is canceled.") % told
    return Resolved(text, undo=reverse("billing:restore_invoice", args=[done.pk]))


def open_invoices_of_many(customers: Sequence[UUID]) -> dict[UUID, list[Pending]]:
    """The same in words alone, of those among many who have any. One query for the invoices, one for the business."""
    found: dict[UUID, list[Pending]] = {}
    invoices = queries.open_invoices_of_many(customers, each=SHOWN)
    account = Account.objects.get(pk=invoices[0].account_id) if invoices else None
    for invoice in invoices:
        item = Pending(_words(invoice, account), right=Right.SEE_MONEY, brief=_brief(invoice))
        found.setdefault(invoice.customer_id, []).append(item)
    return found


def _words(invoice: Invoice, account: Any) -> str:
    text = (
        _("invoice %(number)s of %(amount)s due %(day)s")
        if invoice.number
        else _("scheduled invoice of %(amount)s due %(day)s")
    )
    return text % {
        "number": invoice.number,
        "amount": money(invoice.balance, account.currency),
        "day": day(invoice.due_on),
    }


def _brief(invoice: Invoice) -> str:
    """Without number, amount and day."""
    return _("an open invoice") if invoice.number else _("a scheduled invoice")
