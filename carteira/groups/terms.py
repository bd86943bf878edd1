"""What belonging to a group brings along for invoices (N4): how they are paid, the day they fall due."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from carteira.customers.lifecycle import view_of
from carteira.customers.models import Customer
from carteira.customers.terms import DUE_DAY, METHOD, Term
from carteira.groups.cached import is_fresh, members_on
from carteira.groups.models import Group, Member


def terms_of(customer: Customer, now: datetime) -> Mapping[str, Term]:
    """Of its living groups. Where several say something: first those somebody put it into by hand, then by name."""
    groups = list(Group.objects.filter(deleted_at=None).exclude(payment_method="", due_day=None).order_by("name_sort"))
    if not groups:
        return {}
    found: dict[str, Term] = {}
    for group in _in_order(groups, customer, now):
        said = _("From the group “%(name)s”.") % {"name": group.name}
        if group.payment_method:
            found.setdefault(METHOD, Term(group.payment_method, said))
        if group.due_day is not None:
            found.setdefault(DUE_DAY, Term(str(group.due_day), said))
    return found


def _in_order(groups: list[Group], customer: Customer, now: datetime) -> list[Group]:
    """Those of them it is in, by hand first. Where time has changed the members since, the rule itself is asked."""
    account = customer.account
    view = view_of(account, now=now)
    causes = dict(Member.objects.filter(customer=customer.pk, group__in=groups).values_list("group", "cause"))
    found = []
    for group in groups:
        inside = group.pk in causes
        if not is_fresh(group, view):
            inside = Customer.objects.filter(members_on(group, account, view), pk=customer.pk).exists()
        if inside:
            found.append(group)
    return sorted(found, key=lambda group: causes.get(group.pk) != Member.Cause.HAND)
