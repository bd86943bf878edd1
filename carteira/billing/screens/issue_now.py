"""Issuing a scheduled invoice before its day."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.billing import why
from carteira.billing.issue import CannotInvoice
from carteira.billing.issue_now import issue_now
from carteira.billing.models import Invoice
from carteira.core import dates
from carteira.core.ui.toast import toast


@require(Right.RECORD_PAYMENTS)
@require_POST
def issue(request: HttpRequest, id: UUID) -> HttpResponse:
    invoice = get_object_or_404(Invoice, pk=id)
    try:
        issued = issue_now(invoice, by=request.user, now=dates.now())
    except CannotInvoice as error:
        toast(request, str(error), level="error")
    else:
        toast(request, _("%(title)s issued.") % {"title": why.title(issued)})
    return redirect("billing:invoice", invoice.pk)
