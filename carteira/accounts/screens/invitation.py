"""Where an invitation's link leads: joining with the login one has, or with a new one. Open to whoever holds the link."""

from typing import Any
from uuid import UUID

from allauth.account.utils import perform_login
from allauth.core.ratelimit import consume_or_429
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from carteira.accounts import language as languages
from carteira.accounts.accept import InvitationGone, LoginExists, accept, accept_as_new, check_open
from carteira.accounts.links import read_invitation_key
from carteira.accounts.member_forms import JoinForm
from carteira.accounts.models import Account, Invitation, User
from carteira.accounts.screens.start import start_of
from carteira.core import dates
from carteira.core.ui.toast import toast
from carteira.core.walls import scope


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, key: str) -> HttpResponse:
    if limited := consume_or_429(request, action="accept_invitation"):
        return limited
    ids = read_invitation_key(key)
    account = Account.objects.filter(pk=ids[0]).first() if ids else None
    if ids is None or account is None:
        return _gone(request, None)
    with scope(account.pk), languages.speaking(request, languages.chosen(request) or account.language):
        try:
            found = check_open(Invitation.objects.select_related("by").filter(pk=ids[1]).first(), now=dates.now())
        except InvitationGone as error:
            return _gone(request, error)
        if request.user.is_authenticated:
            return _with_login(request, account, found)
        return _without_login(request, account, found)


def _with_login(request: HttpRequest, account: Account, found: Invitation) -> HttpResponse:
    if request.method == "POST":
        return _joined(request, account, found.pk, request.user)
    return _page(request, account, found)


def _without_login(request: HttpRequest, account: Account, found: Invitation) -> HttpResponse:
    if User.objects.filter(email=found.email).exists():
        return _page(request, account, found, known=True)
    form = JoinForm(request.POST or None, email=found.email)
    if request.method == "POST" and form.is_valid():
        chosen = languages.chosen(request)
        try:
            user = accept_as_new(
                found.pk,
                name=form.cleaned_data["name"],
                password=form.cleaned_data["password"],
                language=chosen,
                now=dates.now(),
            )
        except InvitationGone as error:
            return _gone(request, error)
        except LoginExists as error:
            form.add_error(None, str(error))
        else:
            return perform_login(request, user, email_verification="none", redirect_url=start_of(account))
    return _page(request, account, found, form=form)


def _joined(request: HttpRequest, account: Account, invitation_id: UUID, user: Any) -> HttpResponse:
    try:
        accept(invitation_id, user=user, now=dates.now())
    except InvitationGone as error:
        return _gone(request, error)
    toast(request, _("Welcome to %(business)s.") % {"business": account.name})
    return redirect(start_of(account))


def _page(
    request: HttpRequest, account: Account, found: Invitation, *, form: Any = None, known: bool = False
) -> HttpResponse:
    context = {"invited_to": account, "invitation": found, "form": form, "known": known}
    failed = form is not None and form.errors
    return render(request, "accounts/screens/invitation.html", context, status=422 if failed else 200)


def _gone(request: HttpRequest, error: InvitationGone | None) -> HttpResponse:
    """410 with the reason; of a link that is none of ours nothing but that it does not work."""
    return render(request, "accounts/screens/invitation_gone.html", {"why": str(error or "")}, status=410)
