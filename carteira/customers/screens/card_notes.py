"""The notes of a customer on the tab Main: important ones pinned on top (S1-04), the others newest first."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from carteira.accounts.access import require
from carteira.accounts.roles import Right
from carteira.core import dates
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer, Note
from carteira.customers.part_forms import NoteForm
from carteira.customers.parts import change
from carteira.customers.screens.asked import text_of
from carteira.customers.screens.info_fields import Fields

SHOWN = 5
# More important notes than these are none.
MOST_PINNED = 20


def context(request: HttpRequest, customer: Customer, view: View) -> dict[str, Any]:
    """One query: they are few, and sorted as they are shown."""
    fields = Fields.of(request)
    found = Note.objects.filter(customer=customer).select_related("by").order_by("-important", "-id")
    notes = list(found[: MOST_PINNED + SHOWN + 1])
    pinned = [note for note in notes if note.important]
    others = [note for note in notes if not note.important]
    return {
        "notes": [_told(fields, note) for note in (*pinned, *others[:SHOWN])],
        "older": others[SHOWN - 1].pk if len(others) > SHOWN else None,
        "form": NoteForm(account=fields.account, now=dates.now(), prefix="notes"),
        "may_edit": fields.whole,
    }


def _told(fields: Fields, note: Note) -> dict[str, Any]:
    return {"row": note, "field": fields.field(note, "text")}


@require(Right.SEE_CUSTOMERS)
@require_safe
def older_notes(request: HttpRequest, id: UUID) -> HttpResponse:
    """The next ones, as a fragment; without scripts the card itself."""
    customer = get_object_or_404(Customer, pk=id)
    try:
        before = UUID(text_of(request.GET, "older"))
    except ValueError:
        before = None
    if before is None or not request.htmx:  # type: ignore[attr-defined]
        return redirect("customers:card", customer.pk)
    fields = Fields.of(request)
    found = Note.objects.filter(customer=customer, important=False, pk__lt=before).select_related("by")
    notes = list(found.order_by("-id")[: 4 * SHOWN + 1])
    section = {
        "notes": [_told(fields, note) for note in notes[: 4 * SHOWN]],
        "older": notes[4 * SHOWN - 1].pk if len(notes) > 4 * SHOWN else None,
        "may_edit": fields.whole,
    }
    return render(request, "customers/screens/card_notes_rows.html", {"customer": customer, "section": section})


@require(Right.EDIT_CUSTOMERS)
@require_POST
def pin_note(request: HttpRequest, id: UUID, row: UUID) -> HttpResponse:
    """Marks a note as important, or no longer."""
    note = get_object_or_404(Note, pk=row, customer=id)
    change(note, by=request.user, now=dates.now(), important=request.POST.get("important") == "1")
    return redirect(reverse("customers:card", args=[id]) + "#notes")
