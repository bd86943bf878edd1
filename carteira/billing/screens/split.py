"""One payment for several invoices: how much came in, and which of them it pays."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.billing import queries, split_form
from carteira.billing.models import Payment
from carteira.billing.pay import CannotPay, CannotReverse, SentBefore
from carteira.billing.screens.pay import to_card, usual_method
from carteira.billing.split import record_split, undo_split
from carteira.billing.split_form import SplitForm
from carteira.core import dates
from carteira.core.money import parse_amount
from carteira.core.ui.formats import money
from carteira.core.ui.toast import toast
from carteira.customers.models import Customer
from carteira.customers.screens.asked import text_of

_KEPT = ("amount", "paid_on", "method", "note", "key")


@require(Right.RECORD_PAYMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def split(request: HttpRequest, id: UUID) -> HttpResponse:
    now, account = dates.now(), request.account  # type: ignore[attr-defined]
    customer = get_object_or_404(Customer, pk=id)
    options: dict[str, Any] = {"invoices": queries.open_invoices(id), "account": account, "now": now}
    if request.method != "POST":
        return _page(request, customer, _fresh(request, customer, options))
    # Whatever the form showed: somebody may have paid it meanwhile, or this form itself when it was sent before.
    named = queries.named_in([name.removeprefix("part_") for name in request.POST], customer_id=id)
    options["invoices"] += [invoice for invoice in named if invoice not in options["invoices"]]
    form = SplitForm(request.POST, **options)
    if form.is_valid() and (done := _recorded(request, customer, form, now)):
        return done
    return _page(request, customer, form, status=422)


def _recorded(request: HttpRequest, customer: Customer, form: SplitForm, now: datetime) -> HttpResponse | None:
    written = form.cleaned_data
    try:
        payments = record_split(
            Customer(pk=customer.pk, account=request.account),  # type: ignore[attr-defined]
            written["parts"],
            paid_on=written["paid_on"],
            method=written["method"],
            note=written["note"],
            key=written["key"] or form.initial["key"],
            by=request.user,
            now=now,
        )
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except CannotPay as error:
        form.add_error(None, str(error))
        if isinstance(error, SentBefore):
            form.renew_key()
        return None
    if payments[0].recorded_at == now:
        undo = reverse("billing:undo_split", args=[payments[0].pk])
        toast(request, split_form.told(len(payments), money(written["amount"], form.account.currency)), undo=undo)
    else:
        toast(request, _("These payments were recorded already; nothing was added."), level="info")
    return to_card(request, customer.pk)


@require(Right.RECORD_PAYMENTS)
@require_POST
def undo(request: HttpRequest, id: UUID) -> HttpResponse:
    """What the toast's button does: none of the parts ever counted."""
    payment = get_object_or_404(Payment, pk=id)
    try:
        undo_split(payment, by=request.user, now=dates.now())
    except CannotReverse as error:
        toast(request, str(error), level="error")
    else:
        toast(request, _("Undone: the payments are taken back as if they had never counted."))
    return redirect("customers:card", payment.customer_id)


def _fresh(request: HttpRequest, customer: Customer, options: dict[str, Any]) -> SplitForm:
    """The form as it is opened; a sum in the address is spread over the invoices, the oldest first."""
    account = request.account  # type: ignore[attr-defined]
    given = {name: text_of(request.GET, name) for name in _KEPT if name in request.GET}
    initial = {"paid_on": account.today(options["now"]).isoformat(), "method": usual_method(customer, account), **given}
    form = SplitForm(initial=initial, **options)
    try:
        form.suggest(max(parse_amount(given["amount"], currency=account.currency, language=get_language() or ""), 0))
    except (KeyError, ValidationError):
        pass
    else:
        form.fields["amount"].widget.attrs.pop("autofocus", None)
    return form


def _page(request: HttpRequest, customer: Customer, form: SplitForm, status: int = 200) -> HttpResponse:
    template = "billing/screens/split_form.html" if request.htmx else "billing/screens/split.html"  # type: ignore[attr-defined]
    return render(request, template, {"customer": customer, "form": form}, status=status)
