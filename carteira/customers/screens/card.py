"""A customer's own page (S0-15, S1-01): a head that stays, and tabs that rooms above add to."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from carteira.accounts.access import demand, require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.customers import registries, why
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer
from carteira.customers.screens.asked import day_asked

MAIN = "main"


@require(Right.SEE_CUSTOMERS)
@require_safe
def show_customer(request: HttpRequest, id: UUID) -> HttpResponse:
    return _page_of(request, id, MAIN)


@require(Right.SEE_CUSTOMERS)
@require_safe
def show_tab(request: HttpRequest, id: UUID, tab: str) -> HttpResponse:
    chosen = registries.card_tabs.get(tab)
    if chosen is None:
        raise Http404
    demand(request, chosen.right)
    return _page_of(request, id, tab)


def _page_of(request: HttpRequest, id: UUID, tab: str) -> HttpResponse:
    found = Customer.objects.select_related("owner").filter(pk=id)
    if tab == MAIN:
        found = found.annotate(**registries.asked_with_customer())
    return card_page(request, get_object_or_404(found), tab)


def card_page(request: HttpRequest, customer: Customer, name: str, status: int = 200, **more: Any) -> HttpResponse:
    """One tab in the card's frame, or (for htmx) its fragment. `more` goes to the tab's template."""
    tab = registries.card_tabs.get(name)
    assert tab is not None
    view, notices = day_asked(request, dates.now())
    context: dict[str, Any] = {"customer": customer, "view": view, "may_edit": _may(request, Right.EDIT_CUSTOMERS)}
    fragment = request.htmx and tab.fragment  # type: ignore[attr-defined]
    if not fragment:
        story = why.story(customer, view)
        context |= {
            "notices": notices,
            "story": story,
            "why": why.why(story),
            "owes": why.why_delinquent(story) if story.delinquent else "",
            "too_early": view.day < customer.counted_from,
            "tabs": _tabs(request, customer, view, name),
            "acts": [act for act in registries.card_acts if _may(request, act.right) and act.shown(customer)],
            "template": tab.template,
        }
        context["menu_acts"] = [act for act in context["acts"] if not act.main]
    context["tab"] = {**tab.context(request, customer, view), **more}
    return render(request, fragment or "customers/screens/card.html", context, status=status)


def _may(request: HttpRequest, right: Right) -> bool:
    return bool(request.membership.may(right))  # type: ignore[attr-defined]


def _tabs(request: HttpRequest, customer: Customer, view: View, chosen: str) -> list[dict[str, Any]]:
    day = "" if view.live else f"?as_of={view.day.isoformat()}"
    return [
        {"label": tab.label, "url": tab_url(customer.pk, name) + day, "selected": name == chosen, "count": None}
        for name, tab in zip(registries.card_tabs.names(), registries.card_tabs, strict=True)
        if _may(request, tab.right)
    ]


def tab_url(customer_id: UUID, name: str) -> str:
    if name == MAIN:
        return reverse("customers:card", args=[customer_id])
    return reverse("customers:card_tab", args=[customer_id, name])
