"""Changing a field's type: what converts and what does not is shown first."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.ui.toast import toast
from carteira.customers.fields.convert import CannotDefine, change_kind, preview
from carteira.customers.fields.models import Field, Kind


@require(Right.EDIT_ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def field_kind(request: HttpRequest, field: UUID) -> HttpResponse:
    """GET `kind`: what would come of it; POST `kind`: do it."""
    own = get_object_or_404(Field, pk=field, removed_at=None)
    account, now = request.account, dates.now()  # type: ignore[attr-defined]
    kind = request.POST.get("kind", "") if request.method == "POST" else request.GET.get("kind", "")
    if request.method == "POST":
        try:
            change_kind(own, kind, account=account, by=request.user, now=now)
        except CannotDefine as error:
            toast(request, str(error), level="error")
            return redirect("customers:own_field_kind", own.pk)
        toast(request, _("“%(label)s” is of another type now.") % {"label": own.label})
        return redirect("customers:own_fields")
    known = kind in Kind.values and kind != own.kind
    context = {
        "own": own,
        "kinds": [(key, label) for key, label in Kind.choices if key != own.kind],
        "chosen": kind if known else "",
        "chosen_label": Kind(kind).label if known else "",
        "outcome": preview(own, kind, account=account, now=now) if known else None,
    }
    return render(request, "customers/fields/screens/kind.html", context)
