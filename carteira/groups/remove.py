"""Deleting a group, and bringing it back. Its customers stay; who was in no other is without one (decision 10, S3-13)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.groups import refresh
from carteira.groups.fill import fill
from carteira.groups.lock import lock_groups
from carteira.groups.models import Group, Member
from carteira.groups.names import refuse_one_more, refuse_taken
from carteira.groups.references import leaning_on, refuse_bad_references

DELETED = kinds.register("group.deleted", gettext_lazy("Group “{group}” deleted."))
RESTORED = kinds.register("group.restored", gettext_lazy("Group “{group}” is back."))


class GroupInUse(ValueError):
    """Refused; the text is a sentence for the user."""


def delete_group(group: Group, account: Account, *, by: Any, now: datetime) -> Group:
    """Raises GroupInUse: rules of other groups ask about it. One that is deleted already is left alone."""
    with transaction.atomic():
        lock_groups()
        group = Group.objects.select_for_update(of=("self",)).get(pk=group.pk)
        if group.deleted_at is not None:
            return group
        if others := leaning_on(group, account):
            names = ", ".join(f"“{other.name}”" for other in others)
            raise GroupInUse(
                _("The rule of %(names)s asks about “%(name)s”. Change that first.")
                % {"names": names, "name": group.name}
            )
        group.deleted_at, group.members, group.changes_on = now, 0, None
        group.save(update_fields=["deleted_at", "members", "changes_on"])
        Member.objects.filter(group=group).delete()
        record(DELETED, by=by, now=now, subject_id=group.pk, personal={"group": group.name})
        refresh.rebuild([], now=now)
        return group


def restore_group(group: Group, account: Account, *, by: Any, now: datetime) -> Group:
    """As it was, with its pins; its rule is evaluated anew. Raises NameTaken, TooManyGroups, rules.BadRule (a group its
    rule asks about is gone)."""
    with transaction.atomic():
        lock_groups()
        group = Group.objects.select_for_update(of=("self",)).get(pk=group.pk)
        if group.deleted_at is None:
            return group
        refuse_one_more()
        refuse_taken(group.name)
        if group.rule is not None:
            refuse_bad_references(group.rule, account, of=group)
        group.deleted_at = None
        group.save(update_fields=["deleted_at"])
        record(RESTORED, by=by, now=now, subject_id=group.pk, personal={"group": group.name})
        fill([group.pk], now=now, silent=True)
        group.refresh_from_db()
        return group
