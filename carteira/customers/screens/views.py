"""Saved views: open, save the list as one, change, share, pin, begin with it, delete with undo (C-03)."""

from collections.abc import Callable
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.ui.toast import toast
from carteira.customers.lifecycle import STATE_NAMES
from carteira.customers.owners import owners
from carteira.customers.saved import liked, reading
from carteira.customers.saved.change import NotYours, change_view, may_change, rename_view, share_view
from carteira.customers.saved.models import MAX_NAME, SavedView
from carteira.customers.saved.remove import delete_view, restore_view
from carteira.customers.saved.save import NameTaken, TooMany, clean_name, save_view
from carteira.customers.screens.asked import Asked, permitted, understand
from carteira.customers.screens.list_chips import chips
from carteira.customers.screens.list_views import opened, parameters_of
from carteira.customers.selection import LONGEST


@require(Right.SEE_CUSTOMERS)
@require_safe
def open_view(request: HttpRequest, id: UUID) -> HttpResponse:
    return opened(request, _seen(request, id), dates.now())


@require(Right.SEE_CUSTOMERS)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """POST: `back`, the list's address. One click: the name says what it shows, and can be changed."""
    asked = _asked(request)
    try:
        view = save_view(parameters_of(request, asked), name=_suggested(asked), by=request.user, now=dates.now())
    except TooMany as error:
        toast(request, str(error), level="error")
        return redirect(_list(asked))
    text = _("Saved as “%(name)s”. Give it another name where it stands above the list.") % {"name": view.name}
    toast(request, text)
    return redirect(reverse("customers:view", args=[view.pk]))


@require(Right.SEE_CUSTOMERS)
@require_POST
def change(request: HttpRequest, id: UUID) -> HttpResponse:
    """POST: `back`; the view shows from now on what the list shows."""
    view, asked = _seen(request, id), _asked(request)

    def verb() -> None:
        change_view(view, parameters=parameters_of(request, asked), by=_member(request), now=dates.now())

    return _done(request, verb, _("“%(name)s” shows this from now on.") % {"name": view.name}, to=_list(asked, view))


@require(Right.SEE_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: HttpRequest, id: UUID) -> HttpResponse:
    """POST: `name`, `back`."""
    view = _seen(request, id)
    typed, problem = view.name, ""
    if request.method == "POST":
        typed = request.POST.get("name", "")
        try:
            rename_view(view, name=clean_name(typed), by=_member(request), now=dates.now())
        except ValidationError as error:
            problem = " ".join(error.messages)
        except NameTaken as error:
            problem = str(error)
        except NotYours as error:
            toast(request, str(error), level="error")
            return redirect(_list(_asked(request), view))
        except SavedView.DoesNotExist:
            raise Http404 from None
        else:
            return redirect(_list(_asked(request), view))
    back = (request.POST or request.GET).get("back", "")
    context = {"view": view, "typed": typed, "problem": problem, "most": MAX_NAME, "back": back}
    return render(request, "customers/screens/view_name.html", context, status=422 if problem else 200)


@require(Right.SEE_CUSTOMERS)
@require_POST
def share(request: HttpRequest, id: UUID) -> HttpResponse:
    """POST: `yes` 1 or 0, `back`."""
    view, yes = _seen(request, id), _yes(request)
    text = (
        _("Everybody of the business sees “%(name)s” now.") if yes else _("Only you see “%(name)s” now.")
    ) % {"name": view.name}  # fmt: skip
    return _done(request, lambda: share_view(view, shared=yes, by=_member(request), now=dates.now()), text)


@require(Right.SEE_CUSTOMERS)
@require_POST
def pin(request: HttpRequest, id: UUID) -> HttpResponse:
    """POST: `yes` 1 or 0, `back`."""
    view, yes = _seen(request, id), _yes(request)
    text = _("“%(name)s” stands in the menu.") if yes else _("“%(name)s” is out of the menu.")
    return _done(request, lambda: liked.pin(_member(request), view.pk, yes=yes), text % {"name": view.name})


@require(Right.SEE_CUSTOMERS)
@require_POST
def first(request: HttpRequest, id: UUID) -> HttpResponse:
    """POST: `yes` 1 or 0, `back`; with which view this person's list begins."""
    view, yes = _seen(request, id), _yes(request)
    text = _("Customers begins with “%(name)s” now.") if yes else _("Customers begins with everybody again.")
    return _done(
        request, lambda: liked.set_default(_member(request), view.pk if yes else None), text % {"name": view.name}
    )


@require(Right.SEE_CUSTOMERS)
@require_POST
def delete(request: HttpRequest, id: UUID) -> HttpResponse:
    view = _seen(request, id)
    undo = reverse("customers:view_restore", args=[view.pk])
    text = _("List “%(name)s” deleted. Its customers are still there.") % {"name": view.name}
    to = reverse("customers:list")
    return _done(request, lambda: delete_view(view, by=_member(request), now=dates.now()), text, to=to, undo=undo)


@require(Right.SEE_CUSTOMERS)
@require_POST
def restore(request: HttpRequest, id: UUID) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=id)
    if not may_change(view, _member(request)) and not view.shared:
        # Somebody else's own: as if it were not there.
        view = get_object_or_404(SavedView.objects.none())
    text = _("The list “%(name)s” is back.") % {"name": view.name}
    to = reverse("customers:view", args=[view.pk])
    return _done(request, lambda: restore_view(view, by=_member(request), now=dates.now()), text, to=to)


def _done(
    request: HttpRequest, verb: Callable[[], object], text: str, *, to: str = "", undo: str = ""
) -> HttpResponseRedirect:
    """Do it and say so, or say why not; then back to the list."""
    back = _list(_asked(request))
    try:
        verb()
    except (NameTaken, NotYours, TooMany) as error:
        toast(request, str(error), level="error")
        return redirect(back)
    except SavedView.DoesNotExist:
        # Deleted meanwhile, by a colleague or by the same click.
        raise Http404 from None
    toast(request, text, undo=undo)
    return redirect(to or back)


def _seen(request: HttpRequest, id: UUID) -> SavedView:
    return get_object_or_404(reading.seen_by(request.user), pk=id)


def _member(request: HttpRequest):  # type: ignore[no-untyped-def]
    return request.membership  # type: ignore[attr-defined]


def _yes(request: HttpRequest) -> bool:
    return request.POST.get("yes") == "1"


def _asked(request: HttpRequest) -> Asked:
    given = QueryDict(request.POST.get("back", "")[:LONGEST])
    return understand(permitted(given, _member(request).may), request.account, dates.now())  # type: ignore[attr-defined]


def _list(asked: Asked, view: SavedView | None = None) -> str:
    return reverse("customers:list") + (asked.address(view=str(view.pk)) if view else asked.address())


def _suggested(asked: Asked) -> str:
    """What the list shows, in few words."""
    state = asked.wanted.state
    parts = [str(STATE_NAMES[state])] if state else []
    if asked.wanted.delinquent and not state:
        parts.append(_("Delinquent"))
    people = owners() if asked.wanted.owner else {}
    parts += [chip["label"] for chip in chips(asked, people)]
    return " · ".join(parts)[:MAX_NAME].strip() or _("My list")
