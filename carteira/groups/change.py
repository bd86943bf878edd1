"""Changing a group: its name (S3-12), its colour, its rule (N3), what belonging to it brings along (N4)."""

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
from carteira.groups.names import name_sort, refuse_taken
from carteira.groups.references import refuse_bad_references

RENAMED = kinds.register("group.renamed", gettext_lazy("Group “{before}” is called “{group}” now."))
CHANGED = kinds.register("group.changed", gettext_lazy("Group “{group}” changed: {fields}."))
RULED = kinds.register("group.ruled", gettext_lazy("Group “{group}” has another rule."))

# What change_group may write besides the name.
FIELDS = ("colour", "payment_method", "due_day", "messages_welcome")


def rename_group(group: Group, *, name: str, by: Any, now: datetime) -> Group:
    """`name` as names.clean_name gives it. Raises NameTaken, Group.DoesNotExist (deleted meanwhile)."""
    with transaction.atomic():
        lock_groups()
        group = _held(group)
        if name != group.name:
            refuse_taken(name, but=group)
            before, group.name, group.name_sort = group.name, name, name_sort(name)
            group.save(update_fields=["name", "name_sort"])
            record(RENAMED, by=by, now=now, subject_id=group.pk, personal={"group": name, "before": before})
        return group


def change_group(group: Group, *, by: Any, now: datetime, **values: Any) -> Group:
    """Write some of FIELDS, cleaned. Raises Group.DoesNotExist."""
    assert set(values) <= set(FIELDS), values
    with transaction.atomic():
        group = _held(group)
        changed = [name for name, value in values.items() if getattr(group, name) != value]
        for name in changed:
            setattr(group, name, values[name])
        if changed:
            group.save(update_fields=changed)
            record(
                CHANGED, by=by, now=now, subject_id=group.pk, what={"fields": changed}, personal={"group": group.name}
            )
        return group


def change_rule(group: Group, account: Account, *, rule: rules.Rule | None, by: Any, now: datetime) -> Group:
    """Another rule, or none. Whom it no longer takes in leaves at once, pins stay (Mautic #7679, #4095, #4970).

    Raises BadRule, Group.DoesNotExist. Records group.ruled, and group.entered and group.left for whom it moves.
    """
    with transaction.atomic():
        lock_groups()
        group = _held(group)
        if rule is not None:
            rule = rules.clean(rule, account)
            refuse_bad_references(rule, account, of=group)
        if rule != group.rule:
            group.rule = rule
            group.save(update_fields=["rule"])
            record(RULED, by=by, now=now, subject_id=group.pk, personal={"group": group.name})
            fill([group.pk], now=now)
            group.refresh_from_db()
        return group


def _held(group: Group) -> Group:
    return Group.objects.select_for_update(of=("self",)).get(pk=group.pk, deleted_at=None)
