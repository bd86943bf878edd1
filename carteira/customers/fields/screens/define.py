"""The page of a business's own fields: which there are, in which order, and each one's properties (S1-08 to S1-13)."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.ui.toast import toast
from carteira.customers.fields import queries
from carteira.customers.fields.define import (
    CannotDefine,
    add_field,
    change_field,
    order_fields,
    remove_field,
    restore_field,
)
from carteira.customers.fields.forms import FieldForm, renamed_options
from carteira.customers.fields.models import RUNNING, Field, FieldChange, Place

LIST = "customers:own_fields"


@require(Right.EDIT_ACCOUNT)
@require_safe
def list_fields(request: HttpRequest) -> HttpResponse:
    places = dict(Place.choices)
    changing = set(FieldChange.objects.filter(RUNNING).values_list("field_id", flat=True))
    context = {
        "fields": [
            {
                "field": field,
                "asked_in": [places[name] for name in field.asked_in if name in places],
                "changing": field.pk in changing,
            }
            for field in queries.living()
        ],
        "removed": queries.removed(),
    }
    return render(request, "customers/fields/screens/list.html", context)


@require(Right.EDIT_ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def new_field(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, FieldForm())
    form = FieldForm(request.POST)
    if form.is_valid():
        try:
            field = add_field(by=request.user, now=dates.now(), **form.cleaned_data)
        except CannotDefine as error:
            form.add_error(error.column if error.column in form.fields else None, str(error))
        else:
            toast(request, _("“%(label)s” is on every card now.") % {"label": field.label})
            return redirect(LIST)
    return _page(request, form, status=422)


@require(Right.EDIT_ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_field(request: HttpRequest, field: UUID) -> HttpResponse:
    own = get_object_or_404(Field, pk=field, removed_at=None)
    if request.method != "POST":
        return _page(request, FieldForm(field=own), own)
    form = FieldForm(request.POST, field=own)
    if form.is_valid():
        try:
            change_field(
                own, renamed=renamed_options(request.POST), by=request.user, now=dates.now(), **form.cleaned_data
            )
        except ValidationError as error:
            form.add_error(None, error)
        except CannotDefine as error:
            form.add_error(error.column if error.column in form.fields else None, str(error))
        else:
            toast(request, _("Saved."))
            return redirect(LIST)
    return _page(request, form, own, status=422)


@require(Right.EDIT_ACCOUNT)
@require_POST
def put_in_order(request: HttpRequest) -> HttpResponse:
    order_fields(_ids(request.POST.getlist("field")), by=request.user, now=dates.now())
    toast(request, _("The fields are in this order on every card."))
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "customers/fields/screens/ordered.html")
    return redirect(LIST)


@require(Right.EDIT_ACCOUNT)
@require_POST
def drop_field(request: HttpRequest, field: UUID) -> HttpResponse:
    own = remove_field(get_object_or_404(Field, pk=field), by=request.user, now=dates.now())
    toast(
        request,
        _("“%(label)s” is off the card. What it says is kept.") % {"label": own.label},
        undo=reverse("customers:restore_own_field", args=[own.pk]),
    )
    return redirect(LIST)


@require(Right.EDIT_ACCOUNT)
@require_POST
def bring_field_back(request: HttpRequest, field: UUID) -> HttpResponse:
    try:
        own = restore_field(get_object_or_404(Field, pk=field), by=request.user, now=dates.now())
    except CannotDefine as error:
        toast(request, str(error), level="error")
    else:
        toast(request, _("“%(label)s” is on the card again, with all it says.") % {"label": own.label})
    return redirect(LIST)


def _ids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _page(request: HttpRequest, form: FieldForm, field: Field | None = None, status: int = 200) -> HttpResponse:
    sections = [name for name, _fields in queries.sections(queries.living()) if name]
    context: dict[str, Any] = {"form": form, "own": field, "sections": sections}
    return render(request, "customers/fields/screens/form.html", context, status=status)
