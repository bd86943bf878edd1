"""Likely twins, while a customer is typed, before a form is saved, and after a value was changed in place.

What is typed comes by POST: documents and e-mails do not belong into addresses, which are logged (P7).
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.customers.models import Customer
from carteira.customers.screens.asked import text_of
from carteira.customers.twins import DOCUMENT, EMAIL, NAME, PHONE, Twin, anonymised_before, known_of, twins_of

SEEN = "twins_seen"


@require(Right.EDIT_CUSTOMERS)
@require_POST
def show_twins(request: HttpRequest) -> HttpResponse:
    """The fragment below the form's fields; empty where nobody is alike. POST customer=<id> of whom is edited."""
    customer = _edited(request)
    context = {**twins_context(request, customer), "customer": customer}
    return render(request, "customers/screens/twins_found.html", context)


def twins_context(request: HttpRequest, customer: Customer | None = None) -> dict[str, Any]:
    known = _known(request, customer)
    return {**_told(twins_of(known, customer)), "anonymised": anonymised_before(known)}


def unseen_twins(request: HttpRequest, customer: Customer | None = None) -> dict[str, Any]:
    """For saving: twins by more than their name that the person has not been shown yet (without scripts, or faster
    than they were); else nothing. Of a `customer` only what changes counts."""
    known = _known(request, customer)
    if not known.keys() & {DOCUMENT, EMAIL, PHONE}:
        return {}
    twins = twins_of(known, customer)
    seen = set(text_of(request.POST, SEEN).split())
    held = any(twin.sure and str(twin.customer.pk) not in seen for twin in twins)
    return {**_told(twins), "twins_held": True} if held else {}


def told_after(customer: Customer, column: str) -> str:
    """A sentence for whoever has just changed this in place; "" where nobody else has the same."""
    value = getattr(customer, column, "")
    if column not in (DOCUMENT, EMAIL, PHONE) or not value:
        return ""
    twins = twins_of({column: value}, customer)
    if not twins:
        return ""
    return _("Perhaps the same as %(name)s (No. %(number)s): %(same)s.") % {
        "name": twins[0].customer.name,
        "number": twins[0].customer.number,
        "same": twins[0].text,
    }


def _edited(request: HttpRequest) -> Customer | None:
    try:
        return Customer.objects.filter(pk=UUID(text_of(request.POST, "customer"))).first()
    except ValueError:
        return None


def _known(request: HttpRequest, customer: Customer | None) -> dict[str, str]:
    given = {name: text_of(request.POST, name) for name in (DOCUMENT, EMAIL, PHONE, NAME)}
    known = known_of(given, request.account)  # type: ignore[attr-defined]
    if customer is None:
        return known
    have = {DOCUMENT: customer.document, EMAIL: customer.email, PHONE: customer.phone, NAME: customer.name_sort}
    return {name: value for name, value in known.items() if value != have[name]}


def _told(twins: list[Twin]) -> dict[str, Any]:
    return {"twins": twins, "twins_seen": " ".join(str(twin.customer.pk) for twin in twins)}
