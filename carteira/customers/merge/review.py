"""Looking through possible duplicates: the list of pairs, "not the same", and merging several."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from carteira.core.events import kinds
from carteira.core.events.record import record_many
from carteira.customers.merge.merge import CannotMerge, merge
from carteira.customers.merge.models import CustomerMerge, DuplicatePair
from carteira.customers.merge.own_fields import hold_fields
from carteira.customers.merge.survivor import survivor_of
from carteira.customers.models import Customer

PAGE = 20
# Counting stops here.
MOST = 1000

PARTED = kinds.register("customer.not_the_same", gettext_lazy("Said not to be the same as customer {number}, {name}."))
ASKED_AGAIN = kinds.register(
    "customer.perhaps_the_same", gettext_lazy("May again be the same as customer {number}, {name}.")
)


def to_review() -> QuerySet[DuplicatePair]:
    """The most telling first."""
    pairs = DuplicatePair.objects.filter(dismissed_at=None).order_by("rank", "id")
    return pairs.select_related("first", "second")


def page(after: tuple[int, UUID] | None, size: int = PAGE) -> tuple[list[DuplicatePair], bool]:
    """Pairs behind a place, and whether there are more: one query or two, each a walk along one index."""
    pairs = to_review()
    if after is None:
        found = list(pairs[: size + 1])
    else:
        rank, id = after
        found = list(pairs.filter(rank=rank, id__gt=id)[: size + 1])
        if len(found) <= size:
            found += pairs.filter(rank__gt=rank)[: size + 1 - len(found)]
    return found[:size], len(found) > size


def count() -> int:
    """At most MOST."""
    return DuplicatePair.objects.filter(dismissed_at=None)[:MOST].count()


def dismiss(ids: Iterable[UUID], *, by: Any, now: datetime) -> list[UUID]:
    """ "Not the same": remembered. Records customer.not_the_same for both; those for whom it is new."""
    with transaction.atomic():
        pairs = _locked(ids).filter(dismissed_at=None)
        return _say(list(pairs), PARTED, dismissed_at=now, dismissed_by=by, by=by, now=now)


def ask_again(ids: Iterable[UUID], *, by: Any, now: datetime) -> list[UUID]:
    """Undo of `dismiss`."""
    with transaction.atomic():
        pairs = _locked(ids).filter(dismissed_at__isnull=False)
        return _say(list(pairs), ASKED_AGAIN, dismissed_at=None, dismissed_by=None, by=by, now=now)


def _locked(ids: Iterable[UUID]) -> QuerySet[DuplicatePair]:
    pairs = DuplicatePair.objects.select_for_update(of=("self",)).filter(pk__in=list(ids))
    return pairs.select_related("first", "second").order_by("id")


def _say(pairs: Sequence[DuplicatePair], kind: str, *, by: Any, now: datetime, **values: Any) -> list[UUID]:
    ids = [pair.pk for pair in pairs]
    DuplicatePair.objects.filter(pk__in=ids).update(**values)
    facts = [
        {"customer_id": one.pk, "what": {"number": other.number}, "personal": {"name": other.name}}
        for pair in pairs
        for one, other in ((pair.first, pair.second), (pair.second, pair.first))
    ]
    if facts:
        record_many(kind, facts, by=by, now=now)
    return ids


@dataclass
class Merged:
    merges: list[CustomerMerge]
    # A sentence each.
    refused: list[str]


def merge_pairs(ids: Iterable[UUID], *, by: Any, now: datetime) -> Merged:
    """Of each pair the one registered earlier stays. A customer of two pairs ends in one: who was merged a moment ago
    counts as its survivor."""
    done = Merged([], [])
    pairs = DuplicatePair.objects.filter(pk__in=list(ids), dismissed_at=None).order_by("rank", "id")
    found = list(pairs.values_list("first_id", "second_id"))
    # All at once and in one order, before the first merge locks anything else.
    people = {id for pair in found for id in pair}
    hold_fields(people)
    both = Customer.objects.filter(pk__in=people).order_by("id")
    list(both.select_for_update(of=("self",), no_key=True).values_list("pk"))
    for first, second in found:
        one, other = survivor_of(first) or first, survivor_of(second) or second
        if one == other:
            continue
        try:
            done.merges.append(merge(Customer(pk=one), Customer(pk=other), by=by, now=now))
        except CannotMerge as refusal:
            done.refused.append(str(refusal))
    return done
