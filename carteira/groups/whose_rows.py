"""Rows of other tables (invoices, payments) by the group of their customer: `group=<id or name>`, or `group=none`."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer
from carteira.customers.querysets import among
from carteira.groups import list_filter
from carteira.groups.cached import all_fresh, groupless, is_fresh, members_on
from carteira.groups.models import Group, Member

# The rows of a group with fewer members are found from these; of others, each row passed by is asked for its customer.
FEW = 500


@dataclass(frozen=True)
class Whose:
    """`condition` is on rows that have a `customer_id`; `few`: it finds them from few customers, through the index that
    begins with the customer. `customers`: their ids."""

    value: str
    name: str
    condition: Q
    few: bool
    customers: QuerySet


def nobodys() -> Whose:
    """Of a group that is not there any more."""
    nobody = Member.objects.filter(pk=UUID(int=0)).values("customer_id")
    return Whose("", "", Q(pk__in=[]), True, nobody)


def whose(value: str, account: Account, view: View) -> Whose | None:
    """None: there is no such group."""
    if value == list_filter.NONE:
        living = list(Group.objects.filter(deleted_at=None))
        nobodys = Member.objects.filter(group=None) if all_fresh(living, view) else None
        return _whose(value, _("Without group"), groupless(living, account, view), nobodys)
    group = list_filter.find(value)
    if group is None:
        return None
    members = Member.objects.filter(group=group) if is_fresh(group, view) else None
    condition = members_on(group, account, view)
    few = members is not None and group.members < FEW
    return _whose(str(group.pk), group.name, condition, members, few=few)


def _whose(value: str, name: str, asked: Q, members: QuerySet[Member] | None, *, few: bool = False) -> Whose:
    """From the cache where it is right, else from whoever the condition means."""
    if members is None:
        found = Customer.objects.filter(asked).order_by().values("pk")
        return Whose(value, name, Q(customer_id__in=found), few, found)
    condition = among(members, "customer_id") if few else Q(Exists(members.filter(customer_id=OuterRef("customer_id"))))
    return Whose(value, name, condition, few, members.order_by().values("customer_id"))


def options() -> dict[str, str]:
    """Groups to choose from, by id, then those in none. One query; nothing where there are no groups."""
    found = Group.objects.filter(deleted_at=None).order_by("name_sort").values_list("pk", "name")
    named = {str(pk): name for pk, name in found}
    return {**named, list_filter.NONE: _("Without group")} if named else {}
