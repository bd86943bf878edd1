"""The tab Main (S1-04): state and why, what asks for attention, figures, sections of other rooms, what happened last."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from carteira.accounts.roles import Right
from carteira.core import people
from carteira.core.ui.formats import day
from carteira.customers import history, registries
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer

LATEST = 5


def context(request: HttpRequest, customer: Customer, view: View) -> dict[str, Any]:
    account = request.account  # type: ignore[attr-defined]
    may = request.membership.may  # type: ignore[attr-defined]
    whole = may(Right.EDIT_CUSTOMERS)
    told = [
        source.read(request, customer, view)
        for name, source in zip(registries.card_summaries.names(), registries.card_summaries, strict=True)
        if may(source.right) and registries.has_something(name, customer)
    ]
    sections = [
        {
            "name": name,
            "label": section.label,
            "template": section.template,
            "side": section.side,
            **section.context(request, customer, view),
        }
        for name, section in zip(registries.card_sections.names(), registries.card_sections, strict=True)
        if may(section.right)
    ]
    events, older = history.page(customer.pk, account.currency, whole=whole, may=may, size=LATEST)
    return {
        "attention": [item for summary in told for item in summary.attention],
        "figures": [figure for summary in told for figure in summary.figures],
        "sections": [section for section in sections if not section["side"]],
        "side_sections": [section for section in sections if section["side"]],
        "facts": facts(customer, account.country, whole=whole),
        "events": events,
        "older": older,
    }


def facts(customer: Customer, country: str, *, whole: bool) -> list[dict[str, Any]]:
    """Label, text and (where copying it helps) the bare value of what one looks up most. Documents are shown whole to
    who may change them, else with holes."""
    document = people.format_document if whole else people.mask_document
    company = customer.kind == Customer.Kind.COMPANY
    birth = _("Founded on") if company else _("Birth date")
    street = ", ".join(filter(None, [customer.street, customer.street_number, customer.complement, customer.district]))
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
        (_("Address"), street, ""),
        (_("City"), place, ""),
        (birth, day(customer.birth_on) if customer.birth_on else "", ""),
        (_("In charge"), str(customer.owner or ""), ""),
    ]
    return [{"label": label, "text": text, "copy": copy} for label, text, copy in rows if text]
