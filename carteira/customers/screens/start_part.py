"""The customers on the first page: how many stand in each state, each a way into the list."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from carteira.core import dates
from carteira.customers import activity
from carteira.customers.lifecycle import view_of


def context(request: HttpRequest) -> dict[str, Any]:
    """One query, of index pages only."""
    counts = activity.counts(view_of(request.account, now=dates.now()))  # type: ignore[attr-defined]
    address = reverse("customers:list")
    return {
        "states": [
            (_("Leads"), counts.lead, f"{address}?state=lead"),
            (pgettext("several customers", "Active"), counts.active, f"{address}?state=active"),
            (pgettext("several customers", "Inactive"), counts.inactive, f"{address}?state=inactive"),
            (pgettext("several customers", "Delinquent"), counts.delinquent, f"{address}?delinquent=1"),
        ]
    }
