"""Signing in, out and up, and passwords: allauth's views with our templates, only those that are used."""

from typing import Any

from allauth.account import views
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from carteira.core.ui import theme


class SignIn(views.LoginView):
    template_name = "accounts/screens/login.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(signup_open=settings.SIGNUP_OPEN, **context)


class SignUp(views.SignupView):
    template_name = "accounts/screens/signup.html"
    template_name_signup_closed = "accounts/screens/signup_closed.html"


# allauth's own views would answer a PUT as if it were a POST, and some a DELETE as if it were a GET.
_ways = require_http_methods(["GET", "HEAD", "POST"])

login = _ways(SignIn.as_view())
signup = _ways(SignUp.as_view())
logout = _ways(views.LogoutView.as_view(template_name="accounts/screens/logout.html"))
inactive = require_safe(views.AccountInactiveView.as_view(template_name="accounts/screens/inactive.html"))
forgotten = _ways(views.PasswordResetView.as_view(template_name="accounts/screens/forgotten.html"))
forgotten_sent = require_safe(views.PasswordResetDoneView.as_view(template_name="accounts/screens/forgotten_sent.html"))
new_password = _ways(views.PasswordResetFromKeyView.as_view(template_name="accounts/screens/new_password.html"))
confirm_sent = require_safe(views.EmailVerificationSentView.as_view(template_name="accounts/screens/confirm_sent.html"))
confirm = _ways(views.ConfirmEmailView.as_view(template_name="accounts/screens/confirm.html"))


def too_many(request: HttpRequest) -> HttpResponse:
    """429: somebody tries too often. The roof names it handler429, where allauth looks for it."""
    title, text = _("Too many attempts"), _("Please wait a few minutes and try again.")
    if request.headers.get("HX-Request"):
        return HttpResponse(text, status=429, content_type="text/plain; charset=utf-8")
    context = {"status": 429, "title": title, "text": text, "theme": theme.chosen(request)}
    return render(request, "core/ui/error.html", context, status=429)
