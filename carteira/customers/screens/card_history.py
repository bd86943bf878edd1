"""The tab History (S1-17's history part): every event of a customer, filtered by what it is about and who did it."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from carteira.accounts.roles import Right
from carteira.customers import history
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer
from carteira.customers.owners import members
from carteira.customers.screens.asked import text_of


def context(request: HttpRequest, customer: Customer, view: View) -> dict[str, Any]:
    account = request.account  # type: ignore[attr-defined]
    about, who = text_of(request.GET, "about"), text_of(request.GET, "who")
    may = request.membership.may  # type: ignore[attr-defined]
    told_to = history.told_to(may)
    about = about if about in told_to else ""
    who = who if who == history.PROGRAM or _id(who) else ""
    events, older = history.page(
        customer.pk,
        account.currency,
        older_than=_id(text_of(request.GET, "older")),
        whole=may(Right.EDIT_CUSTOMERS),
        may=may,
        about=about,
        who=_id(who) or who,
    )
    kept = {name: value for name, value in (("about", about), ("who", who)) if value}
    if not view.live:
        kept["as_of"] = view.day.isoformat()
    shown: dict[str, Any] = {
        "events": events,
        "older": older and "?" + urlencode({**kept, "older": str(older)}),
        "more": "older" in request.GET,
        "filtered": bool(about or who),
    }
    if not request.htmx:  # type: ignore[attr-defined]
        shown |= {
            "about": about,
            "who": who,
            "subjects": [(name, history.subjects[name]) for name in told_to],
            "people": _people(account),
        }
    return shown


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _people(account: Any) -> list[tuple[str, str]]:
    """Who may have done something: everybody of the business, and the program itself."""
    return [*members(account), (history.PROGRAM, _("Carteira"))]
