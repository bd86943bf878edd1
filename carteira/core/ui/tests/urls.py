"""The kit page without the roof's guard, for the kit's own tests."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from carteira.core.ui import errors
from carteira.core.ui.kit import kit
from carteira.core.ui.toast import toast

handler400, handler403 = errors.bad_request, errors.permission_denied
handler404, handler500 = errors.page_not_found, errors.server_error


def refuse(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Only the owner may do that.")


def save(request: HttpRequest) -> HttpResponse:
    toast(request, f"Saved {request.POST['what']}.", undo="/undo/")
    return render(request, "core/ui/toasts.html", {"messages": _waiting(request), "oob": True})


def _waiting(request: HttpRequest) -> Any:
    from django.contrib.messages import get_messages

    return get_messages(request)


urlpatterns = [
    path("_kit/", kit, name="kit"),
    path("_kit/refuse/", refuse),
    path("_kit/save/", save),
    path("", include("carteira.core.ui.urls")),
]
