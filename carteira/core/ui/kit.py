"""/_kit: every component of the kit on one page, in both themes, with invented words and no data."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from carteira.core.registries import SearchHit
from carteira.core.ui.inline import Inline

WHY = _("Paid R$ 340.00 on 02/11, 19 days ago: within the last 60 days.")
ROWS: list[dict[str, Any]] = [
    {"name": name, "city": city, "state": state, "paid": paid, "open": amount}
    for name, city, state, paid, amount in (
        ("Ana Beatriz Carvalho", "Campinas", "active", date(2026, 11, 2), 0),
        ("Beto Nogueira & Filhos Ltda.", "São Paulo", "delinquent", date(2026, 8, 14), 128990),
        ("Clínica Vida Plena", "Recife", "inactive", date(2026, 6, 30), 0),
        ("Davi Ferreira", "Belo Horizonte", "lead", None, 0),
        ("Eduarda Magalhães de Albuquerque e Vasconcelos", "Porto Alegre", "archived", date(2025, 2, 1), 0),
    )
]
BAR = [
    ("all", _("All"), 12840, False),
    ("lead", _("Leads"), 1206, False),
    ("active", pgettext_lazy("several customers", "Active"), 9873, True),
    ("inactive", pgettext_lazy("several customers", "Inactive"), 1761, False),
    ("delinquent", pgettext_lazy("several customers", "Delinquent"), 412, False),
    ("archived", pgettext_lazy("several customers", "Archived"), 3077, False),
]


class SampleForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("E-mail"), required=False, help_text=_("Where invoices go."))
    amount = forms.DecimalField(label=_("Amount"), decimal_places=2, required=False)
    paid_on = forms.DateField(label=_("Paid on"), widget=forms.DateInput(attrs={"type": "date"}))
    method = forms.ChoiceField(label=_("Method"), choices=[("pix", "Pix"), ("boleto", "Boleto"), ("cash", _("Cash"))])
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("person", _("Person")), ("company", _("Company"))],
        widget=forms.RadioSelect,
    )
    notes = forms.CharField(label=_("Notes"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    agreed = forms.BooleanField(label=_("Sends reminders by e-mail"), required=False)
    file = forms.FileField(label=_("File"), required=False, help_text=_("CSV or XLSX, up to 50 MB."))


@require_safe
def guarded(request: HttpRequest) -> HttpResponse:
    """For the installation's operator, for developers, and where the demo runs. Raises Http404 for everybody else."""
    # Only `serve --demo` sets DEMO.
    if settings.DEBUG or settings.DEMO or request.user.is_staff:  # type: ignore[union-attr]
        return kit(request)
    raise Http404


def kit(request: HttpRequest) -> HttpResponse:
    if "q" in request.GET:
        return render(request, "core/ui/search_results.html", {"groups": _found(request.GET["q"])})
    themes = []
    for theme in ("light", "dark"):
        sample = SampleForm({f"{theme}-email": "ana@"}, prefix=theme)
        themes.append(
            {
                "theme": theme,
                "form": SampleForm(prefix=f"{theme}-new", initial={"name": "Ana", "kind": "person"}),
                "refused": sample,
                "inline": _inline(theme),
                "bar": [
                    {"key": key, "label": label, "count": count, "url": f"?state={key}", "selected": selected}
                    for key, label, count, selected in BAR
                ],
                "toasts": [
                    Message(messages.SUCCESS, str(_("Payment recorded.")), "/_kit/undo/"),
                    Message(messages.ERROR, str(_("A payment cannot lie in the future."))),
                ],
            }
        )
    context = {
        "themes_shown": themes,
        "rows": ROWS,
        "why": WHY,
        "sort": request.GET.get("sort", "name"),
        "tabs": [
            {"label": _("Summary"), "url": "?tab=1", "selected": True, "count": None},
            {"label": _("Payments"), "url": "?tab=2", "selected": False, "count": 18},
            {"label": _("History"), "url": "?tab=3", "selected": False, "count": None},
        ],
        "states": [
            "lead",
            "active",
            "inactive",
            "delinquent",
            "archived",
            "scheduled",
            "issued",
            "overdue",
            "paid",
        ],
        "at": datetime(2026, 11, 21, 17, 5, tzinfo=UTC),
        "on": date(2026, 11, 21),
        "ratio": Decimal("1234567.5"),
        "search_url": request.path,
        "found": _found("a"),
    }
    return render(request, "core/ui/kit.html", context)


def _inline(theme: str) -> list[Inline]:
    """As it is met: untouched, just saved, refused, changed by somebody else, only to be read."""
    kinds = [("person", str(_("Person"))), ("company", str(_("Company")))]
    return [
        Inline(f"{theme}-i1", _("Name"), "?", "Ana Beatriz Carvalho", hint=_("As on the contract.")),
        Inline(f"{theme}-i2", _("Kind"), "?", "person", choices=kinds, saved=True),
        Inline(
            f"{theme}-i3",
            _("E-mail"),
            "?",
            "ana@example.com",
            typed="ana@",
            error=str(_("There is no e-mail address here.")),
        ),
        Inline(f"{theme}-i4", _("City"), "?", "Recife", typed="Olinda", changed=True, changed_by="Beto"),
        Inline(f"{theme}-i5", _("Code"), "", "A-001"),
    ]


def _found(text: str) -> list[dict[str, Any]]:
    rows = [row for row in ROWS if text.strip() and text.strip().lower() in row["name"].lower()]
    return [{"label": _("Customers"), "hits": [SearchHit(r["name"], r["city"], "#", r["state"]) for r in rows]}]
