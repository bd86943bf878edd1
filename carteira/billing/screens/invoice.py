"""One invoice (S2-22): what is owed, what was paid on it, and what can be done about it."""

from typing import Any
from uuid import UUID

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.billing import queries
from carteira.billing.models import Invoice, Payment
from carteira.billing.screens.required import asked_for, may_complete, notice
from carteira.billing.screens.rows import invoice_row, payment_row
from carteira.billing.status import Status
from carteira.core import dates
from carteira.customers.lifecycle import view_of


@require(Right.SEE_MONEY)
@require_safe
def show_invoice(request: HttpRequest, id: UUID) -> HttpResponse:
    account = request.account  # type: ignore[attr-defined]
    view = view_of(account, now=dates.now())
    invoice: Any = get_object_or_404(
        Invoice.objects.select_related("customer").annotate(paid_then=F("paid_amount")), pk=id
    )
    entries = queries.payments_of(invoice)
    invoice.refunded = -sum(entry.amount for entry in entries if entry.reverses_id and not entry.owed_again)
    row = invoice_row(invoice, view, account.currency)
    may_record = request.membership.may(Right.RECORD_PAYMENTS)  # type: ignore[attr-defined]
    running = row.status not in (Status.CANCELED, Status.DELETED)
    payer, missing = asked_for(request, invoice.customer, invoice.method)
    open_still = running and row.balance > 0
    context = {
        "needs": notice(request, payer, invoice.method, missing) if open_still else "",
        "may_complete": may_complete(request),
        "payer": payer.name if payer.name != invoice.customer.name else "",
        "methods": [("", _("Not decided yet")), *Payment.Method.choices] if may_record and open_still else (),
        "invoice": invoice,
        "customer": invoice.customer,
        "view": view,
        "row": row,
        "rows": [payment_row(entry) for entry in entries],
        "may_record": may_record,
        "may_pay": may_record and row.balance > 0,
        "may_cancel": may_record and running and invoice.paid_amount == 0,
        "may_issue": may_record and row.status is Status.SCHEDULED,
        "may_restore": may_record and not running,
    }
    return render(request, "billing/screens/invoice.html", context)
