"""Who is in a group, and who in none, on the day one looks at: from the cache (Member) while it is right, else from the
truth. What the list, the panel, invoices and previews ask, so that they all say the same."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q

from carteira.accounts.models import Account
from carteira.customers.lifecycle import View
from carteira.customers.querysets import among
from carteira.groups.models import Group, Member
from carteira.groups.truth import Truth

# The list of a group with fewer members starts from these, instead of asking every customer it passes by.
FEW = 2_000


def is_fresh(group: Group, view: View) -> bool:
    """Whether the cache is right on the view's day: today, until the day time changes it."""
    return view.live and (group.changes_on is None or group.changes_on > view.day)


def all_fresh(groups: Iterable[Group], view: View) -> bool:
    """Whether the cache knows who is in none of these, all the living ones; of no groups it keeps nothing."""
    groups = list(groups)
    return bool(groups) and all(is_fresh(group, view) for group in groups)


def members_on(group: Group, account: Account, view: View) -> Q:
    if not is_fresh(group, view):
        return Truth.of(account, view).belongs(group)
    members = Member.objects.filter(group=group)
    few = group.members < FEW
    return among(members) if few else Q(Exists(members.filter(customer_id=OuterRef("id"))))


def groupless(groups: Iterable[Group], account: Account, view: View) -> Q:
    """In none of the living groups, which `groups` are: everybody while there are none."""
    groups = list(groups)
    if all_fresh(groups, view):
        return Q(Exists(Member.objects.filter(group=None, customer_id=OuterRef("id"))))
    truth = Truth.of(account, view, groups=groups)
    found = Q()
    for group in groups:
        found &= ~truth.belongs(group)
    return found
