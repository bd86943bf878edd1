"""Changing a saved view: its name, what it shows, who sees it. Its maker may; shared ones, whoever may edit customers."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Membership
from carteira.accounts.roles import Right
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.locks import lock
from carteira.customers.saved.models import SavedView
from carteira.customers.saved.save import name_sort, refuse_taken

RENAMED = kinds.register("view.renamed", gettext_lazy("A saved list got another name."))
CHANGED = kinds.register("view.changed", gettext_lazy("A saved list shows something else now."))
SHARED = kinds.register("view.shared", gettext_lazy("A saved list is shared with everybody."))
UNSHARED = kinds.register("view.unshared", gettext_lazy("A saved list is shared no longer."))


class NotYours(ValueError):
    """Refused; the text is a sentence for the user."""


def may_change(view: SavedView, membership: Membership) -> bool:
    if view.shared:
        return membership.may(Right.EDIT_CUSTOMERS)
    return view.by_id == membership.user_id


def may_share(view: SavedView, membership: Membership) -> bool:
    """Only its maker, to whom it goes back when it is shared no longer."""
    return view.by_id == membership.user_id and membership.may(Right.EDIT_CUSTOMERS)


def rename_view(view: SavedView, *, name: str, by: Membership, now: datetime) -> SavedView:
    """`name` as save.clean_name gives it. Raises NotYours, NameTaken, SavedView.DoesNotExist (deleted meanwhile)."""
    with transaction.atomic():
        view = held(view, by)
        if name != view.name:
            refuse_taken(view, name, shared=view.shared)
            view.name, view.name_sort = name, name_sort(name)
            view.save(update_fields=["name", "name_sort"])
            record(RENAMED, by=by.user, now=now, subject_id=view.pk)
        return view


def change_view(view: SavedView, *, parameters: Mapping[str, str], by: Membership, now: datetime) -> SavedView:
    """What it shows from now on. Raises NotYours, SavedView.DoesNotExist."""
    with transaction.atomic():
        view = held(view, by)
        if view.parameters != parameters:
            view.parameters = dict(parameters)
            view.save(update_fields=["parameters"])
            record(CHANGED, by=by.user, now=now, subject_id=view.pk)
        return view


def share_view(view: SavedView, *, shared: bool, by: Membership, now: datetime) -> SavedView:
    """With everybody of the business, or with nobody any longer. Raises NotYours, NameTaken, SavedView.DoesNotExist."""
    with transaction.atomic():
        view = held(view, by)
        if not may_share(view, by):
            raise NotYours(_("Only who made the list “%(name)s” can share it.") % {"name": view.name})
        if view.shared != shared:
            refuse_taken(view, view.name, shared=shared)
            view.shared = shared
            view.save(update_fields=["shared"])
            record(SHARED if shared else UNSHARED, by=by.user, now=now, subject_id=view.pk)
        return view


def held(view: SavedView, by: Membership) -> SavedView:
    """Locked and read again, its name with all others. Raises NotYours, SavedView.DoesNotExist."""
    lock("views")
    view = SavedView.objects.select_for_update(of=("self",)).get(pk=view.pk, deleted_at=None)
    if not may_change(view, by):
        raise NotYours(_("The list “%(name)s” is not yours to change.") % {"name": view.name})
    return view
