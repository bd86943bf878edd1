"""Toasts: one sentence about what just happened, with an undo where there is one."""

from typing import Literal

from django.contrib import messages
from django.http import HttpRequest

LEVELS = {
    "success": messages.SUCCESS,
    "info": messages.INFO,
    "warning": messages.WARNING,
    "error": messages.ERROR,
}


def toast(
    request: HttpRequest,
    text: str,
    *,
    level: Literal["success", "info", "warning", "error"] = "success",
    undo: str | None = None,
) -> None:
    """Shows `text` on the next page, or in this response when it ends with {% toasts oob=True %}.

    `undo` is the address that undoes the act; the toast then carries a button that POSTs to it.
    """
    messages.add_message(request, LEVELS[level], text, extra_tags=undo or "")
