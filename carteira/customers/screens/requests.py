"""All requests about personal data of the business: who asked for what and when, and what came of it (LGPD, P1, P2)."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.accounts.screens.shell import settings_tabs
from carteira.core.privacy.models import PersonRequest
from carteira.core.privacy.requests import latest, of_protocol
from carteira.core.ui.formats import number
from carteira.customers.models import Customer

_SIZE = 50


@require(Right.PRIVACY)
@require_safe
def list_requests(request: HttpRequest) -> HttpResponse:
    """?q= the one with this protocol; ?before= pages."""
    asked, here = request.GET.get("q", "").strip(), reverse("privacy:requests")
    before = _id(request.GET.get("before", ""))
    found, older = (of_protocol(asked), None) if asked else latest(older_than=before, size=_SIZE)
    people = Customer.objects.only("id", "name", "account_id").in_bulk({one.person_id for one in found})
    context = {
        "tabs": settings_tabs(request),
        "q": asked,
        "rows": [_row(one, people.get(one.person_id)) for one in found],
        "next": f"{here}?before={older}" if older else "",
        "previous": here if before and not asked else "",
    }
    return render(request, "customers/screens/requests.html", context)


def _row(one: PersonRequest, customer: Customer | None) -> dict[str, Any]:
    state, tone, why = _result(one)
    return {"request": one, "customer": customer, "state": state, "tone": tone, "why": why}


def _result(one: PersonRequest) -> tuple[str, str, str]:
    """What came of it: in two words, their tone, and in a sentence."""
    if one.state == "failed":
        return _("not done"), "bad", one.error
    if one.state != "done":
        return _("being done…"), "accent", ""
    rows = sum(one.result.get("rows", {}).values())
    if one.kind == PersonRequest.Kind.EXPORT:
        why = ngettext("%(count)s entry was handed out.", "%(count)s entries were handed out.", rows)
        return _("handed out"), "good", _counted(why, rows)
    why = ngettext("%(count)s entry was emptied.", "%(count)s entries were emptied.", rows)
    left = sum(one.result.get("searched", {}).get("left", {}).values())
    if left:
        further = ngettext("%(count)s place still names the person.", "%(count)s places still name the person.", left)
        return _("some is left"), "warn", f"{_counted(why, rows)} {_counted(further, left)}"
    return _("nothing is left"), "good", f"{_counted(why, rows)} {_('Everything was searched afterwards.')}"


def _counted(sentence: str, count: int) -> str:
    return sentence % {"count": number(count)}


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
