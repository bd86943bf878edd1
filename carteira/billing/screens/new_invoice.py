"""A one-off invoice (S2-21, S2-23): issued at once, or waiting for its issue day."""

from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.billing import why
from carteira.billing.forms import InvoiceForm
from carteira.billing.issue import CannotInvoice, invoice_once
from carteira.billing.screens.pay import on_card, to_card
from carteira.core import dates
from carteira.core.ui.formats import day as day_text
from carteira.core.ui.toast import toast
from carteira.customers.models import Customer


@require(Right.RECORD_PAYMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_invoice(request: HttpRequest, id: UUID) -> HttpResponse:
    now, account = dates.now(), request.account  # type: ignore[attr-defined]
    if request.method != "POST":
        return _page(request, id, InvoiceForm(account=account, now=now))
    form = InvoiceForm(request.POST, account=account, now=now)
    if not form.is_valid():
        return _page(request, id, form, status=422)
    try:
        invoice = invoice_once(Customer(pk=id, account=request.account), by=request.user, now=now, **form.cleaned_data)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except CannotInvoice as error:
        form.add_error(None, str(error))
        return _page(request, id, form, status=422)
    if invoice.created_at != now:
        toast(request, _("This invoice was made already; nothing was added."), level="info")
    elif invoice.issued_on is None:
        toast(request, _("The invoice will be issued on %(day)s.") % {"day": day_text(invoice.issue_on)})
    else:
        toast(request, _("%(title)s issued.") % {"title": why.title(invoice)})
    return to_card(request, id)


def _page(request: HttpRequest, id: UUID, form: InvoiceForm, status: int = 200) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=id)
    context = {"customer": customer, "form": form, "fragment": on_card(request)}
    name = "new_invoice_form" if request.htmx else "new_invoice"  # type: ignore[attr-defined]
    return render(request, f"billing/screens/{name}.html", context, status=status)
