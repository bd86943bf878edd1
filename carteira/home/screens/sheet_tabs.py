"""Importing and exporting stand side by side."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from carteira.accounts.roles import Right


def sheet_tabs(request: HttpRequest, here: str) -> list[dict[str, Any]]:
    """The tabs the reader may follow; none where there is only one."""
    tabs = [
        {"label": label, "url": reverse(f"{name}:list"), "selected": name == here}
        for name, label, right in (("imports", _("Imports"), Right.IMPORT), ("exports", _("Exports"), Right.EXPORT))
        if request.membership.may(right)  # type: ignore[attr-defined]
    ]
    return tabs if len(tabs) > 1 else []
