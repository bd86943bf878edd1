"""Whom a rule would mean, before it is saved: how many, and ten of them."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Window
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.core.patience import TookTooLong, patience
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer
from carteira.groups.cached import members_on
from carteira.groups.models import Group
from carteira.groups.references import refuse_bad_references
from carteira.groups.rules import BadRule, Rule
from carteira.groups.truth import Truth

EXAMPLES = 10
# Seconds: whoever writes a rule looks at it while typing.
PATIENCE = 5


@dataclass(frozen=True)
class Preview:
    """`count`: those who fit and are not archived; `examples`: the first by name."""

    count: int
    examples: list[tuple[UUID, str]]


def preview_of(rule: Rule, group: Group, account: Account, view: View) -> Preview:
    """`rule` as rules.clean gives it, as if it were this group's. Raises BadRule: it asks about what is not there, or
    takes too long."""
    refuse_bad_references(rule, account, of=group)
    truth = Truth.of(account, view, others=lambda other: members_on(other, account, view))
    fitting = Customer.objects.not_archived(view).filter(truth.by_rule(Group(pk=group.pk, name=group.name, rule=rule)))
    # One walk tells both: what a rule asks may cost more than the page around it.
    counted = fitting.annotate(many=Window(Count("pk"))).order_by("name_sort", "id")
    try:
        with patience(PATIENCE):
            rows = list(counted.values_list("pk", "name", "many")[:EXAMPLES])
    except TookTooLong:
        raise BadRule(_("It takes too long to count whom this means. Ask for less, or by fewer conditions.")) from None
    return Preview(rows[0][2] if rows else 0, [(row[0], row[1]) for row in rows])
