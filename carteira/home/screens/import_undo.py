"""Taking an import back, and what had to stay as it is."""

import csv
import io
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.files.store import plain_name
from carteira.core.sheets.cells import as_text, neutralise
from carteira.core.sheets.models import SheetImport, SheetLeftover
from carteira.core.sheets.registry import SheetKind
from carteira.core.sheets.undo import CannotUndo, start_undo
from carteira.core.ui.toast import toast
from carteira.customers.models import Customer
from carteira.home.screens.import_kinds import kind_of

SHOWN = 10  # told on the page; the file has them all
_MOST = 20_000  # lines of the file


@require(Right.IMPORT)
@require_POST
def undo_import(request: HttpRequest, id: UUID) -> HttpResponse:
    """Begin, or begin again where it fell silent."""
    record = get_object_or_404(SheetImport, pk=id)
    kind_of(request, record.kind)
    try:
        start_undo(record, by=request.user, now=dates.now())
    except CannotUndo as error:
        toast(request, str(error), level="error")
    return redirect("imports:show", record.pk)


@require(Right.IMPORT)
@require_safe
def left_by_undo(request: HttpRequest, id: UUID) -> HttpResponse:
    """What stayed, as a file: customer, name, reason."""
    record = get_object_or_404(SheetImport, pk=id)
    kind = kind_of(request, record.kind)
    comma = (get_language() or "")[:2] in {"pt", "es"}
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if comma else ",")
    writer.writerow([_("customer number"), _("name of the customer"), _("reason")])
    for line in told(record, kind, count=_MOST):
        writer.writerow([neutralise(as_text(cell)) for cell in (line["number"], line["name"], line["reason"])])
    name = plain_name(_("left as it was, %(file)s.csv") % {"file": record.file_name.rpartition(".")[0]})
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8", headers=headers)


def told(record: SheetImport, kind: SheetKind, *, count: int) -> list[dict[str, Any]]:
    """What the undo left, with the customer's name and the reason as a sentence."""
    found = list(SheetLeftover.objects.filter(sheet_import=record).order_by("id")[:count])
    customers = Customer.objects.only("id", "number", "name").in_bulk({left.customer_id for left in found})
    reasons = kind.undo.reasons if kind.undo else {}
    lines = []
    for left in found:
        customer = customers.get(left.customer_id)
        reason = str(reasons.get(left.reason, left.reason)).replace("{what}", _what(kind, left))
        lines.append(
            {
                "customer": customer,
                "number": customer.number if customer else "",
                "name": customer.name if customer else "",
                "reason": reason,
            }
        )
    return lines


def _what(kind: SheetKind, left: SheetLeftover) -> str:
    """Names of fields as the reader calls them."""
    if left.reason != "changed":
        return left.what
    return ", ".join(str(kind.field(name).label) if name in kind.names else name for name in left.what.split(", "))
