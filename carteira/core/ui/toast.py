"""Toasts: one sentence about what just happened, with an undo where there is one."""

from typing import Any, Literal

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest, HttpResponse

LEVELS = {
    "success": messages.SUCCESS,
    "info": messages.INFO,
    "warning": messages.WARNING,
    "error": messages.ERROR,
}
# A client that opens no page between its acts shows nothing of them: only the latest sentences wait for one.
MOST = 8


class LatestToasts(FallbackStorage):
    """Kept in the cookie, and what is too long for it in the session; never a heap of them (MESSAGE_STORAGE)."""

    def _store(self, messages: list[Message], response: HttpResponse, *args: Any, **kwargs: Any) -> list[Message]:
        return super()._store(messages[-MOST:], response, *args, **kwargs)


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
