"""An invoice as PDF: what is written on it, in the account's language, money and dates in its format."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from PIL import Image

from carteira.accounts.models import Account
from carteira.billing import queries, why
from carteira.billing.letterhead import letterhead_of
from carteira.billing.models import Invoice, Letterhead
from carteira.billing.required_data import Payer, payer_of
from carteira.billing.status import Status, status_of
from carteira.core import people
from carteira.core.pdf import make_pdf
from carteira.core.pdf.make import soft
from carteira.core.ui.formats import day, money, place
from carteira.customers.models import Customer

TEMPLATE = Path(__file__).parent / "documents" / "invoice.typ"
# Letter is what printers hold there; everybody else has A4.
_LETTER = {"US", "CA", "MX", "CO", "CL", "VE", "CR", "GT", "PA", "DO", "SV", "HN", "NI", "PR", "PH"}
MOST_PAYMENTS = 200


def print_invoice(invoice: Invoice, *, now: datetime, whole: bool = True) -> tuple[bytes, str]:
    """The PDF and its file name. `whole`: as for `content`. Raises core.pdf.CannotPrint."""
    account, head = invoice.account, letterhead_of()
    logo = _logo(head)
    with _as_the_business(account):
        data = content(invoice, head, now=now, whole=whole) | {"logo": None, "logo_wide": logo is not None and logo[1]}
        name = _file_name(invoice)
        pictures = {"logo": logo[0]} if logo is not None else None
        return make_pdf(TEMPLATE, data, pictures=pictures, at=now), name


def content(invoice: Invoice, head: Letterhead, *, now: datetime, whole: bool = True) -> dict[str, Any]:
    """Everything on the page, as text. `whole`: with the payer's whole document, else with the card's holes."""
    account = invoice.account
    today, currency = account.today(now), account.currency
    entries = queries.payments_of(invoice)[:MOST_PAYMENTS]
    refunded = -sum(entry.amount for entry in entries if entry.reverses_id and not entry.owed_again)
    status, payer = status_of(invoice, today), payer_of(invoice.customer)
    gone = status in (Status.CANCELED, Status.DELETED)
    totals = [[_("Total"), money(invoice.amount, currency), False]]
    if invoice.paid_amount:
        totals.append([_("Paid so far"), money(invoice.paid_amount, currency), False])
    totals.append([_("Left to pay"), money(0 if gone else invoice.balance, currency), True])
    facts = [(_("Issue date"), day(invoice.issue_on)), (_("Due on"), day(invoice.due_on))]
    if invoice.effective_due_on != invoice.due_on:
        facts.append((_("Payable until"), day(invoice.effective_due_on)))
    if invoice.method and invoice.balance and not gone:
        facts.append((_("To be paid by"), str(invoice.get_method_display())))
    return {
        "title": why.title(invoice),
        "paper": "us-letter" if account.country in _LETTER else "a4",
        "lang": account.language.partition("-")[0],
        "region": account.country,
        "status": _status(invoice, status, refunded),
        "bad": status in (Status.OVERDUE, Status.CANCELED, Status.DELETED),
        "business": {"name": soft(head.legal_name or account.name), "lines": _business_lines(account, head)},
        "to": {
            "label": _("Bill to"),
            "name": soft(payer.name),
            "lines": _customer_lines(invoice.customer, payer, whole),
        },
        "facts": facts,
        "heads": [_("Description"), _("Amount")],
        "items": [[soft(invoice.description or _("Services")), money(invoice.amount, currency)]],
        "totals": totals,
        "payments_label": _("Payments"),
        "payments": [[day(entry.paid_on), _payment(entry), money(entry.amount, currency)] for entry in entries],
        "note": [soft(line) for line in head.note.splitlines() if line.strip()] if not gone else [],
        "foot": soft(_("%(business)s · printed on %(day)s") % {"business": account.name, "day": day(today)}),
    }


@contextmanager
def _as_the_business(account: Account) -> Iterator[None]:
    """The reader is the business's customer: its language and country, not those of whoever clicks."""
    with translation.override(account.language), place(country=account.country, time_zone=account.time_zone):
        yield


def _status(invoice: Invoice, status: Status, refunded: int) -> str:
    label = why.status_label(invoice, status, refunded)
    if status is Status.CANCELED and invoice.canceled_on:
        return _("%(status)s as of %(day)s") % {"status": label, "day": day(invoice.canceled_on)}
    if status is Status.PAID and invoice.settled_on:
        return _("%(status)s on %(day)s") % {"status": label, "day": day(invoice.settled_on)}
    return label


def _business_lines(account: Account, head: Letterhead) -> list[str]:
    lines = [account.name] if head.legal_name and head.legal_name != account.name else []
    if head.document:
        lines.append(_document(head.document_kind, head.document))
    lines += [line.strip() for line in head.address.splitlines() if line.strip()]
    reached = [head.email, people.format_phone(head.phone, account.country) if head.phone else ""]
    lines.append(" · ".join(filter(None, reached)))
    return [soft(line) for line in lines if line]


def _customer_lines(customer: Customer, payer: Payer, whole: bool) -> list[str]:
    """Document and address of whoever pays; for whom, where that is somebody else."""
    by, at = payer.contact or payer.customer, payer.customer
    lines = [_document(by.document_kind, by.document, whole=whole)] if by.document else []
    street = ", ".join(filter(None, [at.street, at.street_number]))
    lines.append(" · ".join(filter(None, [street, at.complement, at.district])))
    code = people.format_cep(at.postal_code) if at.postal_code and customer.account.country == "BR" else at.postal_code
    lines.append(" · ".join(filter(None, [code, at.city, at.state])))
    lines.append(by.email)
    if payer.name != customer.name:
        lines.append(_("For: %(name)s") % {"name": customer.name})
    return [soft(line) for line in lines if line]


def _document(kind: str, value: str, *, whole: bool = True) -> str:
    written = people.format_document if whole else people.mask_document
    return f"{people.document_label(kind)} {written(kind, value)}"


def _payment(entry: Any) -> str:
    method = str(entry.get_method_display())
    return f"{method} · {why.reversal_text(entry, entry.reverses)}" if entry.reverses is not None else method


def _logo(head: Letterhead) -> tuple[bytes, bool] | None:
    """Its bytes, and whether it is so wide that the width bounds it. None also where the bytes are gone."""
    if head.logo is None:
        return None
    try:
        data = head.logo.path.read_bytes()
    except FileNotFoundError:
        return None
    with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
        return data, image.width * 16 > image.height * 60


def _file_name(invoice: Invoice) -> str:
    if not invoice.number:
        return _("invoice") + f"-{invoice.due_on.isoformat()}.pdf"
    number = "".join(char if char.isalnum() else "-" for char in invoice.number)
    return _("invoice") + f"-{number}.pdf"
