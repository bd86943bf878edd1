"""Likely twins, while a new customer is typed and before one is saved.

What is typed comes by POST: documents and e-mails do not belong into addresses, which are logged (P7).
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.customers.screens.asked import text_of
from carteira.customers.twins import DOCUMENT, EMAIL, NAME, PHONE, Twin, anonymised_before, find_twins, known_of

SEEN = "twins_seen"


@require(Right.EDIT_CUSTOMERS)
@require_POST
def show_twins(request: HttpRequest) -> HttpResponse:
    """The fragment below the form's fields; empty where nobody is alike."""
    return render(request, "customers/screens/twins_found.html", twins_context(request))


def twins_context(request: HttpRequest) -> dict[str, Any]:
    known = _known(request)
    return {**_told(find_twins(known)), "anonymised": anonymised_before(known)}


def unseen_twins(request: HttpRequest) -> dict[str, Any]:
    """For saving: twins by more than their name that the person has not been shown yet (without scripts, or faster
    than they were); else nothing."""
    known = _known(request)
    if not known.keys() & {DOCUMENT, EMAIL, PHONE}:
        return {}
    twins = find_twins(known)
    seen = set(text_of(request.POST, SEEN).split())
    held = any(twin.sure and str(twin.customer.pk) not in seen for twin in twins)
    return {**_told(twins), "twins_held": True} if held else {}


def _known(request: HttpRequest) -> dict[str, str]:
    given = {name: text_of(request.POST, name) for name in (DOCUMENT, EMAIL, PHONE, NAME)}
    return known_of(given, request.account)  # type: ignore[attr-defined]


def _told(twins: list[Twin]) -> dict[str, Any]:
    return {"twins": twins, "twins_seen": " ".join(str(twin.customer.pk) for twin in twins)}
