"""A customer's groups on its card: put into one, taken out of one, left to the rule (S3-14 to S3-16)."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.ui.toast import toast
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer
from carteira.groups import queries
from carteira.groups.belong import pin_many
from carteira.groups.models import Group
from carteira.groups.screens.gone import gone_is_404

SAYS = {"in": True, "out": False, "rule": None}


def context(request: HttpRequest, customer: Customer, view: View) -> dict[str, Any]:
    """Its groups as they are now, whatever day the card is looked at, and those it could be put into. One query."""
    known = queries.of_customer(customer.pk)
    may_edit = request.membership.may(Right.EDIT_CUSTOMERS)  # type: ignore[attr-defined]
    return {
        "groups": [one for one in known if one.inside],
        "kept_out": [one for one in known if one.pinned is False],
        "others": [(one.id, one.name) for one in known if not one.inside] if may_edit else [],
        "may_edit": may_edit,
    }


@require(Right.EDIT_CUSTOMERS)
@require_POST
@gone_is_404()
def put(request: HttpRequest, id: UUID) -> HttpResponse:
    """`group`, and what holds from now on: `in`, `out` or `rule`."""
    customer = get_object_or_404(Customer, pk=id)
    try:
        group = get_object_or_404(Group, pk=UUID(request.POST.get("group", "")), deleted_at=None)
    except ValueError:
        toast(request, _("Choose a group."), level="error")
        return redirect("customers:card", customer.pk)
    says = SAYS.get(request.POST.get("says", ""), True)
    before = pin_many(group, {customer.pk: says}, by=request.user, now=dates.now())
    if customer.pk in before:
        words = {
            True: _("%(name)s is in “%(group)s” now."),
            False: _("%(name)s is no longer in “%(group)s”."),
            None: _("The rule of “%(group)s” decides about %(name)s again.")
            if group.by_rule
            else _("%(name)s is no longer in “%(group)s”."),
        }
        toast(request, words[says] % {"name": customer.name, "group": group.name})
    if request.POST.get("back") == "group":
        return redirect("groups:group", group.pk)
    return redirect(reverse("customers:card", args=[customer.pk]) + "#section-groupsof")
