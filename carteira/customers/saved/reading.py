"""Which views somebody sees: the shared ones of the business and the own ones."""

from typing import Any

from django.db.models import Q, QuerySet

from carteira.accounts.models import Membership
from carteira.customers.saved import liked
from carteira.customers.saved.models import SavedView


def seen_by(user: Any) -> QuerySet[SavedView]:
    return SavedView.objects.filter(Q(shared=True) | Q(by=user), deleted_at=None)


def views_of(user: Any) -> list[SavedView]:
    """By name. One query."""
    return list(seen_by(user).order_by("name_sort", "id"))


def pinned(membership: Membership) -> list[SavedView]:
    """Those in this person's menu, in the order they were pinned. No query where nothing is pinned."""
    ids = liked.pins(membership)
    if not ids:
        return []
    found = {view.pk: view for view in seen_by(membership.user_id).filter(pk__in=ids)}
    return [found[id] for id in ids if id in found]
