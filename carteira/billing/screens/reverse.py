"""Taking a payment back: wholly or in part, owed again or refunded, or undone as a mistake."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.billing import queries, why
from carteira.billing.forms import ReversalForm
from carteira.billing.models import Payment
from carteira.billing.pay import CannotReverse, born_together, reverse_payment, undo_payment
from carteira.core import dates
from carteira.core.ui.formats import money
from carteira.core.ui.toast import toast


@require(Right.RECORD_PAYMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def reverse_one(request: HttpRequest, id: UUID) -> HttpResponse:
    now, account = dates.now(), request.account  # type: ignore[attr-defined]
    payment = get_object_or_404(Payment.objects.select_related("customer", "invoice"), pk=id)
    left = queries.left_of(payment)
    chosen: dict[str, Any] = {
        "account": account,
        "now": now,
        "payment": payment,
        "left": left,
        "born_together": payment.invoice is not None and born_together(payment, payment.invoice),
    }
    if request.method != "POST":
        return _page(request, payment, ReversalForm(**chosen))
    form = ReversalForm(request.POST, **chosen)
    if not form.is_valid():
        return _page(request, payment, form, status=422)
    try:
        reversal = _reverse(request, payment, form, now)
    except CannotReverse as error:
        form.add_error(None, str(error))
        return _page(request, payment, form, status=422)
    text = _("%(amount)s taken back.") % {"amount": money(-reversal.amount, account.currency)}
    toast(request, text)
    return redirect("customers:card", payment.customer_id)


def _reverse(request: HttpRequest, payment: Payment, form: ReversalForm, now: Any) -> Payment:
    written = form.cleaned_data
    if written["kind"] == ReversalForm.MISTAKE:
        return undo_payment(payment, by=request.user, now=now)
    return reverse_payment(
        payment,
        amount=written["amount"],
        on=written["on"],
        owed_again=written["kind"] == ReversalForm.OWED,
        note=written["note"],
        key=written["key"],
        by=request.user,
        now=now,
    )


@require(Right.RECORD_PAYMENTS)
@require_POST
def undo(request: HttpRequest, id: UUID) -> HttpResponse:
    """What the toast's button does: the payment never counted, and the reversing row says so."""
    payment = get_object_or_404(Payment, pk=id)
    try:
        undo_payment(payment, by=request.user, now=dates.now())
    except CannotReverse as error:
        toast(request, str(error), level="error")
    else:
        toast(request, _("Undone: the payment is taken back as if it had never counted."))
    return redirect("customers:card", payment.customer_id)


def _page(request: HttpRequest, payment: Payment, form: ReversalForm, status: int = 200) -> HttpResponse:
    context = {
        "payment": payment,
        "customer": payment.customer,
        "invoice_title": why.title(payment.invoice) if payment.invoice else "",
        "form": form,
        "refused": payment.reverses_id is not None or form.left <= 0,
    }
    return render(request, "billing/screens/reverse.html", context, status=status)
