"""Registering and editing a customer on a page of its own (S0-07, S2-15)."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.ui.toast import toast
from carteira.customers.edit import CannotEdit, edit
from carteira.customers.forms import CustomerForm, code_holder, code_taken
from carteira.customers.models import Customer
from carteira.customers.register import register
from carteira.customers.screens.twins import unseen_twins


@require(Right.EDIT_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_customer(request: HttpRequest) -> HttpResponse:
    now = dates.now()
    account = request.account  # type: ignore[attr-defined]
    if request.method != "POST":
        # A name typed into the search that found nobody comes along.
        initial = {"name": request.GET.get("name", "").replace("\x00", "")[:200]}
        return _page(request, CustomerForm(account=account, now=now, initial=initial))
    form = CustomerForm(request.POST, account=account, now=now)
    if not form.is_valid():
        return _page(request, form, status=422)
    if held := unseen_twins(request):
        return _page(request, form, status=409, **held)
    try:
        customer = register(account, by=request.user, now=now, **form.cleaned_data)
    except IntegrityError as error:
        # Somebody took the code between the form's look and the writing.
        if "customers_code_once" not in str(error):
            raise
        form.add_error("code", code_taken(code_holder(form.data["code"].strip())))
        return _page(request, form, status=422)
    toast(request, _("%(name)s is customer %(number)s.") % {"name": customer.name, "number": customer.number})
    return redirect("customers:card", customer.pk)


@require(Right.EDIT_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_customer(request: HttpRequest, id: UUID) -> HttpResponse:
    now = dates.now()
    customer = get_object_or_404(Customer, pk=id)
    chosen: dict[str, Any] = {"account": request.account, "now": now, "customer": customer}  # type: ignore[attr-defined]
    if request.method != "POST":
        return _page(request, CustomerForm(**chosen), customer)
    form = CustomerForm(request.POST, **chosen)
    if not form.is_valid():
        return _page(request, form, customer, status=422)
    if held := unseen_twins(request, customer):
        return _page(request, form, customer, status=409, **held)
    try:
        customer = edit(customer, by=request.user, now=now, **form.cleaned_data)
    except ValidationError as error:
        form.add_error("code", error)
    except CannotEdit as error:
        form.add_error("registered_on", str(error))
    else:
        toast(request, _("Saved."))
        return redirect("customers:card", customer.pk)
    return _page(request, form, customer, status=422)


def _page(
    request: HttpRequest, form: CustomerForm, customer: Customer | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    back = reverse("customers:card", args=[customer.pk]) if customer else reverse("customers:list")
    context = {"form": form, "customer": customer, "back": back, **more}
    return render(request, "customers/screens/new.html", context, status=status)
