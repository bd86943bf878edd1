"""Building a rule (N3): conditions, all or any of them, nested; with a preview of whom it means while it is written."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from carteira.accounts.access import require
from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.ui.toast import toast
from carteira.customers.lifecycle import view_of
from carteira.groups.change import change_rule
from carteira.groups.fields import Kind, RuleField, known
from carteira.groups.models import Group
from carteira.groups.preview import preview_of
from carteira.groups.rules import BadRule, conditions
from carteira.groups.screens import draft
from carteira.groups.screens.draft import Node
from carteira.groups.screens.gone import gone_is_404


@require(Right.EDIT_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
@gone_is_404()
def edit_rule(request: HttpRequest, id: UUID) -> HttpResponse:
    """`act` changes the form; without it the rule is saved."""
    group = get_object_or_404(Group, pk=id, deleted_at=None)
    account = request.account  # type: ignore[attr-defined]
    fields = _offered(request, group)
    if request.method != "POST":
        root = draft.of_rule(group.rule, account, fields) if group.rule else draft.empty(fields)
        return _page(request, group, root, fields)
    root = draft.read(request.POST, fields)
    if request.POST.get("remove") == "1":
        change_rule(group, account, rule=None, by=request.user, now=dates.now())
        toast(request, _("“%(name)s” has no rule any more.") % {"name": group.name})
        return redirect("groups:group", group.pk)
    if what := request.POST.get("act", ""):
        return _page(request, group, draft.act(root, what, fields), fields)
    root.number()
    try:
        rule = draft.rule_of(root, account, fields)
        change_rule(group, account, rule=rule, by=request.user, now=dates.now())
    except BadRule as error:
        return _page(request, group, root, fields, error=str(error), status=422)
    toast(request, _("The rule of “%(name)s” is saved.") % {"name": group.name})
    return redirect("groups:group", group.pk)


@require(Right.EDIT_CUSTOMERS)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The form as it stands, with its fields as they belong together and whom it means: for whoever is writing it."""
    group = get_object_or_404(Group, pk=_uuid(request.POST.get("group", "")), deleted_at=None)
    fields = _offered(request, group)
    root = draft.act(draft.read(request.POST, fields), request.POST.get("act", ""), fields)
    return render(request, "groups/screens/rule.html#builder", _context(request, group, root, fields))


def _offered(request: HttpRequest, group: Group) -> dict[str, RuleField]:
    """The fields this person may ask about. A rule that asks about others is not theirs to change."""
    may = request.membership.may  # type: ignore[attr-defined]
    fields = known(request.account)  # type: ignore[attr-defined]
    named = {one["field"] for one in conditions(group.rule)} if group.rule else set()
    if any(name in fields and not may(fields[name].right) for name in named):
        raise PermissionDenied(_("This group's rule asks about what your role does not show you."))
    return {name: field for name, field in fields.items() if may(field.right)}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _page(
    request: HttpRequest, group: Group, root: Node, fields: dict[str, RuleField], *, error: str = "", status: int = 200
) -> HttpResponse:
    context = {**_context(request, group, root, fields, saving=bool(error)), "error": error}
    part = "#builder" if request.htmx and request.method == "POST" else ""  # type: ignore[attr-defined]
    return render(request, f"groups/screens/rule.html{part}", context, status=status)


def _context(
    request: HttpRequest, group: Group, root: Node, fields: dict[str, RuleField], *, saving: bool = False
) -> dict[str, Any]:
    account, now = request.account, dates.now()  # type: ignore[attr-defined]
    try:
        found = preview_of(draft.rule_of(root, account, fields), group, account, view_of(account, now=now))
        unclear = ""
    except BadRule as problem:
        found, unclear = None, str(problem)
        if not saving and draft.hush(root):
            unclear = _("Fill in the conditions to see who fits.")
    others = Group.objects.filter(deleted_at=None).exclude(pk=group.pk).order_by("name_sort")
    groups = [(str(other.pk), other.name) for other in others]
    return {
        "group": group,
        "root": _shown(root, account, fields, groups),
        "found": found,
        "unclear": unclear,
    }


def _shown(node: Node, account: Account, fields: dict[str, RuleField], groups: list[tuple[str, str]]) -> dict[str, Any]:
    """A node as the template shows it: its fields by section, its operators, what its value is written with."""
    if node.way:
        parts = [_shown(part, account, fields, groups) for part in node.parts]
        return {"path": node.path, "way": node.way, "parts": parts, "may_nest": node.may_nest}
    found = fields[node.field]
    kind = found.operators[node.operator].kind
    options = groups if kind is Kind.GROUPS else list(found.options(account).items()) if kind is Kind.CHOICES else []
    return {
        "path": node.path,
        "field": node.field,
        "sections": _sections(fields),
        "operator": node.operator,
        "operators": [(name, operator.label) for name, operator in found.operators.items()],
        "kind": str(kind),
        "options": [(value, label, value in node.values) for value, label in options],
        "value": node.values[0] if node.values else "",
        "days": node.days,
        "error": node.error,
    }


def _sections(fields: dict[str, RuleField]) -> list[tuple[str, list[tuple[str, Any]]]]:
    found: dict[str, list[tuple[str, Any]]] = {}
    for name, one in fields.items():
        found.setdefault(str(one.section), []).append((name, one.label))
    return list(found.items())
