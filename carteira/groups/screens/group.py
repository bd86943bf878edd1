"""One group: what it is, who came and went and why, whom somebody pinned; rename, delete with undo (S3-12, S3-13)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.ui.formats import number
from carteira.core.ui.inline import Inline
from carteira.core.ui.toast import toast
from carteira.customers.lifecycle import view_of
from carteira.customers.screens.asked import text_of
from carteira.groups import payment_methods, queries
from carteira.groups.change import change_group, rename_group
from carteira.groups.forms import ChangeForm, NameForm
from carteira.groups.models import MAX_NAME, Group
from carteira.groups.names import NameTaken, TooManyGroups, clean_name
from carteira.groups.remove import GroupInUse, delete_group, restore_group
from carteira.groups.rules import BadRule
from carteira.groups.screens.gone import gone_is_404
from carteira.groups.screens.told import told
from carteira.groups.snapshot import snapshot

WEEK = timedelta(days=7)


@require(Right.SEE_CUSTOMERS)
@require_safe
def show_group(request: HttpRequest, id: UUID) -> HttpResponse:
    group = _living(id)
    return render(request, "groups/screens/group.html", _context(request, group))


@require(Right.EDIT_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
@gone_is_404()
def rename(request: HttpRequest, id: UUID) -> HttpResponse:
    """The name as it stands on the page or, with `panel`, among all groups; saves by itself."""
    group = _living(id)
    panel = text_of(request.GET, "panel") == "1"
    if request.method != "POST":
        return _inline(request, _name(group, panel=panel))
    typed = request.POST.get("value", "")
    try:
        group = rename_group(group, name=clean_name(typed), by=request.user, now=dates.now())
    except ValidationError as error:
        return _refused(request, group, typed, " ".join(error.messages), panel=panel)
    except NameTaken as error:
        return _refused(request, group, typed, str(error), panel=panel)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("groups:group", group.pk)
    if panel:
        return render(request, "groups/screens/panel_name.html", {"group": group, "saved": True})
    return _inline(request, _name(group, saved=True))


@require(Right.EDIT_CUSTOMERS)
@require_POST
@gone_is_404()
def change(request: HttpRequest, id: UUID) -> HttpResponse:
    group = _living(id)
    form = ChangeForm(request.POST, methods=payment_methods.choices())
    if not form.is_valid():
        return render(request, "groups/screens/group.html", {**_context(request, group), "form": form}, status=422)
    change_group(group, by=request.user, now=dates.now(), **form.cleaned_data)
    toast(request, _("Saved."))
    return redirect("groups:group", group.pk)


@require(Right.EDIT_CUSTOMERS)
@require_POST
def delete(request: HttpRequest, id: UUID) -> HttpResponse:
    group = get_object_or_404(Group, pk=id)
    try:
        delete_group(group, request.account, by=request.user, now=dates.now())  # type: ignore[attr-defined]
    except GroupInUse as error:
        toast(request, str(error), level="error")
        return redirect("groups:group", group.pk)
    text = _("Group “%(name)s” deleted. Its customers are still there.") % {"name": group.name}
    toast(request, text, undo=reverse("groups:restore", args=[group.pk]))
    return redirect("groups:list")


@require(Right.EDIT_CUSTOMERS)
@require_POST
def restore(request: HttpRequest, id: UUID) -> HttpResponse:
    group = get_object_or_404(Group, pk=id)
    try:
        restore_group(group, request.account, by=request.user, now=dates.now())  # type: ignore[attr-defined]
    except (NameTaken, TooManyGroups, BadRule) as error:
        toast(request, str(error), level="error")
        return redirect("groups:list")
    toast(request, _("The group “%(name)s” is back.") % {"name": group.name})
    return redirect("groups:group", group.pk)


@require(Right.EDIT_CUSTOMERS)
@require_POST
def take_snapshot(request: HttpRequest, id: UUID) -> HttpResponse:
    group = _living(id)
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            taken = snapshot(
                group,
                request.account,  # type: ignore[attr-defined]
                name=form.cleaned_data["name"],
                by=request.user,
                now=dates.now(),
            )
        except (NameTaken, TooManyGroups) as error:
            form.add_error("name", str(error))
        else:
            text = ngettext(
                "“%(name)s” made with %(n)s customer.", "“%(name)s” made with %(n)s customers.", taken.members
            )
            toast(request, text % {"name": taken.name, "n": number(taken.members)})
            return redirect("groups:group", taken.pk)
    context = {**_context(request, group), "snapshot_form": form}
    return render(request, "groups/screens/group.html", context, status=422)


def _living(id: UUID) -> Group:
    return get_object_or_404(Group, pk=id, deleted_at=None)


def _context(request: HttpRequest, group: Group) -> dict[str, Any]:
    account, now = request.account, dates.now()  # type: ignore[attr-defined]
    counts = next(row for row in queries.panel(view_of(account, now=now)) if row.group and row.group.pk == group.pk)
    may = request.membership.may  # type: ignore[attr-defined]
    may_edit = may(Right.EDIT_CUSTOMERS)
    initial = {
        "colour": group.colour,
        "payment_method": group.payment_method,
        "due_day": group.due_day,
        "messages_welcome": {True: "yes", False: "no", None: ""}[group.messages_welcome],
    }
    return {
        "group": group,
        "counts": counts,
        "rule": told(group.rule, account, may) if group.rule is not None else None,
        "moves": queries.moves(group, now - WEEK),
        "pins": queries.pins(group) if group.by_rule else [],
        "name": _name(group) if may_edit else None,
        "form": ChangeForm(initial=initial, methods=payment_methods.choices()),
        "snapshot_form": NameForm(),
        "may_edit": may_edit,
    }


def _name(group: Group, *, panel: bool = False, **more: Any) -> Inline:
    """In the panel it comes when somebody reached for the pencil: one writes at once."""
    attrs: dict[str, Any] = {"maxlength": MAX_NAME}
    return Inline(
        id=f"group-{group.pk}",
        label=_("Name of the group"),
        url=reverse("groups:rename", args=[group.pk]) + ("?panel=1" if panel else ""),
        shown=group.name,
        attrs=attrs | {"autofocus": "autofocus"} if panel else attrs,
        required=True,
        quiet=True,
        **more,
    )


def _refused(request: HttpRequest, group: Group, typed: str, error: str, *, panel: bool) -> HttpResponse:
    item = _name(group, panel=panel, typed=typed, error=error, said=error)
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, "groups/screens/group.html", {**_context(request, group), "name": item}, status=422)
    return _inline(request, item, status=422)


def _inline(request: HttpRequest, item: Inline, status: int = 200) -> HttpResponse:
    return render(request, "core/ui/inline_answer.html", {"item": item}, status=status)
