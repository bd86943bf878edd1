"""A one-off invoice (S2-21, S2-23): issued at once, or waiting for its issue day."""

from typing import Any
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
from carteira.billing.issue import CannotInvoice
from carteira.billing.models import Invoice
from carteira.billing.screens.pay import on_card, to_card
from carteira.billing.screens.required import asked_for, may_complete, notice, refusal
from carteira.billing.sell import sell
from carteira.billing.usual_invoice import NOTHING, usual_invoice
from carteira.core import dates
from carteira.core.ui.formats import day as day_text
from carteira.core.ui.toast import toast
from carteira.customers.models import Customer
from carteira.customers.screens.asked import text_of


@require(Right.RECORD_PAYMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_invoice(request: HttpRequest, id: UUID) -> HttpResponse:
    now, account = dates.now(), request.account  # type: ignore[attr-defined]
    customer = get_object_or_404(Customer.objects.select_related("account"), pk=id)
    usual = usual_invoice(customer, now) if request.method != "POST" else {}
    asked = request.POST if request.method == "POST" else request.GET
    chosen = text_of(asked, "method") if "method" in asked else usual.get("method", NOTHING).value
    payer, missing = asked_for(request, customer, chosen)
    options: dict[str, Any] = {"account": account, "now": now, "missing": missing if may_complete(request) else ()}
    if request.method != "POST":
        # Choosing a method asks again, with what was typed, for the data it needs.
        given = {name: text_of(request.GET, name) for name in _KEPT if name in request.GET}
        form = InvoiceForm(initial={name: term.value for name, term in usual.items()} | given, **options)
        for name, term in usual.items():
            if form.initial[name] == term.value:
                form.fields[name].help_text = term.said
        if given:
            form.fields["amount"].widget.attrs.pop("autofocus", None)
        return _page(request, customer, form, notice(request, payer, chosen, missing))
    form = InvoiceForm(request.POST, **options)
    if not form.is_valid():
        return _page(request, customer, form, notice(request, payer, chosen, missing), status=422)
    made: list[Invoice] = []
    sale = {"payer": payer, "data": form.data_found, "by": request.user, "now": now, **form.cleaned_data}
    try:
        refused = refusal(lambda: made.append(sell(Customer(pk=id, account=account), **sale)))
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except CannotInvoice as error:
        refused = str(error)
    if refused:
        form.add_error(None, refused)
        return _page(request, customer, form, notice(request, payer, chosen, missing), status=422)
    (invoice,) = made
    if invoice.created_at != now:
        toast(request, _("This invoice was made already; nothing was added."), level="info")
    elif invoice.issued_on is None:
        toast(request, _("The invoice will be issued on %(day)s.") % {"day": day_text(invoice.issue_on)})
    else:
        toast(request, _("%(title)s issued.") % {"title": why.title(invoice)})
    return to_card(request, id)


_KEPT = ("amount", "due_on", "issue_on", "description", "method", "key")


def _page(request: HttpRequest, customer: Customer, form: InvoiceForm, needs: str, status: int = 200) -> HttpResponse:
    context = {"customer": customer, "form": form, "fragment": on_card(request), "needs": needs}
    name = "new_invoice_form" if request.htmx else "new_invoice"  # type: ignore[attr-defined]
    return render(request, f"billing/screens/{name}.html", context, status=status)
