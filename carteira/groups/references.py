"""Rules that ask about other groups: those must be there, none may ask about itself, however far around, and all that is
asked in the end has a limit, for every change of a customer asks it."""

from collections.abc import Mapping
from functools import cache
from uuid import UUID

from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.groups.fields import RuleField, known
from carteira.groups.models import Group
from carteira.groups.rules import BadRule, Rule, conditions, named_groups

# Groups by rule of an account; how far one may lean on others; conditions that one asks with all it leans on; and all of
# an account's together (a thousand cost a change of a customer a quarter of a second).
MOST_BY_RULE, MOST_AROUND, MOST_ASKED, MOST_TOGETHER = 200, 10, 200, 1_000


def refuse_bad_references(rule: Rule, account: Account, *, of: Group | None = None) -> None:
    """Raises BadRule: a group that is not there (any more), a circle back to `of`, or too much to ask."""
    groups = {group.pk: group for group in Group.objects.filter(deleted_at=None)}
    fields = known(account)
    named = named_groups(rule, account, fields)
    if named - set(groups):
        raise BadRule(_("The rule asks about a group that is not there any more."))
    leans = {id: named_groups(group.rule, account, fields) for id, group in groups.items()}
    if of is not None and (through := _way_back(named, of.pk, groups, leans)):
        raise BadRule(
            _("The rule asks about “%(name)s”, which asks about this group. That would go round in circles.")
            % {"name": through}
        )
    new = of.pk if of is not None else UUID(int=0)
    asked = {id: group.rule for id, group in groups.items() if group.rule is not None} | {new: rule}
    _refuse_too_much(asked, account, fields)


def _way_back(named: set[UUID], to: UUID, groups: Mapping[UUID, Group], leans: Mapping[UUID, set[UUID]]) -> str:
    """The name of the group through which these lead back to one; nothing when none does."""
    for first in sorted(named):
        seen, waiting = set(), [first]
        while waiting:
            one = waiting.pop()
            if one == to:
                return groups[first].name
            if one not in seen and one in groups:
                seen.add(one)
                waiting += leans[one]
    return ""


def _refuse_too_much(asked: Mapping[UUID, Rule], account: Account, fields: Mapping[str, RuleField]) -> None:
    """Of every rule there would be: those that ask about a changed one ask more as well."""
    if len(asked) > MOST_BY_RULE:
        raise BadRule(_("There are %(n)s groups with a rule already. Delete one first.") % {"n": MOST_BY_RULE})
    leans = {id: [named_groups(one, account, fields) for one in conditions(given)] for id, given in asked.items()}

    @cache
    def weight(id: UUID) -> tuple[int, int]:
        """How many conditions, and how far it leans."""
        if id not in leans:
            return 0, 0
        under = [weight(one) for named in leans[id] for one in named]
        return len(leans[id]) + sum(many for many, _far in under), 1 + max((far for _many, far in under), default=0)

    weights = [weight(id) for id in asked]
    if max(far for _many, far in weights) > MOST_AROUND:
        raise BadRule(_("Groups ask about each other over more than %(n)s steps.") % {"n": MOST_AROUND})
    if max(many for many, _far in weights) > MOST_ASKED:
        raise BadRule(
            _("With the groups it asks about, a rule has at most %(n)s conditions; each group counts every time.")
            % {"n": MOST_ASKED}
        )
    if sum(many for many, _far in weights) > MOST_TOGETHER:
        raise BadRule(
            _("All rules together have at most %(n)s conditions; groups they ask about count every time.")
            % {"n": MOST_TOGETHER}
        )


def leaning_on(group: Group, account: Account) -> list[Group]:
    """Living groups whose rules ask about it."""
    others = Group.objects.filter(deleted_at=None, rule__isnull=False).exclude(pk=group.pk).order_by("name_sort")
    fields = known(account)
    return [other for other in others if group.pk in named_groups(other.rule, account, fields)]
