"""The data a payment method asks for: asked where a method is chosen, or alone on a page."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.billing import why
from carteira.billing.data_form import DataForm, sentence
from carteira.billing.issue import CannotInvoice
from carteira.billing.models import Invoice, Payment
from carteira.billing.required_data import Payer, complete, payer_of
from carteira.billing.sell import choose_method
from carteira.core import dates
from carteira.core.ui.toast import toast
from carteira.customers.edit import CannotEdit
from carteira.customers.models import Customer
from carteira.customers.parts import CannotKeep
from carteira.customers.screens.asked import text_of


def may_complete(request: HttpRequest) -> bool:
    """Only whoever may edit customers is asked; others see what is missing."""
    return bool(request.membership.may(Right.EDIT_CUSTOMERS))  # type: ignore[attr-defined]


def asked_for(request: HttpRequest, customer: Customer, method: str) -> tuple[Payer, list[str]]:
    """Who pays, and what this method misses of them."""
    payer = payer_of(customer)
    if method not in Payment.Method.values:
        return payer, []
    return payer, payer.missing(method, request.account.country)  # type: ignore[attr-defined]


def notice(request: HttpRequest, payer: Payer, method: str, missing: list[str]) -> str:
    return sentence(payer, method, missing, request.account.country) if missing else ""  # type: ignore[attr-defined]


def refusal(write: Callable[[], Any]) -> str:
    """Why customers' verbs did not take the data, as a sentence; "" when they did."""
    try:
        write()
    except (CannotEdit, CannotKeep) as error:
        return str(error)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@require(Right.EDIT_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def complete_data(request: HttpRequest, id: UUID) -> HttpResponse:
    """For one invoice: just what its method misses."""
    invoice = get_object_or_404(Invoice.objects.select_related("customer"), pk=id)
    payer, missing = asked_for(request, invoice.customer, invoice.method)
    if not request.membership.may(Right.SEE_MONEY):  # type: ignore[attr-defined]
        raise Http404
    options: dict[str, Any] = {"account": request.account, "columns": missing, "now": dates.now()}  # type: ignore[attr-defined]
    form = DataForm(request.POST if request.method == "POST" else None, **options)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data["data"]
        refused = refusal(lambda: complete(payer, data, by=request.user, now=options["now"]))
        if not refused:
            toast(request, _("Saved."))
            return redirect("billing:invoice", invoice.pk)
        form.add_error(None, refused)
    context = {
        "invoice": invoice,
        "customer": invoice.customer,
        "title": why.title(invoice),
        "form": form,
        "missing": missing,
        "lead": notice(request, payer, invoice.method, missing),
    }
    return render(request, "billing/screens/complete_data.html", context, status=422 if form.errors else 200)


@require(Right.RECORD_PAYMENTS)
@require_POST
def method(request: HttpRequest, id: UUID) -> HttpResponse:
    invoice = get_object_or_404(Invoice, pk=id)
    try:
        choose_method(invoice, method=text_of(request.POST, "method"), by=request.user, now=dates.now())
    except CannotInvoice as error:
        toast(request, str(error), level="error")
    else:
        toast(request, _("Saved."))
    return redirect("billing:invoice", invoice.pk)
