"""Recording a payment by hand: for the oldest open invoice, another one, or a new one-off invoice paid by it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from carteira.accounts.access import require
from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.billing import queries, why
from carteira.billing.forms import NEW, PaymentForm, typed
from carteira.billing.models import Invoice, Payment
from carteira.billing.pay import CannotPay, SentBefore, record_payment
from carteira.billing.screens.required import asked_for, may_complete, notice
from carteira.core import dates
from carteira.core.ui.formats import money
from carteira.core.ui.toast import toast
from carteira.customers.models import Customer
from carteira.customers.screens.asked import text_of


@require(Right.RECORD_PAYMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, id: UUID) -> HttpResponse:
    now = dates.now()
    if request.method != "POST":
        return _fresh(request, get_object_or_404(Customer, pk=id), now)
    form = PaymentForm(request.POST, account=request.account, now=now)  # type: ignore[attr-defined]
    if form.is_valid() and (done := _recorded(request, id, form, now)):
        return done
    return _page(request, get_object_or_404(Customer, pk=id), form, status=422)


def _recorded(request: HttpRequest, id: UUID, form: PaymentForm, now: datetime) -> HttpResponse | None:
    """The answer when it is booked; else what is wrong stands in the form. The verb reads both rows by id."""
    written = form.cleaned_data
    invoice = Invoice(pk=written["invoice"]) if written["invoice"] else None
    try:
        payment = record_payment(
            Customer(pk=id, account=request.account),  # type: ignore[attr-defined]
            amount=written["amount"],
            paid_on=written["paid_on"],
            method=written["method"],
            invoice=invoice,
            note=written["note"],
            key=written["key"],
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
    amount = money(payment.amount, form.account.currency)
    if payment.recorded_at == now:
        undo = reverse("billing:undo_payment", args=[payment.pk])
        toast(request, _("Payment of %(amount)s recorded.") % {"amount": amount}, undo=undo)
    else:
        text = _("This payment of %(amount)s was recorded already; nothing was added.") % {"amount": amount}
        toast(request, text, level="info")
    return to_card(request, id)


def to_card(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """To the customer's card, read anew: state, why and history have changed with the money."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(reverse("customers:card", args=[customer_id]))
    return redirect("customers:card", customer_id)


def on_card(request: HttpRequest) -> bool:
    """Whether the form opens inside the customer's card, not on a page of its own."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and (htmx.current_url_abs_path or "").partition("?")[0] != request.path


def _fresh(request: HttpRequest, customer: Customer, now: datetime) -> HttpResponse:
    """The form as it is opened. Choosing another invoice asks again, with what was typed, for its balance."""
    account = request.account  # type: ignore[attr-defined]
    given = {name: text_of(request.GET, name) for name in _KEPT if name in request.GET}
    initial: dict[str, Any] = {"paid_on": account.today(now).isoformat(), **given}
    if "method" not in initial:
        initial["method"] = usual_method(customer, account)
    form = PaymentForm(initial=initial, account=account, now=now)
    if given:
        # The person stays where it chose.
        form.fields["amount"].widget.attrs.pop("autofocus")
        chosen = "method" if text_of(request.GET, "chosen") == "method" else "invoice"
        form.fields[chosen].widget.attrs["autofocus"] = True
    return _page(request, customer, form)


def usual_method(customer: Customer, account: Account) -> str:
    """How this customer paid the last time, else as the country does."""
    usual = Payment.Method.PIX if account.country == "BR" else Payment.Method.CASH
    return queries.last_method(customer.pk) or usual


_KEPT = ("amount", "paid_on", "method", "note", "key")


def _page(request: HttpRequest, customer: Customer, form: PaymentForm, status: int = 200) -> HttpResponse:
    offered = queries.open_invoices(customer.pk)
    chosen = form.data.get("invoice", "") if form.is_bound else text_of(request.GET, "invoice")
    picked = _picked(offered, chosen, customer)
    if picked is not None and picked not in offered:
        offered.append(picked)
    form.offer(
        [
            *((str(invoice.pk), why.offer(invoice, form.today, form.account.currency)) for invoice in offered),
            (NEW, _("New one-off invoice, paid by this")),
        ]
    )
    if not form.is_bound:
        form.initial["invoice"] = str(picked.pk) if picked else NEW
        suggested = [typed(invoice.balance, form.account.currency) for invoice in offered]
        if picked is not None:
            form.initial["amount"] = typed(picked.balance, form.account.currency) if picked.balance else ""
        elif form.initial.get("amount") in suggested:
            form.initial["amount"] = ""  # It was suggested for an invoice, not typed.
    method = str(form["method"].value() or "")
    payer, missing = asked_for(request, customer, method)
    context = {
        "customer": customer,
        "form": form,
        "fragment": on_card(request),
        "several": len(offered) > 1,
        "needs": notice(request, payer, method, missing),
        "payer": payer.customer,
        "may_complete": may_complete(request),
    }
    template = "billing/screens/pay_form.html" if request.htmx else "billing/screens/pay.html"  # type: ignore[attr-defined]
    return render(request, template, context, status=status)


def _picked(offered: list[Invoice], chosen: str, customer: Customer) -> Invoice | None:
    """The invoice named, also when it is no longer open (the person sees which one is meant); else the oldest open one.

    Raises Http404 for an id that is none of this customer's.
    """
    if chosen == NEW:
        return None
    if not chosen:
        return offered[0] if offered else None
    try:
        wanted = UUID(chosen)
    except ValueError:
        return offered[0] if offered else None
    found = next((invoice for invoice in offered if invoice.pk == wanted), None)
    return found or get_object_or_404(Invoice, pk=wanted, customer=customer)
