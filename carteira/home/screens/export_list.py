"""What can be taken along, and the account's exports, the latest first."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.sheets.exports.registry import BadFilter, ExportKind, export_choices, export_kinds
from carteira.core.sheets.exports.start import CannotExport, start_export
from carteira.core.sheets.models import SheetExport
from carteira.home.screens.sheet_tabs import sheet_tabs

_SHOWN = 50
_PERIOD = ("from", "until")


def allowed_exports(request: HttpRequest) -> list[ExportKind]:
    return [kind for kind in export_kinds if request.membership.may(Right(kind.right))]  # type: ignore[attr-defined]


@require(Right.EXPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def list_exports(request: HttpRequest) -> HttpResponse:
    """POST kind, format, from, until: make one."""
    if request.method != "POST":
        return _page(request)
    kind = next((kind for kind in allowed_exports(request) if kind.name == request.POST.get("kind")), None)
    filter = {name: request.POST[name] for name in _PERIOD if request.POST.get(name) and kind and kind.period}
    filter |= {name: request.POST[name] for name in _choices(request, kind) if request.POST.get(name)}
    try:
        export = start_export(
            request.account,  # type: ignore[attr-defined]
            kind.name if kind else "",
            filter,
            request.POST.get("format", "xlsx"),
            by=request.user,
            now=dates.now(),
        )
    except (BadFilter, CannotExport) as error:
        return _page(request, error=str(error), status=422)
    return redirect("exports:show", export.pk)


def _choices(request: HttpRequest, kind: ExportKind | None) -> list[str]:
    """What of this kind this person may choose from a list."""
    return [
        name
        for name in export_choices.names()
        if kind
        and kind.name in export_choices[name].kinds
        and request.membership.may(Right(export_choices[name].right))  # type: ignore[attr-defined]
    ]


def _offered(request: HttpRequest, kinds: list[ExportKind]) -> dict[str, list[dict[str, Any]]]:
    """By kind; each list is read once."""
    options = {
        name: export_choices[name].options(request.account)  # type: ignore[attr-defined]
        for name in {name for kind in kinds for name in _choices(request, kind)}
    }
    return {
        kind.name: [
            {"name": name, "label": export_choices[name].label, "options": options[name]}
            for name in _choices(request, kind)
            if options[name]
        ]
        for kind in kinds
    }


def _page(request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    allowed = allowed_exports(request)
    mine = SheetExport.objects.filter(kind__in=[kind.name for kind in allowed])
    found = mine.select_related("by").order_by("-created_at", "-id")[:_SHOWN]
    offered = _offered(request, allowed)
    rows = [{"export": export, "kind": export_kinds.get(export.kind)} for export in found]
    context: dict[str, Any] = {
        "kinds": [(kind, offered[kind.name]) for kind in allowed],
        "rows": rows,
        "error": error,
        "given": request.POST,
        "tabs": sheet_tabs(request, "exports"),
    }
    return render(request, "home/screens/export_list.html", context, status=status)
