"""Where a merged customer is now."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import ngettext

from carteira.core.ui.formats import number
from carteira.customers.merge.models import CustomerMerge
from carteira.customers.models import Customer


def survivors_of(ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The customers that these became part of; without those who were never merged, or are back."""
    found = CustomerMerge.objects.filter(merged_id__in=list(ids), undone_at=None)
    return dict(found.values_list("merged_id", "survivor_id"))


def survivor_of(id: UUID) -> UUID | None:
    """The customer that this one became part of; None for whoever was never merged, or is back."""
    return survivors_of([id]).get(id)


def as_asked(code: str) -> str:
    """Bytes of a command line that are no text become question marks: nobody has such a code."""
    return code.encode(errors="replace").decode()


def latest_of(code: str) -> CustomerMerge | None:
    """The last merge of a customer with this code, else, for "#1042", with this number."""
    code = as_asked(code)
    merges = CustomerMerge.objects.filter(undone_at=None).order_by("-id")
    found = merges.filter(merged_code=code).first() if code else None
    number = code[1:]
    if found is None and code.startswith("#") and number.isascii() and number.isdecimal() and len(number) < 19:
        found = merges.filter(merged_number=int(number)).first()
    return found


def part_of_it(customer: Customer) -> list[str]:
    """A history guard (customers.delete): whoever was merged into this one lives on in it, and may come back."""
    count = CustomerMerge.objects.filter(survivor_id=customer.pk, undone_at=None).count()
    if not count:
        return []
    return [ngettext("%(n)s merged customer", "%(n)s merged customers", count) % {"n": number(count)}]
