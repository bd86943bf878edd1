"""The frame of the settings: a tab for each page this person may open, whichever room it comes from."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from carteira.core.registries import settings_pages


def settings_tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """For accounts/screens/settings_base.html, as `tabs`: {label, url, selected}."""
    membership = request.membership  # type: ignore[attr-defined]
    tabs = []
    for page in settings_pages:
        if page.right and not membership.may(page.right):
            continue
        url = reverse(page.url_name)
        tabs.append({"label": page.label, "url": url, "selected": url == request.path})
    return tabs
