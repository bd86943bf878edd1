"""My profile: name, language, look. Every member has one, whatever their role."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from carteira.accounts.access import require
from carteira.accounts.forms import ProfileForm
from carteira.accounts.profile import change_profile
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
    context = {"form": form, "tabs": settings_tabs(request)}
    return render(request, "accounts/screens/profile.html", context, status=422 if form.errors else 200)


def _shown(request: HttpRequest) -> dict[str, Any]:
    return {"name": request.user.name, "language": request.user.language}
