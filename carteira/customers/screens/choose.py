"""About whom? The first step of an act that begins elsewhere than on a card: a task, an invoice (registry `card_acts`)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from carteira.accounts.access import demand, require
from carteira.accounts.roles import Right
from carteira.customers.models import Customer
from carteira.customers.registries import CardAct, card_acts
from carteira.customers.screens.asked import text_of
from carteira.customers.search import found_by, shortened

SHOWN = 20


@require(Right.SEE_CUSTOMERS)
@require_safe
def choose_customer(request: HttpRequest) -> HttpResponse:
    """GET act: the name of a card's act; each line leads to its screen of that customer, without one to the card.

    Found by any fragment, the archived among them, as everywhere; without one, those registered last.
    """
    act = _act(request)
    text = shortened(text_of(request.GET, "q"))
    if text:
        found = Customer.objects.filter(found_by(text).first_by_name(SHOWN + 1, archived=None))
        found = found.order_by("name_sort", "id")
    else:
        found = Customer.objects.filter(archived_on=None).order_by("-number")
    customers = list(found[: SHOWN + 1])
    leads = act.url_name if act else "customers:card"
    context = {
        "act": act,
        "act_name": request.GET.get("act", ""),
        "text": text,
        "more": len(customers) > SHOWN,
        "rows": [
            {"customer": customer, "url": reverse(leads, args=[customer.pk])}
            for customer in customers[:SHOWN]
            if act is None or act.shown(customer)
        ],
    }
    part = "#found" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"customers/screens/choose.html{part}", context)


def _act(request: HttpRequest) -> CardAct | None:
    name = request.GET.get("act", "")
    if not name:
        return None
    act = card_acts.get(name)
    if act is None or act.post:
        raise Http404
    demand(request, act.right)
    return act
