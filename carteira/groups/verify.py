"""Proof that what is kept about groups is what their rules and pins say today."""

from collections.abc import Iterator

from carteira.core import dates
from carteira.customers.lifecycle import view_of
from carteira.customers.models import Customer
from carteira.groups.cached import is_fresh
from carteira.groups.models import Group, Member
from carteira.groups.truth import Truth

# So many of one group's differences are told.
TOLD = 20


def members() -> Iterator[str]:
    """Cached members = evaluated; counts = members; without group = in none. Groups that wait for the clock since
    midnight are passed over."""
    groups = list(Group.objects.filter(deleted_at=None).select_related("account").order_by("name_sort"))
    if not groups:
        if Member.objects.exists():
            yield "there are members, but no groups"
        return
    account = groups[0].account
    view = view_of(account, now=dates.now())
    truth = Truth.of(account, view, groups=groups)
    for group in groups:
        if is_fresh(group, view):
            want = set(truth.members(group).values_list("number", "cause", "resting"))
            have = set(Member.objects.filter(group=group).values_list("customer__number", "cause", "resting"))
            for number, cause, resting in sorted(want ^ have)[:TOLD]:
                said = "missing" if (number, cause, resting) in want else "too many"
                yield f"group {group.name}: customer {number} ({cause}{', archived' if resting else ''}) is {said}"
        counted = Member.objects.filter(group=group, resting=False).count()
        if counted != group.members:
            yield f"group {group.name}: counted {group.members}, there are {counted}"
    none = set(Member.objects.filter(group=None).values_list("customer__number", flat=True))
    somewhere = Member.objects.filter(group__isnull=False).values("customer_id")
    want = set(Customer.objects.exclude(pk__in=somewhere).values_list("number", flat=True))
    for number in sorted(none ^ want)[:TOLD]:
        yield f"without group: customer {number} is {'missing' if number in want else 'too many'}"
