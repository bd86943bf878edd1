"""The tab Info (S1-05): everything known about a customer, each value edited where it stands (S1-07)."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates, people
from carteira.core.events.models import Event
from carteira.core.files import images
from carteira.core.ui.toast import toast
from carteira.customers import registries
from carteira.customers.edit import CannotEdit, ChangedMeanwhile, edit
from carteira.customers.fields.screens import card as own_fields
from carteira.customers.forms import clean_fields, cleaners, code_holder, code_taken
from carteira.customers.lifecycle import View
from carteira.customers.models import Address, Contact, ContactPoint, Customer, Note
from carteira.customers.parts import PARTS, CannotKeep, change, part_of, told_as
from carteira.customers.screens.card import MAIN, card_page, tab_url
from carteira.customers.screens.card_parts import empty_forms
from carteira.customers.screens.info_fields import ADDRESS, DEPENDENT, IDENTITY, MAIN_POINTS, Fields, columns_of
from carteira.customers.screens.twins import told_after

# Of how many events the last ones are looked through for who changed a value meanwhile.
_LOOKED_BACK = 50


def context(request: HttpRequest, customer: Customer, view: View) -> dict[str, Any]:
    fields = Fields.of(request)
    fields.whole = fields.whole and customer.anonymised_on is None
    may = request.membership.may  # type: ignore[attr-defined]
    contacts = Contact.objects.filter(customer=customer).select_related("other").order_by("id")
    return {
        "own": own_fields.context(request, customer),
        "identity": fields.row(customer, IDENTITY),
        "main_points": fields.row(customer, MAIN_POINTS),
        "address": fields.row(customer, ADDRESS),
        "points": [
            {"row": row, "fields": fields.row(row, ("value", "label"))}
            for row in ContactPoint.objects.filter(customer=customer).order_by("kind", "id")
        ],
        "addresses": [
            {"row": row, "fields": fields.row(row, ("label", *ADDRESS))}
            for row in Address.objects.filter(customer=customer).order_by("id")
        ],
        "contacts": [_contact(fields, row) for row in contacts],
        "photo_url": reverse("customers:photo", args=[customer.pk]) if customer.photo_id else "",
        "photo_accept": images.ACCEPT,
        "contact_of": Contact.objects.filter(other=customer).select_related("customer").order_by("id")[:20],
        "sections": [
            {"label": section.label, "template": section.template, **section.context(request, customer, view)}
            for section in registries.info_sections
            if may(section.right)
        ],
        "forms": empty_forms(request) if fields.whole else {},
        "may_edit": fields.whole,
    }


def _contact(fields: Fields, row: Contact) -> dict[str, Any]:
    """A contact who is a customer too has its data on its own card."""
    if row.other is None:
        return {"row": row, "fields": fields.row(row, ("name", "role", "email", "phone", "document"))}
    other = row.other
    phone = people.format_phone(other.phone, fields.account.country) if other.phone else ""
    return {"row": row, "fields": fields.row(row, ("role",)), "reached_by": [other.email, phone]}


@require(Right.EDIT_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def customer_field(request: HttpRequest, id: UUID, column: str) -> HttpResponse:
    return _field(request, get_object_or_404(Customer, pk=id), column)


@require(Right.EDIT_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def part_field(request: HttpRequest, id: UUID, part: str, row: UUID, column: str) -> HttpResponse:
    if part not in PARTS:
        raise Http404
    return _field(request, get_object_or_404(PARTS[part].model, pk=row, customer=id), column)


def _field(request: HttpRequest, record: Any, column: str) -> HttpResponse:
    if column not in columns_of(record):
        raise Http404
    fields = Fields.of(request)
    if request.method != "POST":
        return _answer(request, record, fields, column)
    # Browsers send the lines of a textarea with CR LF.
    was, typed = (request.POST.get(name, "").replace("\r\n", "\n").strip() for name in ("was", "value"))
    if typed in (was, fields.written(record, column)):
        # Nothing to write; what somebody else wrote meanwhile is shown.
        return _answer(request, record, fields, column)
    try:
        record = _save(request, record, fields, column, typed, was)
    except ChangedMeanwhile:
        record.refresh_from_db()
        told = {"typed": typed, "changed": True, "changed_by": _changed_by(record, column)}
        return _answer(request, record, fields, column, status=409, **told)
    except ValidationError as error:
        sentence = " ".join(error.messages)
        return _answer(request, record, fields, column, status=422, typed=typed, error=sentence, said=sentence)
    except (CannotEdit, CannotKeep) as error:
        return _answer(request, record, fields, column, status=422, typed=typed, error=str(error), said=str(error))
    if isinstance(record, Customer) and (alike := told_after(record, column)):
        toast(request, alike, level="warning")
    said = _("%(label)s: saved.") % {"label": fields.label(record, column)}
    return _answer(request, record, fields, column, saved=True, said=said)


def _save(request: HttpRequest, record: Any, fields: Fields, column: str, typed: str, was: str) -> Any:
    """Raises what the verbs raise, and ValidationError for what cannot be."""
    account, now = fields.account, dates.now()
    language = get_language() or ""
    country = fields.country_of(record)
    if column == "value":
        cleaned = {"value": cleaners(account, now=now, language=language)[record.kind](typed)}
    elif column == "text" and not typed:
        raise ValidationError(_("Write something, or remove the note by its menu."))
    elif column == "registered_on" and not typed:
        raise ValidationError(_("A customer is registered on some day."))
    else:
        cleaned, errors = clean_fields({column: typed}, account, now=now, language=language, country=country)
        for error in errors.values():
            raise error
    if isinstance(record, Customer):
        if cleaned.get("document_kind") == "cnpj":
            # Only companies have one, as sheets and the form take it too.
            cleaned["kind"] = Customer.Kind.COMPANY.value
        if cleaned.get("code") and (holder := code_holder(cleaned["code"], but=record)):
            raise code_taken(holder)
    verb = edit if isinstance(record, Customer) else change
    return verb(record, by=request.user, now=now, still=lambda locked: fields.written(locked, column) == was, **cleaned)


def _answer(
    request: HttpRequest, record: Any, fields: Fields, column: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    item = fields.field(record, column, **more)
    if request.htmx:  # type: ignore[attr-defined]
        also = [fields.field(record, name) for name in DEPENDENT.get(column, ()) if name in columns_of(record)]
        shown = {"item": item, "also": also if status == 200 else (), "heading": _heading(record, column)}
        return render(request, "customers/screens/card_info_field.html", shown, status=status)
    customer_id = record.pk if isinstance(record, Customer) else record.customer_id
    tab = MAIN if isinstance(record, Note) else "info"
    if status == 200:
        return redirect(tab_url(customer_id, tab))
    customer = record if isinstance(record, Customer) else Customer.objects.get(pk=customer_id)
    return card_page(request, customer, tab, status=status, answered=item)


def _heading(record: Any, column: str) -> str:
    return record.name if isinstance(record, Customer) and column == "name" else ""


def _changed_by(record: Any, column: str) -> str:
    """Who wrote the present value, "" where that is too long ago or nobody did."""
    is_customer = isinstance(record, Customer)
    events = Event.objects.filter(customer_id=record.pk if is_customer else record.customer_id)
    if not is_customer:
        events = events.filter(kind=part_of(record).changed, subject_id=record.pk)
        column = told_as(record, column)
    for event in events.select_related("by").order_by("-id")[:_LOOKED_BACK]:
        if column in (event.personal.get("new") or {}) or column in (event.what.get("fields") or ()):
            return str(event.by) if event.by else ""
    return ""
