"""Who belongs to the business, and who is asked to: list, invitations, one member's role and rights."""

from typing import Any
from uuid import UUID

from allauth.core.ratelimit import consume_or_429
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from carteira.accounts import invite, leave
from carteira.accounts.access import proof_first, require
from carteira.accounts.change_member import change_member
from carteira.accounts.links import invitation_link
from carteira.accounts.member_forms import InviteForm, MemberForm
from carteira.accounts.models import Account, Invitation, Membership
from carteira.accounts.rights_check import NotAllowed, check_may_change
from carteira.accounts.roles import Right, Role, rights_of
from carteira.accounts.screens.shell import settings_tabs
from carteira.accounts.transfer import transfer
from carteira.core import dates
from carteira.core.ui.toast import toast
from carteira.core.urls import root_url

_ORDER = {role: place for place, role in enumerate(Role.values)}


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.MANAGE_MEMBERS)
def list_members(request: HttpRequest) -> HttpResponse:
    """The list; a POST invites."""
    account: Account = request.account  # type: ignore[attr-defined]
    form = InviteForm(request.POST or None, account=account, by=request.user)
    if request.method == "POST" and form.is_valid():
        if limited := consume_or_429(request, action="invite", user=request.user):
            return limited
        try:
            invitation = invite.invite(account, by=request.user, now=dates.now(), **form.cleaned_data)
        except (invite.CannotInvite, NotAllowed) as error:
            form.add_error("email", str(error))
        else:
            toast(request, _("%(email)s is invited.") % {"email": invitation.email})
            return redirect("accounts:members")
    return render(request, "accounts/screens/members.html", _list(request, form), status=422 if form.errors else 200)


def _list(request: HttpRequest, form: InviteForm) -> dict[str, Any]:
    account: Account = request.account  # type: ignore[attr-defined]
    now = dates.now()
    # Memberships stand outside the walls: this filter is what keeps other businesses' people out.
    rows = list(Membership.objects.filter(account=account).select_related("user"))
    rights = {row.user_id: row.rights for row in rows}
    waiting = Invitation.objects.filter(accepted_at=None, revoked_at=None).order_by("-id")[: invite.MOST_OPEN]
    return {
        "form": form,
        "tabs": settings_tabs(request),
        "members": sorted(rows, key=lambda row: (_ORDER[row.role], str(row.user).casefold())),
        "invitations": [
            {
                "row": row,
                "open": row.is_open(now),
                "worthless": row.by_id is not None and not rights_of(row.role) <= rights.get(row.by_id, frozenset()),
                # Whoever is invited must hold the mailbox; only where no mail goes out is the link handed on by hand.
                "link": "" if settings.MAILS_GO_OUT else invitation_link(row),
            }
            for row in waiting
        ],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.MANAGE_MEMBERS)
def member(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """One member: role, rights, and the ways out."""
    row = _member(request, member_id)
    form = MemberForm(request.POST or None, member=row, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            change_member(row, by=request.user, now=dates.now(), **form.chosen())
        except NotAllowed as error:
            form.add_error(None, str(error))
        else:
            toast(request, _("Saved."))
            return redirect("accounts:members")
    own: Membership = request.membership  # type: ignore[attr-defined]
    context = {
        "form": form,
        "member": row,
        "kept": _why_kept(row, request),
        "may_transfer": own.role == Role.OWNER and row.pk != own.pk and row.user.is_active,
        "tabs": settings_tabs(request),
    }
    return render(request, "accounts/screens/member.html", context, status=422 if form.errors else 200)


def _why_kept(row: Membership, request: HttpRequest) -> str:
    try:
        check_may_change(row, by=request.user)
    except NotAllowed as error:
        return str(error)
    return ""


@require_POST
@require(Right.MANAGE_MEMBERS)
def remove(request: HttpRequest, member_id: UUID) -> HttpResponse:
    row = _member(request, member_id)
    try:
        leave.remove(row, by=request.user, now=dates.now())
    except NotAllowed as error:
        toast(request, str(error), level="error")
    else:
        toast(request, _("%(name)s does not belong to the business any more.") % {"name": row.user})
    return redirect("accounts:members")


@require_POST
@require(Right.OWN)
def hand_on(request: HttpRequest, member_id: UUID) -> HttpResponse:
    """The owner makes somebody else the owner."""
    row = _member(request, member_id)
    if first := proof_first(request):
        return first
    try:
        transfer(request.account, to=row, by=request.user, now=dates.now())  # type: ignore[attr-defined]
    except NotAllowed as error:
        toast(request, str(error), level="error")
    else:
        toast(request, _("%(name)s owns the business now; you are an administrator.") % {"name": row.user})
    return redirect("accounts:members")


@require_POST
@require(Right.ENTER)
def go(request: HttpRequest) -> HttpResponse:
    """Leave the business oneself."""
    try:
        leave.leave(request.membership, now=dates.now())  # type: ignore[attr-defined]
    except NotAllowed as error:
        toast(request, str(error), level="error")
        return redirect("accounts:profile")
    toast(request, _("You left %(business)s.") % {"business": request.account})  # type: ignore[attr-defined]
    return redirect(root_url("start"))


@require_POST
@require(Right.MANAGE_MEMBERS)
def resend(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    row = get_object_or_404(Invitation, pk=invitation_id)
    if limited := consume_or_429(request, action="invite", user=request.user):
        return limited
    return _said(request, row, invite.resend, _("%(email)s is invited again, for another week."))


@require_POST
@require(Right.MANAGE_MEMBERS)
def revoke(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    row = get_object_or_404(Invitation, pk=invitation_id)
    undo = reverse("accounts:reopen_invitation", args=[row.pk])
    return _said(request, row, invite.revoke, _("The invitation of %(email)s is taken back."), undo=undo)


@require_POST
@require(Right.MANAGE_MEMBERS)
def reopen(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """What the revocation's undo button does."""
    row = get_object_or_404(Invitation, pk=invitation_id)
    return _said(request, row, invite.reopen, _("%(email)s is invited again."))


def _said(request: HttpRequest, row: Invitation, verb: Any, text: str, *, undo: str | None = None) -> HttpResponse:
    try:
        verb(row, by=request.user, now=dates.now())
    except (invite.CannotInvite, NotAllowed) as error:
        toast(request, str(error), level="error")
    else:
        toast(request, text % {"email": row.email}, undo=undo)
    return redirect("accounts:members")


def _member(request: HttpRequest, member_id: UUID) -> Membership:
    rows = Membership.objects.select_related("user", "account")
    return get_object_or_404(rows, pk=member_id, account=request.account)  # type: ignore[attr-defined]
