"""Showing, changing and removing a customer's picture."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.files.images import picture
from carteira.core.files.quota import NotKept
from carteira.core.ui.toast import toast
from carteira.customers.models import Customer
from carteira.customers.photo import remove_photo, set_photo
from carteira.customers.screens.card import card_page, tab_url


@require(Right.SEE_CUSTOMERS)
@require_safe
def show_photo(request: HttpRequest, id: UUID) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.select_related("photo"), pk=id)
    if customer.photo is None:
        raise Http404
    return picture(customer.photo)


@require(Right.EDIT_CUSTOMERS)
@require_POST
def change_photo(request: HttpRequest, id: UUID) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=id)
    sent = request.FILES.get("photo")
    try:
        if sent is None:
            raise NotKept(_("Choose a picture first."))
        set_photo(customer, sent.chunks(), name=sent.name or "", by=request.user, now=dates.now())
    except NotKept as error:
        return card_page(request, customer, "info", status=422, photo_error=str(error))
    toast(request, _("Photo changed."))
    return redirect(tab_url(id, "info"))


@require(Right.EDIT_CUSTOMERS)
@require_POST
def drop_photo(request: HttpRequest, id: UUID) -> HttpResponse:
    remove_photo(get_object_or_404(Customer, pk=id), by=request.user, now=dates.now())
    return redirect(tab_url(id, "info"))
