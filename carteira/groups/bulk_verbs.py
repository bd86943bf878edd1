"""Putting many customers into a group, and taking them out (S3-14, S3-16, S3-17)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.customers.bulk.verbs import Outcome, Turn, Verb, verbs
from carteira.groups.belong import Pinned, add_many, pin_many, remove_many
from carteira.groups.models import Group


class GroupForm(forms.Form):
    group = forms.ChoiceField(label=gettext_lazy("Group"))

    def __init__(self, *args: Any, account: Account, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = Group.objects.filter(deleted_at=None).order_by("name_sort")
        # Nothing is chosen beforehand: a hasty click would pin many into whichever group comes first.
        none = [("", gettext_lazy("Choose a group"))]
        self.fields["group"].choices = none + [(str(group.pk), group.name) for group in groups]  # type: ignore[attr-defined]
        if len(self.fields["group"].choices) == 1:  # type: ignore[attr-defined]
            self.fields["group"].help_text = gettext_lazy("There is no group yet. Make one first, on the page Groups.")

    def values(self) -> dict[str, Any]:
        return {"group": self.cleaned_data["group"]}


def _do(change: Callable[..., dict[UUID, Pinned]]) -> Callable[[Turn], Outcome]:
    def do(turn: Turn) -> Outcome:
        group = Group.objects.filter(pk=turn.values["group"], deleted_at=None).first()
        if group is None:
            return Outcome(refused=dict.fromkeys(turn.ids, _("This group was deleted meanwhile.")))
        return Outcome(dict(change(group, turn.ids, by=turn.by, now=turn.now)))

    return do


def _undo(turn: Turn, before: dict[UUID, Any]) -> Outcome:
    """What was said before holds again, where nobody has said anything else since."""
    group = Group.objects.filter(pk=turn.values["group"], deleted_at=None).first()
    if group is None:
        return Outcome(refused=dict.fromkeys(before, _("This group was deleted meanwhile.")))
    changed_since = set(
        group.pins.filter(customer__in=list(before), at__gt=turn.asked_at).values_list("customer_id", flat=True)
    )
    back = {id: value for id, value in before.items() if id not in changed_since}
    pin_many(group, back, by=turn.by, now=turn.now)
    return Outcome(dict.fromkeys(back, True))


def _name(values: dict[str, Any]) -> str:
    group = Group.objects.filter(pk=values["group"]).first()
    return group.name if group else ""


def _verb(label: Any, icon: str, told: Any, change: Callable[..., dict[UUID, Pinned]], text: Any) -> Verb:
    return Verb(label, icon, Right.EDIT_CUSTOMERS, told, GroupForm, _do(change), _undo, text, _name)


def register() -> None:
    """Called once, when the room is set up."""
    verbs.add(
        "group.add",
        _verb(
            gettext_lazy("Add to group"),
            "users-plus",
            pgettext_lazy("done to many", "Added to the group"),
            add_many,
            gettext_lazy("They are in it from now on, also where a rule says otherwise."),
        ),
        order=50,
    )
    verbs.add(
        "group.remove",
        _verb(
            gettext_lazy("Remove from group"),
            "users-minus",
            pgettext_lazy("done to many", "Removed from the group"),
            remove_many,
            gettext_lazy("They are out of it from now on, also where a rule says otherwise."),
        ),
        order=60,
    )
