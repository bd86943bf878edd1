"""The list of customers by group: `?group=<id or name>`, or `?group=none` for those in no group."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.customers.lifecycle import View
from carteira.customers.list_filters import Chosen, ListFilter
from carteira.customers.querysets import among
from carteira.groups.models import Group, Member
from carteira.groups.names import name_sort
from carteira.groups.truth import Truth

NONE = "none"
# The list of a group with fewer members starts from these, instead of asking every customer it passes by.
FEW = 2_000


def read(value: str, account: Account, view: View) -> Chosen | None:
    if value == NONE:
        return Chosen(groupless(account, view), _("Without group"))
    group = find(value)
    return group and Chosen(members_on(group, account, view), _("Group: %(name)s") % {"name": group.name})


def members_on(group: Group, account: Account, view: View) -> Q:
    """From the cache while it is right: today, until the day time changes it. Else from the rule itself."""
    fresh = group.changes_on is None or group.changes_on > view.day
    if view.live and fresh:
        members = Member.objects.filter(group=group)
        few = group.members < FEW
        return among(members) if few else Q(Exists(members.filter(customer_id=OuterRef("id"))))
    return Truth.of(account, view).belongs(group)


def find(value: str) -> Group | None:
    """By its id or its name."""
    try:
        named = {"pk": UUID(value)}
    except ValueError:
        named = {"name_sort": name_sort(value)}
    return Group.objects.filter(**named, deleted_at=None).first()


def groupless(account: Account, view: View) -> Q:
    living = list(Group.objects.filter(deleted_at=None))
    if view.live and living and all(group.changes_on is None or group.changes_on > view.day for group in living):
        return Q(Exists(Member.objects.filter(group=None, customer_id=OuterRef("id"))))
    truth = Truth.of(account, view, groups=living)
    found = Q()
    for group in living:
        found &= ~truth.belongs(group)
    return found


FILTER = ListFilter(gettext_lazy("Group"), Right.SEE_CUSTOMERS, read)
