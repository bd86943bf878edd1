"""Who belongs to the business. Read only: inviting and changing roles comes with its own screens."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.models import Membership
from carteira.accounts.roles import Right, Role
from carteira.accounts.screens.shell import settings_tabs

_ORDER = {role: place for place, role in enumerate(Role.values)}


@require_safe
@require(Right.MANAGE_MEMBERS)
def list_members(request: HttpRequest) -> HttpResponse:
    # Memberships stand outside the walls: this filter is what keeps other businesses' people out.
    rows = Membership.objects.filter(account=request.account).select_related("user")  # type: ignore[attr-defined]
    members = sorted(rows, key=lambda row: (_ORDER[row.role], str(row.user).casefold()))
    context = {"members": members, "tabs": settings_tabs(request)}
    return render(request, "accounts/screens/members.html", context)
