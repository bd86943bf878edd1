"""Undoing one merge on which others stand (N8): A into B, B into C, and now A alone is to be its own again.

The later ones are undone, the last first, then this one; and made again as they were chosen. All of it or nothing.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from carteira.customers.merge.merge import merge as merge_again
from carteira.customers.merge.models import CustomerMerge
from carteira.customers.merge.unmerge import CannotUnmerge, Unmerged, unmerge, why_not_at_all
from carteira.customers.models import Customer


def take_out(merge: CustomerMerge, *, by: Any, now: datetime) -> Unmerged:
    """As `unmerge`, in any order. Raises CannotUnmerge."""
    with transaction.atomic():
        # The customers before the merges, and in one order, as every verb does; then whoever was quicker is seen.
        touched = {merge.kept_id}.union(*((one.kept_id, one.merged_id) for one in standing_on(merge)))
        list(Customer.objects.select_for_update(of=("self",)).filter(pk__in=touched).order_by("id").values_list("pk"))
        merge = CustomerMerge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
        if refusal := why_not_at_all(merge, now=now):
            raise CannotUnmerge(refusal)
        later = standing_on(merge)
        chosen = [dict(one.before["chosen"]) for one in later]
        for one in reversed(later):
            unmerge(one, by=by, now=now)
        back = unmerge(merge, by=by, now=now)
        for one, choices in zip(later, chosen, strict=True):
            again = merge_again(
                Customer(pk=one.kept_id),
                Customer(pk=one.merged_id),
                chosen=choices["columns"],
                own=choices["own"],
                by=by,
                now=now,
            )
            # It can be undone as long as before.
            again.at = one.at
            again.save(update_fields=["at"])
        return replace(back, survivor=Customer.objects.get(pk=_survivor(back.survivor.pk)))


def standing_on(merge: CustomerMerge) -> list[CustomerMerge]:
    """The later merges of whom this one is part of, in their order."""
    found, part_of = [], {merge.kept_id}
    for one in CustomerMerge.objects.filter(survivor_id=merge.survivor_id, undone_at=None, pk__gt=merge.pk).order_by(
        "pk"
    ):
        if part_of & {one.kept_id, one.merged_id}:
            found.append(one)
            part_of.add(one.kept_id)
    return found


def _survivor(id: UUID) -> UUID:
    found = CustomerMerge.objects.filter(merged_id=id, undone_at=None).values_list("survivor_id", flat=True).first()
    return found or id
