"""An import on its way and its report, which can be left and come back to."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.files.download import attachment
from carteira.core.sheets.models import SILENT, SheetImport
from carteira.core.sheets.receive import CannotStart, repeat, restart
from carteira.core.sheets.refused_file import first_refused
from carteira.core.sheets.registry import SheetKind
from carteira.core.ui.toast import toast
from carteira.home.screens.import_kinds import allowed_kinds, kind_of
from carteira.home.screens.import_undo import SHOWN, told

_SHOWN = 10  # refused lines told on the page; the file has them all


@require(Right.IMPORT)
@require_safe
def show_import(request: HttpRequest, id: UUID) -> HttpResponse:
    record = get_object_or_404(SheetImport.objects.select_related("file", "errors_file", "by", "undo_by"), pk=id)
    kind, now = kind_of(request, record.kind), dates.now()
    if record.state == "new":
        return redirect("imports:columns", record.pk)
    undoing = record.undo_state == "running"
    running = record.state == "running" or undoing
    if request.htmx and not running:  # type: ignore[attr-defined]
        # The bar asked and there is no bar any more: the page says what came of it.
        return HttpResponse(headers={"HX-Refresh": "true"})
    # In the fields' order: the database does not keep the file's.
    columns = [
        (column, field.label) for field in kind.fields for column, name in record.mapping.items() if name == field.name
    ]
    context = {
        "import": record,
        "kind": kind,
        "columns": columns,
        "key_label": kind.field(record.key).label if record.key in kind.names else "",
        "running": running and not undoing,
        "undoing": undoing,
        "undo_silent": undoing and now - (record.undo_noted_at or record.created_at) > SILENT,
        "left": told(record, kind, count=SHOWN) if record.undo_state == "done" else [],
        "sample": record.sample,
        "refused": first_refused(record.errors_file.path, _SHOWN) if record.errors_file else [],
        "more_notes": record.noted - len(record.notes),
        "more_refused": max(record.failed - _SHOWN, 0),
        "silent": record.is_silent(now),
        "then": _then(request, record),
    }
    if request.htmx:  # type: ignore[attr-defined]
        part = "import_undo.html#undoing" if undoing else "import_show.html#progress"
        return render(request, f"home/screens/{part}", context)
    return render(request, "home/screens/import_show.html", context)


def _then(request: HttpRequest, record: SheetImport) -> SheetKind | None:
    """What comes next: whoever brought customers lacks the payments that tell their states."""
    if record.kind != "customers" or record.state != "done" or record.dry_run:
        return None
    return next((kind for kind in allowed_kinds(request) if kind.name == "payments"), None)


@require(Right.IMPORT)
@require_POST
def import_again(request: HttpRequest, id: UUID) -> HttpResponse:
    """POST act=start: for real after a check; act=columns: the same file with other columns; act=restart: it fell
    silent."""
    record = get_object_or_404(SheetImport, pk=id)
    kind_of(request, record.kind)
    act, now = request.POST.get("act", "columns"), dates.now()
    try:
        if act == "restart":
            record = restart(record, now=now)
        else:
            start = act == "start" and record.dry_run and record.state == "done"
            record = repeat(record, by=request.user, now=now, start=start)
    except CannotStart as error:
        toast(request, str(error), level="error")
    return redirect("imports:show", record.pk)


@require(Right.IMPORT)
@require_safe
def refused_lines(request: HttpRequest, id: UUID) -> StreamingHttpResponse:
    record = get_object_or_404(SheetImport.objects.select_related("errors_file"), pk=id)
    kind_of(request, record.kind)
    if record.errors_file is None:
        raise Http404
    return attachment(record.errors_file)
