"""Canceling an invoice nobody paid, and making it valid again."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.billing import why
from carteira.billing.cancel import CannotCancel, cancel_invoice, restore_invoice
from carteira.billing.forms import CancelForm
from carteira.billing.models import Invoice
from carteira.core import dates
from carteira.core.ui.toast import toast


@require(Right.RECORD_PAYMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, id: UUID) -> HttpResponse:
    invoice = get_object_or_404(Invoice.objects.select_related("customer"), pk=id)
    if request.method != "POST":
        return _page(request, invoice, CancelForm(invoice=invoice))
    form = CancelForm(request.POST, invoice=invoice)
    if not form.is_valid():
        return _page(request, invoice, form, status=422)
    try:
        done = cancel_invoice(invoice, reason=form.cleaned_data["reason"], by=request.user, now=dates.now())
    except CannotCancel as error:
        form.add_error(None, str(error))
        return _page(request, invoice, form, status=422)
    undo = reverse("billing:restore_invoice", args=[done.pk])
    facts = {"title": why.title(done)}
    text = _("%(title)s deleted.") % facts if done.issued_on is None else _("%(title)s is canceled.") % facts
    toast(request, text, undo=undo)
    return redirect("customers:card", invoice.customer_id)


@require(Right.RECORD_PAYMENTS)
@require_POST
def restore(request: HttpRequest, id: UUID) -> HttpResponse:
    invoice = get_object_or_404(Invoice, pk=id)
    try:
        restored = restore_invoice(invoice, by=request.user, now=dates.now())
    except CannotCancel as error:
        toast(request, str(error), level="error")
    else:
        toast(request, _("%(title)s is valid again.") % {"title": why.title(restored)})
    return redirect("billing:invoice", invoice.pk)


def _page(request: HttpRequest, invoice: Invoice, form: CancelForm, status: int = 200) -> HttpResponse:
    context = {
        "invoice": invoice,
        "customer": invoice.customer,
        "title": why.title(invoice),
        "form": form,
        "paid": invoice.paid_amount > 0,
        "gone": invoice.canceled_on is not None or invoice.deleted_at is not None,
    }
    return render(request, "billing/screens/cancel.html", context, status=status)
