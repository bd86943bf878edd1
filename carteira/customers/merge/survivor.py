"""Where a merged customer is now."""

from collections.abc import Iterable
from uuid import UUID

from carteira.customers.merge.models import CustomerMerge


def survivors_of(ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The customers that these became part of; without those who were never merged, or are back."""
    found = CustomerMerge.objects.filter(merged_id__in=list(ids), undone_at=None)
    return dict(found.values_list("merged_id", "survivor_id"))


def survivor_of(id: UUID) -> UUID | None:
    """The customer that this one became part of; None for whoever was never merged, or is back."""
    return survivors_of([id]).get(id)


def latest_of(code: str) -> CustomerMerge | None:
    """The last merge of a customer with this code, else, for "#1042", with this number."""
    merges = CustomerMerge.objects.filter(undone_at=None).order_by("-id")
    found = merges.filter(merged_code=code).first() if code else None
    number = code[1:]
    if found is None and code.startswith("#") and number.isascii() and number.isdecimal() and len(number) < 19:
        found = merges.filter(merged_number=int(number)).first()
    return found
