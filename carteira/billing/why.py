"""What an invoice or a payment says about itself, in sentences with dates."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from carteira.billing.models import Invoice, Payment
from carteira.billing.status import STATUS_NAMES, Status
from carteira.core.ui.formats import day as day_text
from carteira.core.ui.formats import money

_ONE_DAY = timedelta(days=1)


def title(invoice: Invoice) -> str:
    """Invoice 77; one that was never issued has no number."""
    return _("Invoice %(number)s") % {"number": invoice.number} if invoice.number else _("Scheduled invoice")


def status_label(invoice: Invoice, status: Status, refunded: int) -> str:
    """A full refund stays paid, marked refunded (product decision 5)."""
    if status is Status.PAID and refunded >= invoice.amount:
        return _("Paid, refunded")
    if status is Status.PAID and refunded > 0:
        return _("Paid, partly refunded")
    return str(STATUS_NAMES[status])


def why(invoice: Invoice, status: Status, *, paid: int, refunded: int, currency: str) -> str:
    """Why the invoice has its status. Amounts in minor units of `currency`."""
    days = {
        "due": day_text(invoice.due_on),
        "until": day_text(invoice.effective_due_on),
        "late": day_text(invoice.effective_due_on + _ONE_DAY),
        "issue": day_text(invoice.issue_on),
        "canceled": day_text(invoice.canceled_on) if invoice.canceled_on else "",
        "settled": day_text(invoice.settled_on) if invoice.settled_on else "",
        "reason": invoice.cancel_reason,
    }
    rolled = invoice.effective_due_on != invoice.due_on
    sentences = []
    if status is Status.DELETED:
        sentences.append(_("Deleted before it was issued."))
    elif status is Status.CANCELED:
        sentences.append(_("Canceled as of %(canceled)s: %(reason)s") % days)
    elif status is Status.SCHEDULED:
        sentences.append(_("It will be issued on %(issue)s and is due on %(due)s.") % days)
    elif status is Status.PAID and invoice.settled_on:
        sentences.append(_("Nothing is left to pay since %(settled)s.") % days)
    elif status is Status.OVERDUE and rolled:
        sentences.append(
            _("It was due on %(due)s, not a business day, and payable until %(until)s; overdue since %(late)s.") % days
        )
    elif status is Status.OVERDUE:
        sentences.append(_("It was due on %(due)s; overdue since %(late)s.") % days)
    elif rolled:
        sentences.append(_("%(due)s is not a business day: payable until %(until)s.") % days)
    else:
        sentences.append(_("Payable until %(until)s.") % days)
    if status in (Status.OVERDUE, Status.ISSUED) and paid > 0:
        amounts = {"paid": money(paid, currency), "amount": money(invoice.amount, currency)}
        sentences.append(_("%(paid)s of %(amount)s are paid.") % amounts)
    if refunded > 0:
        sentences.append(_("%(refunded)s were refunded.") % {"refunded": money(refunded, currency)})
    return " ".join(sentences)


def reversal_text(reversal: Payment, reversed: Payment) -> str:
    """What a reversing row takes back."""
    facts = {"day": day_text(reversed.paid_on)}
    if reversal.owed_again:
        return _("Takes back the payment of %(day)s") % facts
    return _("Refunds the payment of %(day)s") % facts


def offer(invoice: Invoice, today: date, currency: str) -> str:
    """An open invoice as a choice of the payment's form."""
    facts = {
        "title": title(invoice),
        "due": day_text(invoice.due_on),
        "left": money(invoice.balance, currency),
    }
    if invoice.issued_on is not None and invoice.effective_due_on < today:
        return _("%(title)s · overdue, due %(due)s · %(left)s left") % facts
    return _("%(title)s · due %(due)s · %(left)s left") % facts
