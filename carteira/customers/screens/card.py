"""A customer's own page: facts, what the rooms above know about it, and its history."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates, people
from carteira.customers import history, registries, why
from carteira.customers.models import Customer
from carteira.customers.screens.asked import day_asked, text_of


@require(Right.SEE_CUSTOMERS)
@require_safe
def show_customer(request: HttpRequest, id: UUID) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=id)
    account = request.account  # type: ignore[attr-defined]
    membership = request.membership  # type: ignore[attr-defined]
    may_edit = membership.may(Right.EDIT_CUSTOMERS)
    events, older = history.page(customer.pk, account.currency, older_than=_place(request), whole=may_edit)
    shown: dict[str, Any] = {"customer": customer, "events": events, "older": older}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "customers/screens/card_history.html", shown)
    view, notices = day_asked(request, dates.now())
    story = why.story(customer, view)
    context = {
        **shown,
        "view": view,
        "notices": notices,
        "story": story,
        "why": why.why(story),
        "owes": why.why_delinquent(story) if story.delinquent else "",
        "too_early": view.day < customer.counted_from,
        "facts": _facts(customer, account.country, whole=may_edit),
        "sections": [
            {"label": section.label, "template": section.template, **section.context(request, customer, view)}
            for section in registries.card_sections
            if membership.may(section.right)
        ],
        "may_edit": may_edit,
        "may_archive": membership.may(Right.ARCHIVE_CUSTOMERS),
    }
    return render(request, "customers/screens/card.html", context)


def _place(request: HttpRequest) -> UUID | None:
    try:
        return UUID(text_of(request.GET, "older"))
    except ValueError:
        return None


def _facts(customer: Customer, country: str, *, whole: bool) -> list[dict[str, Any]]:
    """Label and text of what is known. Documents are shown whole to who may change them, else with holes."""
    document = people.format_document if whole else people.mask_document
    place = ", ".join(filter(None, [customer.city, customer.state]))
    rows = [
        (_("Number"), str(customer.number), ""),
        (_("Code"), customer.code, ""),
        (_("Kind"), Customer.Kind(customer.kind).label, ""),
        (
            people.document_label(customer.document_kind) if customer.document else _("Document"),
            document(customer.document_kind, customer.document) if customer.document else "",
            customer.document if whole else "",
        ),
        (_("E-mail"), customer.email, customer.email),
        (_("Phone"), people.format_phone(customer.phone, country) if customer.phone else "", customer.phone),
        (_("City"), place, ""),
    ]
    return [{"label": label, "text": text, "copy": copy} for label, text, copy in rows if text]
