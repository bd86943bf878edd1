"""My security: the password, the second factor, browsers signed in with, and what happened at the door."""

from typing import Any

from allauth.account.internal.flows.password_change import finalize_password_change
from allauth.core.ratelimit import consume_or_429
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from carteira.accounts.access import require
from carteira.accounts.forms import ChangePasswordForm
from carteira.accounts.mfa_adapter import factors_of
from carteira.accounts.profile import change_password
from carteira.accounts.roles import Right
from carteira.accounts.screens.shell import settings_tabs
from carteira.accounts.sign_ins import of_person
from carteira.accounts.sign_out import end_one, end_others, sessions_of
from carteira.core import dates
from carteira.core.ui.toast import toast
from carteira.core.urls import root_url

_SHOWN = 20


@require_safe
@require(Right.ENTER)
def security(request: HttpRequest) -> HttpResponse:
    return page(request, ChangePasswordForm(request.user))


def page(request: HttpRequest, password_form: ChangePasswordForm) -> HttpResponse:
    factors = factors_of(request.user)
    context: dict[str, Any] = {
        "password_form": password_form,
        "factors": factors,
        "passkeys": [
            {
                "row": row,
                "name": row.wrap().name,
                "rename": root_url("mfa_edit_webauthn", pk=row.pk),
                "remove": root_url("mfa_remove_webauthn", pk=row.pk),
            }
            for row in factors["passkeys"]
        ],
        "urls": {
            "totp_on": root_url("mfa_activate_totp"),
            "totp_off": root_url("mfa_deactivate_totp"),
            "passkey": root_url("mfa_add_webauthn"),
            "codes": root_url("mfa_view_recovery_codes"),
        },
        "tabs": settings_tabs(request),
        # Sessions belong to no account: they end by the real clock, also while the demo's is ahead.
        "sessions": sessions_of(request.user, here=request.session.session_key, now=dates.now() - dates.ahead()),
        "sign_ins": of_person(request.user, size=_SHOWN),
    }
    return render(request, "accounts/screens/security.html", context, status=422 if password_form.errors else 200)


@sensitive_post_parameters("oldpassword", "password1")
@require_POST
@require(Right.ENTER)
def password(request: HttpRequest) -> HttpResponse:
    """A new password; other browsers are signed out, this one stays."""
    if limited := consume_or_429(request, action="change_password", user=request.user):
        return limited
    form = ChangePasswordForm(request.user, request.POST)
    if form.is_valid():
        change_password(request.user, form.cleaned_data["password1"], keep=request.session.session_key)
        finalize_password_change(request, request.user)
        return redirect("accounts:security")
    return page(request, form)


@require_POST
@require(Right.ENTER)
def end(request: HttpRequest, session: str) -> HttpResponse:
    """Sign one browser out."""
    end_one(request.user, session)
    toast(request, _("That browser is signed out."))
    return redirect("accounts:security")


@require_POST
@require(Right.ENTER)
def end_all_others(request: HttpRequest) -> HttpResponse:
    count = end_others(request.user, keep=request.session.session_key)
    text = ngettext("%(count)s other browser is signed out.", "%(count)s other browsers are signed out.", count)
    toast(request, text % {"count": count})
    return redirect("accounts:security")
