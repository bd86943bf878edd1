"""Uploading a sheet, and an example of how one looks."""

from dataclasses import replace
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.files.quota import NotKept
from carteira.core.files.store import plain_name
from carteira.core.sheets.errors import SheetError
from carteira.core.sheets.example import example
from carteira.core.sheets.models import SheetImport
from carteira.core.sheets.reader import Limits
from carteira.core.sheets.receive import receive
from carteira.core.sheets.registry import Reading, SheetKind
from carteira.home.screens.import_kinds import kind_of

_MEGABYTES = Limits().file_bytes // 1_000_000


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xlsm,.ods,.vcf"}),
        error_messages={"empty": gettext_lazy("The file is empty."), "required": gettext_lazy("Choose a file.")},
        max_length=None,
    )


@require(Right.IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def new_import(request: HttpRequest, kind: str) -> HttpResponse:
    sheet_kind = kind_of(request, kind)
    if request.method != "POST":
        return _page(request, sheet_kind, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid() and (record := _received(request, sheet_kind, form)):
        return redirect("imports:columns", record.pk)
    return _page(request, sheet_kind, form, status=422)


def _received(request: HttpRequest, kind: SheetKind, form: UploadForm) -> SheetImport | None:
    upload: UploadedFile = form.cleaned_data["file"]
    try:
        return receive(
            kind,
            upload.chunks(),
            name=upload.name or "",
            language=get_language() or "pt-br",
            by=request.user,
            now=dates.now(),
        )
    except (NotKept, SheetError) as error:
        form.add_error("file", str(error))
    return None


def _page(request: HttpRequest, kind: SheetKind, form: UploadForm, status: int = 200) -> HttpResponse:
    context = {"kind": kind, "form": form, "megabytes": _MEGABYTES}
    return render(request, "home/screens/import_new.html", context, status=status)


@require(Right.IMPORT)
@require_safe
def example_file(request: HttpRequest, kind: str) -> HttpResponse:
    sheet_kind = kind_of(request, kind)
    language, account = get_language() or "pt-br", request.account  # type: ignore[attr-defined]
    reading = Reading(account, language, dates.now(), request.user, UUID(int=0), "code", frozenset(sheet_kind.names))
    reading = replace(reading, prepared=sheet_kind.prepare(reading))
    name = plain_name(_("example of %(what)s.csv") % {"what": str(sheet_kind.label).lower()})
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(example(sheet_kind, reading), content_type="text/csv; charset=utf-8", headers=headers)
