"""Help: a page per task, in the reader's language, reached from the screen it speaks of (S0-16, S0-17)."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core.registries import help_pages


@require(Right.ENTER)
@require_safe
def help_index(request: HttpRequest) -> HttpResponse:
    return render(request, "home/screens/help_index.html", {"pages": _listed()})


@require(Right.ENTER)
@require_safe
def help_page(request: HttpRequest, task: str) -> HttpResponse:
    page = help_pages.get(task)
    if page is None:
        raise Http404
    text = f"{page.folder}/{_language()}/{task}.html"
    return render(
        request, "home/screens/help_page.html", {"page": page, "text": text, "pages": _listed(), "name": task}
    )


def _listed() -> list[dict[str, object]]:
    return [{"name": name, "page": help_pages[name]} for name in help_pages.names()]


def _language() -> str:
    """The reader's, among those the pages are written in."""
    spoken = get_language() or ""
    return spoken if spoken in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
