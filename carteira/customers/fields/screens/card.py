"""The own fields on the tab Info, each value edited where it stands (S1-08, S1-09)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.core.events.models import Event
from carteira.core.ui.inline import Inline
from carteira.customers.edit import CannotEdit, ChangedMeanwhile
from carteira.customers.fields import queries, values
from carteira.customers.fields.fill import fill
from carteira.customers.fields.models import CHOSEN, Field, FieldValue, Kind
from carteira.customers.models import Customer
from carteira.customers.screens.card import card_page, tab_url

# Of how many events the last ones are looked through for who changed a value meanwhile.
_LOOKED_BACK = 50
_ATTRIBUTES: dict[str, dict[str, Any]] = {
    Kind.NUMBER: {"inputmode": "decimal"},
    Kind.MONEY: {"inputmode": "decimal"},
    Kind.EMAIL: {"inputmode": "email", "spellcheck": "false"},
    Kind.PHONE: {"inputmode": "tel"},
    Kind.URL: {"inputmode": "url", "spellcheck": "false"},
    Kind.DOCUMENT: {"spellcheck": "false"},
    Kind.DATE: {"inputmode": "numeric"},
}


@dataclass(frozen=True)
class OwnFields:
    """Makes the fields of one page; `whole` as in screens.info_fields.Fields."""

    reading: values.Reading
    whole: bool

    @classmethod
    def of(cls, request: HttpRequest, *, whole: bool = True) -> "OwnFields":
        may = request.membership.may(Right.EDIT_CUSTOMERS)  # type: ignore[attr-defined]
        reading = values.Reading(request.account, dates.now(), get_language() or "")  # type: ignore[attr-defined]
        return cls(reading, whole and may)

    def item(self, customer: Customer, field: Field, rows: list[FieldValue], **more: Any) -> Inline:
        """`more`: what came of sending it (core.ui.inline)."""
        misfit = any(not row.fits for row in rows)
        hint = field.help_text
        if misfit:
            hint = _("Not of the type “%(kind)s”: write it anew, or leave it as it is.") % {
                "kind": field.get_kind_display()
            }
        elif field.required and not rows:
            hint = " ".join(filter(None, [_("Missing."), field.help_text]))
        return Inline(
            id=f"own-{customer.pk.hex[-12:]}-{field.pk.hex[-12:]}",
            label=field.label,
            url=reverse("customers:own_value", args=[customer.pk, field.pk]) if self.whole else "",
            shown=self.written(field, rows),
            read=values.shown(field, rows, self.reading, whole=self.whole),
            choices=() if misfit else self._choices(field, rows),
            attrs=self._attributes(field),
            hint=hint,
            missing=field.required and not rows,
            several=field.kind == Kind.CHOICES and not misfit,
            lines=field.kind == Kind.LONG,
            wide=field.kind in {Kind.LONG, Kind.ADDRESS, Kind.CHOICES},
            **more,
        )

    def written(self, field: Field, rows: list[FieldValue]) -> str:
        return values.written(field, rows, self.reading)

    def _choices(self, field: Field, rows: list[FieldValue]) -> list[tuple[str, str]]:
        if field.kind == Kind.YES_NO:
            return [("", "–"), ("1", _("Yes")), ("0", _("No"))]
        if field.kind not in CHOSEN:
            return []
        chosen = {row.option for row in rows}
        there = [one for one in field.options if not one.get("removed") or one["id"] in chosen]
        blank = [] if field.kind == Kind.CHOICES else [("", "–")]
        return [*blank, *((one["id"], one["label"]) for one in there)]

    def _attributes(self, field: Field) -> dict[str, Any]:
        if field.kind == Kind.DATE:
            return {"placeholder": _("dd/mm/yyyy"), **_ATTRIBUTES[Kind.DATE]}
        return {"placeholder": "–", **_ATTRIBUTES.get(field.kind, {})}


def context(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """What card.html shows of them: two queries."""
    own = OwnFields.of(request, whole=customer.anonymised_on is None)
    everything = list(Field.objects.order_by("position", "id"))
    said = queries.said_of(customer.pk, everything) if everything else {}
    living = [field for field in everything if field.removed_at is None]
    missing = [field for field in living if field.required and not said.get(field.pk)]
    return {
        "sections": [
            {"label": label, "fields": [own.item(customer, field, said.get(field.pk, [])) for field in fields]}
            for label, fields in queries.sections(living)
        ],
        "removed": [
            {"label": field.label, "text": values.shown(field, said[field.pk], own.reading, whole=own.whole)}
            for field in everything
            if field.removed_at is not None and said.get(field.pk)
        ],
        "missing": [field.label for field in missing],
        "may_define": request.membership.may(Right.EDIT_ACCOUNT),  # type: ignore[attr-defined]
    }


@require(Right.EDIT_CUSTOMERS)
@require_http_methods(["GET", "HEAD", "POST"])
def own_value(request: HttpRequest, id: UUID, field: UUID) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=id)
    asked = get_object_or_404(Field, pk=field, removed_at=None)
    own = OwnFields.of(request)
    rows = queries.said_of(customer.pk, [asked]).get(asked.pk, [])
    if request.method != "POST":
        return _answer(request, customer, own, asked, rows)
    was = _sent(request.POST.get("was", ""))
    typed = _sent(",".join(request.POST.getlist("value")))
    if typed in (was, own.written(asked, rows)):
        # Nothing to write; what somebody else wrote meanwhile is shown.
        return _answer(request, customer, own, asked, rows)
    try:
        said = values.clean(asked, typed, own.reading)
        rows = fill(
            customer,
            asked,
            said,
            reading=own.reading,
            by=request.user,
            now=own.reading.now,
            still=lambda there: own.written(asked, there) == was,
        )
    except ChangedMeanwhile:
        rows = queries.said_of(customer.pk, [asked]).get(asked.pk, [])
        told: dict[str, Any] = {"typed": typed, "changed": True, "changed_by": _changed_by(customer, asked)}
        return _answer(request, customer, own, asked, rows, status=409, **told)
    except ValidationError as error:
        sentence = " ".join(error.messages)
        return _answer(request, customer, own, asked, rows, status=422, typed=typed, error=sentence, said=sentence)
    except CannotEdit as error:
        sentence = str(error)
        return _answer(request, customer, own, asked, rows, status=422, typed=typed, error=sentence, said=sentence)
    sentence = _("%(label)s: saved.") % {"label": asked.label}
    return _answer(request, customer, own, asked, rows, saved=True, said=sentence)


def _sent(text: str) -> str:
    """Browsers send the lines of a textarea with CR LF."""
    return text.replace("\r\n", "\n").strip()


def _answer(
    request: HttpRequest,
    customer: Customer,
    own: OwnFields,
    field: Field,
    rows: list[FieldValue],
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    item = own.item(customer, field, rows, **more)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "core/ui/inline_answer.html", {"item": item}, status=status)
    if status == 200:
        return redirect(f"{tab_url(customer.pk, 'info')}#own")
    return card_page(request, customer, "info", status=status, answered=item)


def _changed_by(customer: Customer, field: Field) -> str:
    """Who wrote the present value, "" where that is too long ago or nobody did."""
    for event in Event.objects.filter(customer_id=customer.pk).select_related("by").order_by("-id")[:_LOOKED_BACK]:
        if field.name in (event.what.get("fields") or ()):
            return str(event.by) if event.by else ""
    return ""
