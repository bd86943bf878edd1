"""Changing a field's type: what converts and what does not is shown first."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from carteira.accounts.access import require
from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.ui.toast import toast
from carteira.customers.fields.convert import LOOKED_AT, CannotDefine, preview
from carteira.customers.fields.convert_many import begin, last_change
from carteira.customers.fields.models import Field, Kind


@require(Right.EDIT_ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def field_kind(request: HttpRequest, field: UUID) -> HttpResponse:
    """GET `kind`: what would come of it, and how far it is where it runs; POST `kind`: do it."""
    own = get_object_or_404(Field, pk=field, removed_at=None)
    account, now = request.account, dates.now()  # type: ignore[attr-defined]
    if request.method == "POST":
        return _change(request, own, account, now)
    change = last_change(own)
    running = change is not None and change.state == "running"
    if request.htmx and not request.htmx.boosted:  # type: ignore[attr-defined]
        if not running:
            # The bar asked and there is no bar any more: the page says what came of it.
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "customers/fields/screens/kind.html#progress", {"own": own, "change": change})
    kind = request.GET.get("kind", "")
    known = kind in Kind.values and kind != own.kind and not running
    context = {
        "own": own,
        "change": change,
        "running": running,
        "done": change is not None and change.state == "done" and change.kind == own.kind and not known,
        "became": Kind(change.kind).label if change else "",
        "kinds": [(key, label) for key, label in Kind.choices if key != own.kind],
        "chosen": kind if known else "",
        "chosen_label": Kind(kind).label if known else "",
        "outcome": preview(own, kind, account=account, now=now) if known else None,
        "looked_at": LOOKED_AT,
    }
    return render(request, "customers/fields/screens/kind.html", context)


def _change(request: HttpRequest, own: Field, account: Account, now: datetime) -> HttpResponse:
    try:
        change = begin(own, request.POST.get("kind", ""), account=account, by=request.user, now=now)
    except CannotDefine as error:
        toast(request, str(error), level="error")
        return redirect("customers:own_field_kind", own.pk)
    if change is not None:
        return redirect("customers:own_field_kind", own.pk)
    toast(request, _("“%(label)s” is of another type now.") % {"label": own.label})
    return redirect("customers:own_fields")
