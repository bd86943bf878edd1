"""Possible duplicates: found by a search over everybody, looked at one by one or several at once (N8)."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.ui.formats import number
from carteira.core.ui.toast import toast
from carteira.customers.merge import find, review
from carteira.customers.models import DuplicateSearch
from carteira.customers.screens.asked import text_of


@require(Right.EDIT_CUSTOMERS)
@require_safe
def list_duplicates(request: HttpRequest) -> HttpResponse:
    """`after`: behind which pair the page begins (rank~id)."""
    search = DuplicateSearch.objects.first()
    running = search is not None and search.finished_at is None
    pairs, more = review.page(_place(text_of(request.GET, "after")))
    done, total = find.progress(search) if search is not None else (0, 1)
    context = {
        "search": search,
        "running": running,
        "done": done,
        "total": total,
        "pairs": [{"pair": pair, "same": find.said_of(pair.same)} for pair in pairs],
        "next": f"?after={pairs[-1].rank}~{pairs[-1].pk.hex}" if more else "",
        "first_page": "" if not request.GET.get("after") else reverse("customers:duplicates"),
        "count": _counted(review.count()) if pairs else "",
    }
    part = "#progress" if request.htmx and running else ""  # type: ignore[attr-defined]
    if request.htmx and not running:  # type: ignore[attr-defined]
        # The search is over: the whole page has something new to show.
        return HttpResponse(headers={"HX-Redirect": reverse("customers:duplicates")})
    return render(request, f"customers/screens/duplicates.html{part}", context)


def _counted(found: int) -> str:
    shown = number(found) + ("+" if found >= review.MOST else "")
    return ngettext("%(shown)s pair", "%(shown)s pairs", found) % {"shown": shown}


def _place(text: str) -> tuple[int, UUID] | None:
    rank, _mark, id = text.partition("~")
    try:
        return int(rank[:4]), UUID(id)
    except ValueError:
        return None


@require(Right.EDIT_CUSTOMERS)
@require_POST
def search_duplicates(request: HttpRequest) -> HttpResponse:
    find.look(request.account, now=dates.now())  # type: ignore[attr-defined]
    return redirect("customers:duplicates")


@require(Right.EDIT_CUSTOMERS)
@require_POST
def act_on_duplicates(request: HttpRequest) -> HttpResponse:
    """POST pair=<id>… and act=merge or act=part ("not the same"); or, from a card, ?pair=<id>&customer=<id>."""
    ids = _ids([*request.POST.getlist("pair"), *request.GET.getlist("pair")])
    now = dates.now()
    if not ids:
        toast(request, _("Tick at least one pair first."), level="info")
    elif request.POST.get("act") == "merge":
        _merge(request, ids, now)
    else:
        done = review.dismiss(ids, by=request.user, now=now)
        text = ngettext(
            "%(count)s pair is remembered as not the same.",
            "%(count)s pairs are remembered as not the same.",
            len(done),
        )
        undo = reverse("customers:duplicates_again") + "?pair=" + "&pair=".join(str(id) for id in done)
        toast(request, text % {"count": len(done)}, undo=undo if done else None)
    return redirect(_back(request))


def _merge(request: HttpRequest, ids: list[UUID], now: Any) -> None:
    done = review.merge_pairs(ids, by=request.user, now=now)
    count = len(done.merges)
    text = ngettext(
        "%(count)s pair merged. On the card of the customer it can be undone for 30 days.",
        "%(count)s pairs merged. On the cards of the customers it can be undone for 30 days.",
        count,
    )
    undo = reverse("customers:unmerge", args=[done.merges[0].pk]) if count == 1 else None
    if count:
        toast(request, text % {"count": count}, undo=undo)
    for sentence in done.refused:
        toast(request, sentence, level="error")


@require(Right.EDIT_CUSTOMERS)
@require_POST
def ask_again(request: HttpRequest) -> HttpResponse:
    """Undo of "not the same": ?pair=<id>…"""
    review.ask_again(_ids(request.GET.getlist("pair")), by=request.user, now=dates.now())
    return redirect("customers:duplicates")


def _ids(written: list[str]) -> list[UUID]:
    found = []
    for text in written[: review.PAGE]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _back(request: HttpRequest) -> str:
    """To the card where it was asked, else to the list."""
    try:
        return reverse("customers:card", args=[UUID(request.GET.get("customer", ""))])
    except ValueError:
        return reverse("customers:duplicates")
