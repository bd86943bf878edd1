"""Deleting a customer that was registered by mistake (S0-01); where there is a history, what to do instead."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.ui.toast import toast
from carteira.customers.delete import CannotDelete, delete, history_of
from carteira.customers.models import Customer


@require(Right.ARCHIVE_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def delete_customer(request: HttpRequest, id: UUID) -> HttpResponse:
    """One button suffices: there is nothing to lose but what was typed in."""
    customer = get_object_or_404(Customer, pk=id)
    if request.method == "POST":
        try:
            delete(customer, by=request.user, now=dates.now())
        except CannotDelete as error:
            return _page(request, customer, error.history, status=422)
        toast(request, _("%(name)s is deleted.") % {"name": customer.name})
        return redirect("customers:list")
    return _page(request, customer, history_of(customer))


def _page(request: HttpRequest, customer: Customer, history: list[str], status: int = 200) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    context = {"customer": customer, "history": history, "may_anonymise": membership.may(Right.PRIVACY)}
    return render(request, "customers/screens/delete.html", context, status=status)
