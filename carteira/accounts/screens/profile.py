"""My profile: name, language, look, password. Every member has one, whatever their role."""

from typing import Any

from allauth.account.internal.flows.password_change import finalize_password_change
from allauth.core.ratelimit import consume_or_429
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from carteira.accounts.access import require
from carteira.accounts.forms import ChangePasswordForm, ProfileForm
from carteira.accounts.profile import change_password, change_profile
from carteira.accounts.roles import Right
from carteira.accounts.screens.shell import settings_tabs
from carteira.core.ui.toast import toast


@require_http_methods(["GET", "HEAD", "POST"])
@require(Right.ENTER)
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, initial=_shown(request))
    if request.method == "POST" and form.is_valid():
        change_profile(request.user, **form.cleaned_data)
        toast(request, _("Saved."))
        return redirect("accounts:profile")
    return _page(request, form, ChangePasswordForm(request.user))


@sensitive_post_parameters("oldpassword", "password1")
@require_POST
@require(Right.ENTER)
def password(request: HttpRequest) -> HttpResponse:
    """A new password; other browsers are signed out, this one stays."""
    if limited := consume_or_429(request, action="change_password", user=request.user):
        return limited
    form = ChangePasswordForm(request.user, request.POST)
    if form.is_valid():
        change_password(request.user, form.cleaned_data["password1"])
        finalize_password_change(request, request.user)
        return redirect("accounts:profile")
    return _page(request, ProfileForm(initial=_shown(request)), form)


def _shown(request: HttpRequest) -> dict[str, Any]:
    return {"name": request.user.name, "language": request.user.language}


def _page(request: HttpRequest, form: ProfileForm, password_form: ChangePasswordForm) -> HttpResponse:
    context = {"form": form, "password_form": password_form, "tabs": settings_tabs(request)}
    failed = bool(form.errors or password_form.errors)
    return render(request, "accounts/screens/profile.html", context, status=422 if failed else 200)
