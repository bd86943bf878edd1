"""All groups with their counts: a page of its own, and the panel at the right of the customers' list (S3-09 to S3-13)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates, people
from carteira.core.ui.toast import toast
from carteira.customers.lifecycle import view_of
from carteira.customers.screens.asked import text_of
from carteira.groups import list_filter, queries
from carteira.groups.forms import NameForm
from carteira.groups.make import make_group
from carteira.groups.names import NameTaken, TooManyGroups

# With more groups than these one looks for them by name.
MANY = 12


@require(Right.SEE_CUSTOMERS)
@require_safe
def show_groups(request: HttpRequest) -> HttpResponse:
    """`q`: part of a name; `group`: the one the list shows; `side`: as the panel beside it."""
    context = {**_panel(request), "form": NameForm()}
    part = "#panel" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"groups/screens/panel.html{part}", context)


@require(Right.EDIT_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_group(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "groups/screens/new.html", {"form": NameForm()})
    form, by_rule = NameForm(request.POST), request.POST.get("kind") == "rule"
    if form.is_valid():
        try:
            made = make_group(
                request.account,  # type: ignore[attr-defined]
                name=form.cleaned_data["name"],
                by=request.user,
                now=dates.now(),
            )
        except (NameTaken, TooManyGroups) as error:
            form.add_error("name", str(error))
        else:
            toast(request, _("Group “%(name)s” made.") % {"name": made.name})
            return redirect("groups:rule" if by_rule else "groups:group", made.pk)
    return render(request, "groups/screens/new.html", {"form": form, "by_rule": by_rule}, status=422)


def _panel(request: HttpRequest) -> dict[str, Any]:
    account = request.account  # type: ignore[attr-defined]
    rows = queries.panel(view_of(account, now=dates.now()))
    query = text_of(request.GET, "q")[:100]
    wanted = people.name_sort(query)
    shown = [row for row in rows if row.group is None or wanted in row.group.name_sort]
    return {
        "rows": [_row(row, text_of(request.GET, "group")) for row in shown if row.group],
        "nobodys": next((_row(row, text_of(request.GET, "group")) for row in shown if row.group is None), None),
        "total": len(rows) - 1 if rows else 0,
        "search": len(rows) > MANY or bool(query),
        "query": query,
        "side": text_of(request.GET, "side") == "1",
        "group": text_of(request.GET, "group"),
        "may_edit": request.membership.may(Right.EDIT_CUSTOMERS),  # type: ignore[attr-defined]
    }


def _row(row: queries.Counted, here: str) -> dict[str, Any]:
    value = list_filter.NONE if row.group is None else str(row.group.pk)
    return {"group": row.group, "value": value, "counted": row, "selected": value == here}
