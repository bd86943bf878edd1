"""Saving a list of customers under a name (C-03)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core import people
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.locks import lock
from carteira.customers.saved.models import MAX_NAME, SavedView
from carteira.customers.saved.reading import seen_by

# Events of nobody are kept for good, and a name may be somebody's: they do not tell it.
SAVED = kinds.register("view.saved", gettext_lazy("A list was saved."))
# A person keeps so many of the own, and a business shares so many: a menu of more helps nobody.
MOST = 100


class NameTaken(ValueError):
    """Refused; the text is a sentence for the user."""


class TooMany(ValueError):
    """Refused; the text is a sentence for the user."""


def clean_name(text: object) -> str:
    """As written, without blanks around. Raises ValidationError: nothing, too long, what cannot be kept."""
    name = people.clean_text(text, limit=MAX_NAME)
    if not name:
        raise ValidationError(_("Give the list a name."), code="name_blank")
    return name


def name_sort(name: str) -> str:
    return people.name_sort(name)[:MAX_NAME]


def save_view(parameters: Mapping[str, str], *, name: str, by: Any, now: datetime) -> SavedView:
    """The maker's own, until shared. `parameters` as screens.asked understood them; `name` is what it shows, and gets
    a number where another one is called so. Raises TooMany."""
    with transaction.atomic():
        lock("views")
        seen = set(seen_by(by).values_list("name_sort", flat=True))
        refuse_one_more(by and by.pk)
        name = _free(name[:MAX_NAME], seen)
        view = SavedView.objects.create(
            name=name, name_sort=name_sort(name), parameters=dict(parameters), by=by, created_at=now
        )
        record(SAVED, by=by, now=now, subject_id=view.pk)
        return view


def refuse_one_more(maker: UUID | None) -> None:
    """Raises TooMany."""
    if SavedView.objects.filter(by=maker, deleted_at=None).count() >= MOST:
        raise TooMany(_("You have %(n)s saved lists already. Delete one first.") % {"n": MOST})


def refuse_taken(view: SavedView, name: str, *, shared: bool) -> None:
    """Raises NameTaken when its maker, or for a shared one the business, has another of that name."""
    rival = Q(shared=True) if shared else Q(by=view.by_id, shared=False)
    found = SavedView.objects.filter(rival, deleted_at=None, name_sort=name_sort(name)).exclude(pk=view.pk)
    if other := found.first():
        raise NameTaken(_("There is a list “%(name)s” already.") % {"name": other.name})


def _free(name: str, taken: set[str]) -> str:
    found, nth = name, 1
    while name_sort(found) in taken:
        nth += 1
        tail = f" {nth}"
        found = name[: MAX_NAME - len(tail)] + tail
    return found
