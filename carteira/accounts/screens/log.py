"""The owner's log: who came in or failed to, and what changed about members and the business."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.log_subjects import subjects
from carteira.accounts.roles import Right, Role
from carteira.accounts.screens.shell import settings_tabs
from carteira.accounts.sign_ins import of_business
from carteira.core.events import kinds
from carteira.core.events.models import Event

_SIZE = 50


@require_safe
@require(Right.OWN)
def log(request: HttpRequest) -> HttpResponse:
    """?show=changes for events instead of sign-ins; ?before= pages."""
    changes = request.GET.get("show") == "changes"
    before = _id(request.GET.get("before", ""))
    rows, older = (
        _changes(before)
        if changes
        else of_business(
            request.account,
            older_than=before,
            size=_SIZE,  # type: ignore[attr-defined]
        )
    )
    here = reverse("accounts:log")
    base = f"{here}?show=changes&" if changes else f"{here}?"
    context = {
        "tabs": settings_tabs(request),
        "shows": [
            {"label": _("Sign-ins"), "url": here, "selected": not changes},
            {"label": _("Changes"), "url": f"{here}?show=changes", "selected": changes},
        ],
        "changes": changes,
        "rows": rows,
        "next": f"{base}before={older}" if older else "",
    }
    return render(request, "accounts/screens/log.html", context)


def _changes(older_than: UUID | None) -> tuple[list[dict[str, Any]], UUID | None]:
    about = set(subjects)
    names = [kind.name for kind in kinds.all_kinds() if kind.name.partition(".")[0] in about]
    events = Event.objects.filter(kind__in=names).select_related("by").order_by("-id")
    if older_than is not None:
        events = events.filter(pk__lt=older_than)
    found = list(events[: _SIZE + 1])
    rows = [{"text": _told(event), "by": event.by, "at": event.at} for event in found[:_SIZE]]
    return rows, found[_SIZE - 1].pk if len(found) > _SIZE else None


def _told(event: Event) -> str:
    facts = {**event.what, **event.personal}
    if facts.get("role") in Role.values:
        facts["role"] = Role(facts["role"]).label
    return kinds.kind(event.kind).tell(facts)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
