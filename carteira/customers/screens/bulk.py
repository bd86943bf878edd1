"""Changing many customers: what is asked first, how far it is, what came of it, and the way back."""

import csv
from collections.abc import Callable, Iterator
from datetime import datetime
from io import StringIO
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from carteira.accounts.access import demand, require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.sheets.cells import as_text, neutralise
from carteira.core.sheets.exports.start import start_export
from carteira.core.ui.toast import toast
from carteira.core.walls import scope
from carteira.customers.archive_many import NAME
from carteira.customers.bulk import start, told
from carteira.customers.bulk.models import BulkAct
from carteira.customers.bulk.verbs import Verb, verbs
from carteira.customers.models import Customer
from carteira.customers.screens.asked import permitted, understand
from carteira.customers.selection import LONGEST, Selection

# Not verbs: they change nobody.
EXPORTS = {"export_xlsx": "xlsx", "export_csv": "csv"}
SHOWN = 20
NAMED = 5


@require(Right.SEE_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: HttpRequest) -> HttpResponse:
    """GET: what was done lately. POST: a verb and a selection; first what it asks, then with `sure` it begins."""
    if request.method != "POST":
        acts = [_told(act) for act in BulkAct.objects.select_related("by").order_by("-created_at", "-id")[:SHOWN]]
        return render(request, "customers/screens/bulk_list.html", {"acts": acts})
    name = request.POST.get("verb", "")
    now = dates.now()
    selection = Selection.read(request.POST)
    if selection.hidden(request.membership.may):  # type: ignore[attr-defined]
        raise PermissionDenied(_("This list asks about what your role does not show you."))
    if name in EXPORTS:
        return _export(request, EXPORTS[name], selection, now)
    verb = verbs.get(name)
    if verb is None:
        return redirect("customers:list")
    demand(request, verb.right)
    sure = "sure" in request.POST
    account = request.account  # type: ignore[attr-defined]
    if problem := selection.problem(account, now):
        toast(request, problem, level="error")
        return redirect(_back(request, now))
    form = verb.form(request.POST if sure else None, account=account, now=now)
    if not sure or not form.is_valid():
        return _ask(request, name, verb, form, selection, now, status=422 if sure else 200)
    try:
        act = start.start(account, name, selection, form.values(), by=request.user, now=now)  # type: ignore[attr-defined]
    except start.CannotStart as error:
        form.add_error(None, str(error))
        return _ask(request, name, verb, form, selection, now, status=422)
    if act.running or act.refused:
        return redirect("customers:bulk_act", act.pk)
    undo = reverse("customers:bulk_undo", args=[act.pk]) if act.done else ""
    toast(request, start.told(act, named=True), undo=undo)
    return redirect(_back(request, now))


def _export(request: HttpRequest, format: str, selection: Selection, now: datetime) -> HttpResponse:
    demand(request, Right.EXPORT)
    account = request.account  # type: ignore[attr-defined]
    problem = selection.problem(account, now) or ("" if selection.count(account, now) else _("Nobody is selected."))
    if problem:
        toast(request, problem, level="error")
        return redirect(_back(request, now))
    export = start_export(account, "customers", selection.filter(account, now), format, by=request.user, now=now)
    return redirect("exports:show", export.pk)


def _ask(
    request: HttpRequest, name: str, verb: Verb, form: forms.Form, selection: Selection, now: datetime, *, status: int
) -> HttpResponse:
    account = request.account  # type: ignore[attr-defined]
    count = selection.count(account, now)
    names = selection.chosen(account, now).order_by("name_sort", "id").values_list("name", flat=True)[:NAMED]
    context = {
        "name": name,
        "verb": verb,
        "form": form,
        "carried": {**selection.fields, "back": request.POST.get("back", "")},
        "count": count,
        "names": list(names),
        "more": max(count - NAMED, 0),
        "back": _back(request, now),
    }
    return render(request, "customers/screens/bulk_ask.html", context, status=status)


def _back(request: HttpRequest, now: datetime) -> str:
    """The list one came from: its address is read and written anew, so that it leads nowhere else."""
    query = permitted(QueryDict(request.POST.get("back", "")[:LONGEST]), request.membership.may)  # type: ignore[attr-defined]
    return reverse("customers:list") + understand(query, request.account, now).address()  # type: ignore[attr-defined]


@require(Right.SEE_CUSTOMERS)
@require_safe
def show_act(request: HttpRequest, id: UUID) -> HttpResponse:
    act = get_object_or_404(BulkAct.objects.select_related("by", "undo_by"), pk=id)
    if request.htmx and not act.running:  # type: ignore[attr-defined]
        # The bar asked and there is no bar any more: the page says what came of it.
        return HttpResponse(headers={"HX-Refresh": "true"})
    undoing = act.undo_asked_at is not None
    may = request.membership.may(verbs[act.verb].right)  # type: ignore[attr-defined]
    context = {
        **_told(act),
        "what": verbs[act.verb].named(verbs[act.verb].label, act.values),
        "refused": _sentences(act, "refused", request.membership.may),  # type: ignore[attr-defined]
        "kept": _sentences(act, "kept", request.membership.may) if undoing else [],  # type: ignore[attr-defined]
        "shown": SHOWN,
        "passed": act.undone + act.kept if undoing else act.done + act.refused,
        "of": act.done if undoing else act.total,
        "may_export": request.membership.may(Right.EXPORT),  # type: ignore[attr-defined]
        "may_undo": may and act.done and act.undo_asked_at is None and act.state in ("done", "failed"),
        "may_go_on": may and act.state == "failed",
    }
    part = "#progress" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"customers/screens/bulk_act.html{part}", context)


def _told(act: BulkAct) -> dict[str, Any]:
    return {"act": act, "verb": verbs[act.verb], "told": start.told(act)}


def _sentences(act: BulkAct, column: str, may: Callable[[Right], bool]) -> list[dict[str, Any]]:
    """The first refusals as this reader may know them, each with its customer."""
    found: list[tuple[str, str]] = []
    for kept in act.parts.exclude(**{column: {}}).order_by("nth").values_list(column, flat=True).iterator(chunk_size=5):
        found += ((id, told.read(sentence, may)) for id, sentence in kept.items())
        if len(found) >= SHOWN:
            break
    people = Customer.objects.in_bulk([UUID(id) for id, _sentence in found[:SHOWN]])
    return [
        {"customer": people[UUID(id)], "why": sentence.replace(NAME, people[UUID(id)].name)}
        for id, sentence in found[:SHOWN]
        if UUID(id) in people
    ]


@require(Right.EDIT_CUSTOMERS)
@require_POST
def undo_act(request: HttpRequest, id: UUID) -> HttpResponse:
    act = get_object_or_404(BulkAct, pk=id)
    demand(request, verbs[act.verb].right)
    try:
        act = start.undo(act, by=request.user, now=dates.now())
    except start.CannotStart as error:
        toast(request, str(error), level="error")
    else:
        if not act.running:
            toast(request, start.told(act))
    return redirect("customers:bulk_act", act.pk)


@require(Right.EDIT_CUSTOMERS)
@require_POST
def go_on(request: HttpRequest, id: UUID) -> HttpResponse:
    act = get_object_or_404(BulkAct, pk=id)
    demand(request, verbs[act.verb].right)
    try:
        start.go_on(act, now=dates.now())
    except start.CannotStart as error:
        toast(request, str(error), level="error")
    return redirect("customers:bulk_act", act.pk)


@require(Right.EXPORT)
@require_safe
def report(request: HttpRequest, id: UUID) -> StreamingHttpResponse:
    """Who was refused and why, and who could not be put back, as CSV."""
    act = get_object_or_404(BulkAct, pk=id)
    account = request.account  # type: ignore[attr-defined]
    name = content_disposition_header(True, _("refused customers.csv")) or "attachment"
    may = request.membership.may  # type: ignore[attr-defined]
    lines = _lines(account.pk, act.pk, may, [_("No."), _("Code"), _("Name"), _("Reason")])
    headers = {"Content-Disposition": name, "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _lines(account_id: UUID, act_id: UUID, may: Callable[[Right], bool], head: list[str]) -> Iterator[bytes]:
    """In a scope of its own: it runs after the view's is closed."""
    yield "\ufeff".encode()
    yield _csv([head])
    nth = -1
    while True:
        with scope(account_id):
            part = BulkAct.objects.get(pk=act_id).parts.filter(nth__gt=nth).order_by("nth").first()
            if part is None:
                return
            nth = part.nth
            sentences = {id: told.read(kept, may) for id, kept in {**part.refused, **part.kept}.items()}
            people = Customer.objects.filter(pk__in=list(sentences)).order_by("number")
            rows = [[one.number, one.code, one.name, sentences[str(one.pk)].replace(NAME, one.name)] for one in people]
        yield _csv(rows)


def _csv(rows: list[list[Any]]) -> bytes:
    out = StringIO()
    csv.writer(out, delimiter=";").writerows([neutralise(as_text(cell)) for cell in row] for row in rows)
    return out.getvalue().encode()
