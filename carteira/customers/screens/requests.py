"""All requests about personal data of the business: who asked for what and when, and what came of it (LGPD, P1, P2)."""

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
    asked, here = request.GET.get("q", "").strip(), reverse("customers:requests")
    before = _id(request.GET.get("before", ""))
    found, older = (of_protocol(asked), None) if asked else latest(older_than=before, size=_SIZE)
    people = Customer.objects.only("id", "name", "account_id").in_bulk({one.person_id for one in found})
    context = {
        "tabs": settings_tabs(request),
        "q": asked,
        "rows": [{"request": one, "customer": people.get(one.person_id), "result": _result(one)} for one in found],
        "next": f"{here}?before={older}" if older else "",
        "previous": here if before and not asked else "",
    }
    return render(request, "customers/screens/requests.html", context)


def _result(one: PersonRequest) -> str:
    """What came of it in one sentence; "" while nobody knows."""
    if one.state == "failed":
        return one.error
    if one.state != "done":
        return ""
    rows = sum(one.result.get("rows", {}).values())
    if one.kind == PersonRequest.Kind.EXPORT:
        return _counted(ngettext("%(count)s entry handed out", "%(count)s entries handed out", rows), rows)
    told = _counted(ngettext("%(count)s entry emptied", "%(count)s entries emptied", rows), rows)
    left = sum(one.result.get("searched", {}).get("left", {}).values())
    return f"{told}; {_('some is left: look there') if left else _('searched afterwards, nothing is left')}"


def _counted(sentence: str, count: int) -> str:
    return sentence % {"count": number(count)}


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
