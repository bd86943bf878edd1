"""An export on its way, and its file while it is kept."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from carteira.accounts.access import demand, require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.files.download import attachment
from carteira.core.sheets.exports.forget import KEPT
from carteira.core.sheets.exports.registry import BadFilter, export_kinds
from carteira.core.sheets.exports.start import CannotExport, repeat
from carteira.core.sheets.models import SheetExport
from carteira.core.ui.toast import toast


def _export(request: HttpRequest, id: UUID) -> SheetExport:
    """The export, where this person may see what is in it. Raises Http404 and PermissionDenied."""
    export = get_object_or_404(SheetExport.objects.select_related("file", "by"), pk=id)
    kind = export_kinds.get(export.kind)
    if kind is None:
        raise Http404
    demand(request, Right(kind.right))
    return export


@require(Right.EXPORT)
@require_safe
def show_export(request: HttpRequest, id: UUID) -> HttpResponse:
    export = _export(request, id)
    running = export.state == "running"
    if request.htmx and not running:  # type: ignore[attr-defined]
        # The bar asked and there is no bar any more: the page offers the file.
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {
        "export": export,
        "kind": export_kinds.get(export.kind),
        "running": running,
        "kept_until": (export.finished_at or export.created_at) + KEPT,
        "days": KEPT.days,
    }
    part = "#progress" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"home/screens/export_show.html{part}", context)


@require(Right.EXPORT)
@require_safe
def export_file(request: HttpRequest, id: UUID) -> StreamingHttpResponse:
    export = _export(request, id)
    if export.file is None:
        raise Http404
    return attachment(export.file)


@require(Right.EXPORT)
@require_POST
def export_again(request: HttpRequest, id: UUID) -> HttpResponse:
    """The same again, with what stands there now."""
    export = _export(request, id)
    try:
        export = repeat(export, account=request.account, by=request.user, now=dates.now())  # type: ignore[attr-defined]
    except (BadFilter, CannotExport) as error:
        toast(request, str(error), level="error")
    return redirect("exports:show", export.pk)
