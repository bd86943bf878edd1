"""The first page of a business: what is to be done today, who owes, what comes in this month."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core.registries import start_parts
from carteira.customers.models import Customer


@require(Right.ENTER)
@require_safe
def show_assistant(request: HttpRequest) -> HttpResponse:
    """/<slug>/. Without a single customer there is nothing to tell: the list says how to begin."""
    may = request.membership.may  # type: ignore[attr-defined]
    if may(Right.SEE_CUSTOMERS) and not Customer.objects.exists():
        return redirect("customers:list")
    parts = [
        {"name": name, "label": part.label, "template": part.template, "side": part.side, **part.context(request)}
        for name, part in zip(start_parts.names(), start_parts, strict=True)
        if may(part.right)
    ]
    context = {
        "parts": [part for part in parts if not part["side"]],
        "side_parts": [part for part in parts if part["side"]],
    }
    return render(request, "home/screens/assistant.html", context)
