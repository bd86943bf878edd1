"""What the routes of billing answer to whom; read by tests/test_urls.py."""

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.billing.cancel import cancel_invoice
from carteira.billing.issue import invoice_once
from carteira.billing.letterhead import change_logo
from carteira.billing.models import Invoice
from carteira.billing.pay import record_payment
from carteira.billing.sell import choose_method
from carteira.customers.models import Customer
from carteira.customers.register import register
from tests.urls_table import Row

# Long ago: no clock of a machine that runs this is behind it.
DAY = date(2024, 1, 15)
OPTIONS: dict[str, Any] = {"by": None, "now": datetime(2024, 1, 15, 15, tzinfo=UTC)}


def customer(account: Account) -> dict[str, Any]:
    return {"id": register(account, name="Maria Silva", registered_on=DAY, **OPTIONS).pk}


def billed(account: Account) -> Invoice:
    newest = Customer.objects.order_by("-pk").first() or Customer.objects.get(pk=customer(account)["id"])
    return invoice_once(newest, amount=15_000, due_on=DAY, **OPTIONS)


def invoice(account: Account) -> dict[str, Any]:
    return {"id": billed(account).pk}


def canceled(account: Account) -> dict[str, Any]:
    return {"id": cancel_invoice(billed(account), reason="x", **OPTIONS).pk}


def payment(account: Account) -> dict[str, Any]:
    paid = billed(account)
    return {"id": record_payment(paid.customer, amount=15_000, paid_on=DAY, method="pix", invoice=paid, **OPTIONS).pk}


def payment_form(account: Account) -> dict[str, Any]:
    """For the customer just made."""
    return {
        "key": str(uuid4()),
        "invoice": billed(account).pk,
        "amount": "150,00",
        "paid_on": DAY.isoformat(),
        "method": "pix",
    }


def scheduled(account: Account) -> dict[str, Any]:
    newest = Customer.objects.order_by("-pk").first() or Customer.objects.get(pk=customer(account)["id"])
    later = invoice_once(newest, amount=15_000, due_on=date(2999, 1, 15), issue_on=date(2999, 1, 1), **OPTIONS)
    return {"id": later.pk}


def split_form(account: Account) -> dict[str, Any]:
    """For the customer just made."""
    return {
        "key": str(uuid4()),
        "amount": "150,00",
        f"part_{billed(account).pk.hex}": "150,00",
        "paid_on": DAY.isoformat(),
        "method": "pix",
    }


def invoice_form(account: Account) -> dict[str, Any]:
    return {"key": str(uuid4()), "amount": "150,00", "due_on": DAY.isoformat(), "issue_on": DAY.isoformat()}


def reversal_form(account: Account) -> dict[str, Any]:
    return {"key": str(uuid4()), "kind": "refund", "amount": "10,00", "on": DAY.isoformat()}


def reason(account: Account) -> dict[str, Any]:
    return {"reason": "Desistiu"}


def with_logo(account: Account) -> dict[str, Any]:
    change_logo(account, [logo_bytes()], name="logo.png", **OPTIONS)
    return {}


def by_boleto(account: Account) -> dict[str, Any]:
    return {"id": choose_method(billed(account), method="boleto", **OPTIONS).pk}


def data_form(account: Account) -> dict[str, Any]:
    return {"data_document": "529.982.247-25"}


def method_form(account: Account) -> dict[str, Any]:
    return {"method": "card"}


def logo_bytes() -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue()


def logo_form(account: Account) -> dict[str, Any]:
    return {"logo": SimpleUploadedFile("logo.png", logo_bytes())}


ROWS = [
    Row("billing:complete_data", Right.EDIT_CUSTOMERS, post=302, kwargs=by_boleto, body=data_form),
    Row("billing:choose_method", Right.RECORD_PAYMENTS, get=405, post=302, kwargs=invoice, body=method_form),
    Row("billing:pdf", Right.SEE_MONEY, kwargs=invoice),
    Row("billing:letterhead", Right.EDIT_ACCOUNT, post=302),
    Row("billing:logo", Right.SEE_MONEY, kwargs=with_logo),
    Row("billing:upload_logo", Right.EDIT_ACCOUNT, get=405, post=302, body=logo_form),
    Row("billing:remove_logo", Right.EDIT_ACCOUNT, get=405, post=302),
    Row("billing:all_invoices", Right.SEE_MONEY),
    Row("billing:record", Right.RECORD_PAYMENTS, post=302, htmx={"POST": 200}, kwargs=customer, body=payment_form),
    Row("billing:split", Right.RECORD_PAYMENTS, post=302, htmx={"POST": 200}, kwargs=customer, body=split_form),
    Row("billing:issue_now", Right.RECORD_PAYMENTS, get=405, post=302, kwargs=scheduled),
    Row("billing:undo_split", Right.RECORD_PAYMENTS, get=405, post=302, kwargs=payment),
    Row("billing:new_invoice", Right.RECORD_PAYMENTS, post=302, htmx={"POST": 200}, kwargs=customer, body=invoice_form),
    Row("billing:invoices", Right.SEE_MONEY, kwargs=customer),
    Row("billing:payments", Right.SEE_MONEY, kwargs=customer),
    Row("billing:invoice", Right.SEE_MONEY, kwargs=invoice),
    Row("billing:cancel_invoice", Right.RECORD_PAYMENTS, post=302, kwargs=invoice, body=reason),
    Row("billing:restore_invoice", Right.RECORD_PAYMENTS, get=405, post=302, kwargs=canceled),
    Row("billing:reverse_payment", Right.RECORD_PAYMENTS, post=302, kwargs=payment, body=reversal_form),
    Row("billing:undo_payment", Right.RECORD_PAYMENTS, get=405, post=302, kwargs=payment),
]
