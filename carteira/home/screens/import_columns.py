"""Saying which column of the file is what; the guess is filled in."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.sheets import memory
from carteira.core.sheets.cells import as_text
from carteira.core.sheets.errors import BadLine, SheetError
from carteira.core.sheets.mapping import CannotMap
from carteira.core.sheets.models import SheetImport
from carteira.core.sheets.reader import open_sheet
from carteira.core.sheets.receive import CannotStart, choose
from carteira.core.sheets.registry import SheetKind
from carteira.core.ui.toast import toast
from carteira.home.screens.import_kinds import kind_of

_SAMPLE = 5
_CELL = 60  # characters of a sample cell that are shown


@require(Right.IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def choose_columns(request: HttpRequest, id: UUID) -> HttpResponse:
    record = get_object_or_404(SheetImport.objects.select_related("file"), pk=id)
    kind = kind_of(request, record.kind)
    if record.state not in {"new", "failed"} or record.file is None:
        return redirect("imports:show", record.pk)
    try:
        with open_sheet(record.file.path, name=record.file_name) as sheet:
            header, sample = sheet.header, sheet.sample(_SAMPLE)
    except SheetError as error:
        toast(request, str(error), level="error")
        return redirect("imports:new", record.kind)
    if request.method != "POST":
        return _page(request, record, kind, header, sample, record.mapping, record.key)
    mapping = _said(request, header, kind)
    try:
        choose(
            record,
            kind,
            header,
            mapping=mapping,
            key=request.POST.get("key") or None,
            dry_run=request.POST.get("act") == "check",
            name=request.POST.get("name", "")[:200],
            now=dates.now(),
        )
    except (CannotMap, CannotStart) as error:
        return _page(request, record, kind, header, sample, mapping, request.POST.get("key", ""), str(error))
    return redirect("imports:show", record.pk)


def _said(request: HttpRequest, header: list[str], kind: SheetKind) -> dict[str, str]:
    """{column: field} as the selects say; what no select offers counts as left out."""
    said = {column: request.POST.get(f"column-{at}", "") for at, column in enumerate(header) if column}
    return {column: field for column, field in said.items() if field in kind.names}


def _page(
    request: HttpRequest,
    record: SheetImport,
    kind: SheetKind,
    header: list[str],
    sample: list[Any],
    mapping: dict[str, str],
    key: str,
    error: str = "",
) -> HttpResponse:
    rows = [cells for item in sample if not isinstance(item, BadLine) for cells in [item[1]]]
    columns = [
        {
            "at": at,
            "name": column,
            "field": mapping.get(column, ""),
            "sample": [_shown(row[at]) for row in rows if row[at] is not None],
        }
        for at, column in enumerate(header)
        if column
    ]
    keys = [
        {"name": "", "label": _("Code, else document, else e-mail"), "chosen": not key},
        *({"name": name, "label": kind.field(name).label, "chosen": key == name} for name in kind.keys),
    ]
    saved = memory.recall(kind.name, header)
    context = {"import": record, "kind": kind, "columns": columns, "keys": keys, "error": error, "saved": saved}
    context["everybodys"] = [field for field in kind.fields if not field.own]
    context["own"] = [field for field in kind.fields if field.own]
    return render(request, "home/screens/import_columns.html", context, status=422 if error else 200)


def _shown(cell: Any) -> str:
    text = as_text(cell)
    return text if len(text) <= _CELL else f"{text[:_CELL]}…"
