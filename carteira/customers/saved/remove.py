"""Deleting a saved view, and bringing it back. The customers it shows stay."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Membership
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.locks import lock
from carteira.customers.saved.change import NotYours, held, may_change
from carteira.customers.saved.models import SavedView
from carteira.customers.saved.save import refuse_one_more, refuse_taken

DELETED = kinds.register("view.deleted", gettext_lazy("A saved list was deleted."))
RESTORED = kinds.register("view.restored", gettext_lazy("A saved list is back."))


def delete_view(view: SavedView, *, by: Membership, now: datetime) -> SavedView:
    """Raises NotYours, SavedView.DoesNotExist (deleted already)."""
    with transaction.atomic():
        view = held(view, by)
        view.deleted_at = now
        view.save(update_fields=["deleted_at"])
        record(DELETED, by=by.user, now=now, subject_id=view.pk)
        return view


def restore_view(view: SavedView, *, by: Membership, now: datetime) -> SavedView:
    """Pinned and first where it was. Raises NotYours, NameTaken, TooMany."""
    with transaction.atomic():
        lock("views")
        view = SavedView.objects.select_for_update(of=("self",)).get(pk=view.pk)
        if not may_change(view, by):
            raise NotYours(_("The list “%(name)s” is not yours to change.") % {"name": view.name})
        if view.deleted_at is not None:
            refuse_taken(view, view.name, shared=view.shared)
            refuse_one_more(view.by_id)
            view.deleted_at = None
            view.save(update_fields=["deleted_at"])
            record(RESTORED, by=by.user, now=now, subject_id=view.pk)
        return view
