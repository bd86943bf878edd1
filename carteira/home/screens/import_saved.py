"""Columns that were said once and are proposed for the next such file: looked at, renamed, forgotten."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core.sheets.memory import NoName, forget, rename
from carteira.core.sheets.models import SheetMapping
from carteira.core.ui.toast import toast
from carteira.home.screens.import_kinds import allowed_kinds, kind_of


@require(Right.IMPORT)
@require_safe
def saved_columns(request: HttpRequest) -> HttpResponse:
    allowed = {kind.name: kind.of(request.account) for kind in allowed_kinds(request)}  # type: ignore[attr-defined]
    rows = []
    for saved in SheetMapping.objects.filter(kind__in=allowed).order_by("-used_at", "-id"):
        kind = allowed[saved.kind]
        pairs = [(column, kind.field(field).label) for column, field in saved.mapping.items() if field in kind.names]
        rows.append({"saved": saved, "kind": kind, "pairs": pairs})
    return render(request, "home/screens/import_saved.html", {"rows": rows})


@require(Right.IMPORT)
@require_POST
def change_saved(request: HttpRequest, id: UUID) -> HttpResponse:
    """POST act=rename with name, or act=forget."""
    saved = get_object_or_404(SheetMapping, pk=id)
    kind_of(request, saved.kind)
    try:
        if request.POST.get("act") == "forget":
            forget(saved)
            toast(request, _("“%(name)s” is forgotten.") % {"name": saved.name})
        else:
            rename(saved, name=request.POST.get("name", ""))
            toast(request, _("Saved."))
    except NoName as error:
        toast(request, str(error), level="error")
    return redirect("imports:saved")
