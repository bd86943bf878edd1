"""The account's imports, the latest first, and where a new one begins."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.sheets.models import SheetImport
from carteira.core.sheets.registry import kinds
from carteira.home.screens.import_kinds import allowed_kinds
from carteira.home.screens.sheet_tabs import sheet_tabs

_SHOWN = 50


@require(Right.IMPORT)
@require_safe
def list_imports(request: HttpRequest) -> HttpResponse:
    now = dates.now()
    allowed = allowed_kinds(request)
    # Whose payments somebody may not import, their files' names and counts are none of his business either.
    mine = SheetImport.objects.filter(kind__in=[kind.name for kind in allowed])
    found = mine.select_related("by").order_by("-created_at", "-id")[:_SHOWN]
    rows = [{"import": record, "kind": kinds.get(record.kind), "silent": record.is_silent(now)} for record in found]
    context = {"kinds": allowed, "rows": rows, "shown": _SHOWN, "tabs": sheet_tabs(request, "imports")}
    return render(request, "home/screens/import_list.html", context)
