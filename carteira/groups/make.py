"""Making a group (S3-09, S3-10): empty ones are legal, and a rule fills it at once (N3)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.groups import rules
from carteira.groups.fill import fill
from carteira.groups.lock import lock_groups
from carteira.groups.models import Group
from carteira.groups.names import name_sort, refuse_one_more, refuse_taken
from carteira.groups.references import refuse_bad_references

MADE = kinds.register("group.made", gettext_lazy("Group “{group}” made."))


def make_group(
    account: Account, *, name: str, rule: rules.Rule | None = None, colour: str = "", by: Any, now: datetime
) -> Group:
    """`name` as names.clean_name gives it. Raises NameTaken, TooManyGroups, rules.BadRule. Records group.made, and group.entered for
    whom the rule takes in.
    """
    with transaction.atomic():
        lock_groups()
        refuse_one_more()
        refuse_taken(name)
        if rule is not None:
            rule = rules.clean(rule, account)
            refuse_bad_references(rule, account)
        group = Group.objects.create(name=name, name_sort=name_sort(name), colour=colour, rule=rule, created_at=now)
        record(MADE, by=by, now=now, subject_id=group.pk, personal={"group": name})
        fill([group.pk], now=now)
        group.refresh_from_db()
        return group
