"""The second factor: an authenticator app, passkeys, recovery codes; and proving once more who one is.

allauth's views with our templates. They belong to a person, so they stand outside the businesses.
"""

from collections.abc import Callable
from typing import Any

from allauth.account import views as account_views
from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal import auth
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from carteira.accounts.models import Membership
from carteira.core.ui.toast import toast
from carteira.core.urls import account_url

_FOLDER = "accounts/screens"


@require_safe
@login_required
def own_security(request: HttpRequest) -> HttpResponse:
    """Where allauth goes afterwards: the page of one's security, in the business one works in."""
    rows = Membership.objects.filter(user=request.user.pk).select_related("account").order_by("created_at")
    found = next((row for row in rows if row.account_id == request.user.last_account_id), rows.first())  # type: ignore[union-attr]
    return redirect(account_url(found.account.slug, "accounts:security") if found else "start")


class AddPasskey(webauthn.AddWebAuthnView):
    """Always one that signs in by itself."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        found = super().get_context_data(**context)
        found["options"] = auth.begin_registration(self.request.user, True)
        # allauth's own view forgets the bound form and with it why it was refused.
        return {**found, **context, "form": context.get("form") or self.get_form()}


class RemovePasskey(webauthn.RemoveWebAuthnView):
    success_url = reverse_lazy("mfa_index")


@method_decorator([login_required, reauthentication_required(app="allauth.mfa")], name="dispatch")
class RenamePasskey(webauthn.EditWebAuthnView):
    """Asks for the proof before one has typed, not after."""

    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        toast(self.request, _("The passkey is called “%(name)s” now.") % {"name": form.cleaned_data["name"]})
        return answer


_ways = require_http_methods(["GET", "HEAD", "POST"])


def _page(view: Any, template: str, **options: Any) -> Callable[..., HttpResponseBase]:
    return _ways(view.as_view(template_name=f"{_FOLDER}/{template}.html", **options))


authenticate = _page(base.AuthenticateView, "factor")
again_by_password = _page(account_views.ReauthenticateView, "again")
again_by_code = _page(base.ReauthenticateView, "again")
again_by_passkey = _page(webauthn.ReauthenticateWebAuthnView, "again")
turn_on = _page(totp.ActivateTOTPView, "totp_on")
turn_off = _page(totp.DeactivateTOTPView, "totp_off")
recovery_codes = require_safe(codes.ViewRecoveryCodesView.as_view(template_name=f"{_FOLDER}/codes.html"))
new_codes = _page(codes.GenerateRecoveryCodesView, "codes_new")
download_codes = require_safe(codes.DownloadRecoveryCodesView.as_view())
add_passkey = _page(AddPasskey, "passkey_add")
rename_passkey = _page(RenamePasskey, "passkey_rename")
remove_passkey = _page(RemovePasskey, "passkey_remove")
login_passkey = _ways(webauthn.LoginWebAuthnView.as_view())
