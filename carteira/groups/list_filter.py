"""The list of customers by group: `?group=<id or name>`, or `?group=none` for those in no group."""

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.customers.lifecycle import View
from carteira.customers.list_filters import Chosen, ListFilter
from carteira.groups.cached import groupless, members_on
from carteira.groups.models import Group
from carteira.groups.names import name_sort

NONE = "none"


def read(value: str, account: Account, view: View) -> Chosen | None:
    if value == NONE:
        living = Group.objects.filter(deleted_at=None)
        return Chosen(groupless(living, account, view), _("Without group"))
    group = find(value)
    return group and Chosen(members_on(group, account, view), _("Group: %(name)s") % {"name": group.name})


def find(value: str) -> Group | None:
    """By its id or its name."""
    try:
        named = {"pk": UUID(value)}
    except ValueError:
        named = {"name_sort": name_sort(value)}
    return Group.objects.filter(**named, deleted_at=None).first()


FILTER = ListFilter(gettext_lazy("Group"), Right.SEE_CUSTOMERS, read)
