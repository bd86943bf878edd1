"""The filters of the list by own fields: asked for when somebody is about to use them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.customers.fields import listed
from carteira.customers.screens.asked import read


@require(Right.SEE_CUSTOMERS)
@require_safe
def own_filters(request: HttpRequest) -> HttpResponse:
    """The address has the parameters of the list. For htmx a part of its dialog, else a page of its own."""
    asked, account = read(request, dates.now()), request.account  # type: ignore[attr-defined]
    found = listed.filters()
    context = {
        "filters": [
            {
                "name": name,
                "label": one.label,
                "value": asked.parameters.get(name, ""),
                "options": one.options(account),
                "written": one.written,
            }
            for name, one in found.items()
        ],
        "others": [name for name, value in asked.parameters.items() if value and name not in found],
        "back": reverse("customers:list") + asked.address(),
    }
    fragment = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
    template = "filters_fields.html" if fragment else "filters.html"
    return render(request, f"customers/fields/screens/{template}", context)
