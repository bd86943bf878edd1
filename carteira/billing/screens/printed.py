"""An invoice as PDF, to be printed or sent."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.billing.models import Invoice
from carteira.billing.print_invoice import print_invoice
from carteira.core import dates
from carteira.core.pdf import CannotPrint
from carteira.core.ui.toast import toast


@require(Right.SEE_MONEY)
@require_safe
def pdf(request: HttpRequest, id: UUID) -> HttpResponse:
    invoice = get_object_or_404(Invoice.objects.select_related("customer"), pk=id)
    invoice.account = request.account  # type: ignore[attr-defined]
    # Whoever sees the customer's document with holes on the card does not read it whole on paper.
    whole = request.membership.may(Right.EDIT_CUSTOMERS)  # type: ignore[attr-defined]
    try:
        document, name = print_invoice(invoice, now=dates.now(), whole=whole)
    except CannotPrint as error:
        toast(request, str(error), level="error")
        return redirect("billing:invoice", invoice.pk)
    headers = {
        "Content-Disposition": content_disposition_header(False, name) or "inline",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(document, content_type="application/pdf", headers=headers)
