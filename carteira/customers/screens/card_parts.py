"""Adding and removing on the tab Info: further e-mails and phones, addresses, contacts."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.events.models import Event
from carteira.core.ui.toast import toast
from carteira.customers.models import Contact, Customer
from carteira.customers.part_forms import AddressForm, ContactForm, NoteForm, PartForm, PointForm
from carteira.customers.parts import PARTS, CannotKeep, add, bring_back, change, make_main, remove
from carteira.customers.screens.card import MAIN, card_page, tab_url

FORMS: dict[str, type[PartForm]] = {
    "points": PointForm,
    "addresses": AddressForm,
    "contacts": ContactForm,
    "notes": NoteForm,
}


def empty_forms(request: HttpRequest) -> dict[str, PartForm]:
    """The forms with which something is added, by part."""
    account, now = request.account, dates.now()  # type: ignore[attr-defined]
    return {name: form(account=account, now=now, prefix=name) for name, form in FORMS.items()}


@require(Right.EDIT_CUSTOMERS)
@require_POST
def add_part(request: HttpRequest, id: UUID, part: str) -> HttpResponse:
    if part not in FORMS:
        raise Http404
    customer = get_object_or_404(Customer, pk=id)
    now = dates.now()
    form = FORMS[part](request.POST, account=request.account, now=now, prefix=part)  # type: ignore[attr-defined]
    if form.is_valid():
        try:
            add(PARTS[part], customer, by=request.user, now=now, **form.cleaned_data)
        except CannotKeep as error:
            form.add_error(error.column if error.column in form.fields else None, str(error))
        else:
            return _back(customer.pk, part)
    return card_page(request, customer, tab_of(part), status=422, forms={**empty_forms(request), part: form})


@require(Right.EDIT_CUSTOMERS)
@require_POST
def remove_part(request: HttpRequest, id: UUID, part: str, row: UUID) -> HttpResponse:
    event = remove(_row(id, part, row), by=request.user, now=dates.now())
    toast(request, _("Removed."), undo=reverse("customers:bring_back", args=[id, event.pk]))
    return _back(id, part)


@require(Right.EDIT_CUSTOMERS)
@require_POST
def bring_part_back(request: HttpRequest, id: UUID, event: UUID) -> HttpResponse:
    removal = get_object_or_404(Event, pk=event, customer_id=id)
    try:
        bring_back(removal, by=request.user, now=dates.now())
    except CannotKeep as error:
        toast(request, str(error), level="error")
    return redirect(tab_url(id, MAIN if removal.kind == PARTS["notes"].removed else "info"))


@require(Right.EDIT_CUSTOMERS)
@require_POST
def main_point(request: HttpRequest, id: UUID, row: UUID) -> HttpResponse:
    make_main(_row(id, "points", row), by=request.user, now=dates.now())
    return _back(id, "points")


@require(Right.EDIT_CUSTOMERS)
@require_POST
def payer(request: HttpRequest, id: UUID, row: UUID) -> HttpResponse:
    """Lets this contact pay, or no longer."""
    contact: Contact = _row(id, "contacts", row)
    change(contact, by=request.user, now=dates.now(), is_payer=request.POST.get("pays") == "1")
    return _back(id, "contacts")


def _row(customer_id: UUID, part: str, row: UUID) -> Any:
    if part not in PARTS:
        raise Http404
    return get_object_or_404(PARTS[part].model, pk=row, customer=customer_id)


def tab_of(part: str) -> str:
    return MAIN if part == "notes" else "info"


def _back(customer_id: UUID, part: str) -> HttpResponse:
    return redirect(f"{tab_url(customer_id, tab_of(part))}#{part}")
