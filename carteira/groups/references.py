"""Rules that ask about other groups: those must be there, and none may ask about itself, however far around."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.groups.models import Group
from carteira.groups.rules import BadRule, Rule, named_groups


def refuse_bad_references(rule: Rule, account: Account, *, of: Group | None = None) -> None:
    """Raises BadRule: a group that is not there (any more), or a circle back to `of`."""
    groups = {group.pk: group for group in Group.objects.filter(deleted_at=None)}
    named = named_groups(rule, account)
    if named - set(groups):
        raise BadRule(_("The rule asks about a group that is not there any more."))
    if of is not None and (through := _way_back(named, of.pk, groups, account)):
        raise BadRule(
            _("The rule asks about “%(name)s”, which asks about this group. That would go round in circles.")
            % {"name": through}
        )


def _way_back(named: set[UUID], to: UUID, groups: Mapping[UUID, Group], account: Account) -> str:
    """The name of the group through which these lead back to one; nothing when none does."""
    for first in sorted(named):
        seen, waiting = set(), [first]
        while waiting:
            one = waiting.pop()
            if one == to:
                return groups[first].name
            if one not in seen and one in groups:
                seen.add(one)
                waiting += named_groups(groups[one].rule, account)
    return ""


def leaning_on(group: Group, account: Account) -> list[Group]:
    """Living groups whose rules ask about it."""
    others = Group.objects.filter(deleted_at=None, rule__isnull=False).exclude(pk=group.pk).order_by("name_sort")
    return [other for other in others if group.pk in named_groups(other.rule, account)]
