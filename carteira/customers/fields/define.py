"""Which fields a business has of its own: adding, changing, ordering, removing, restoring them (S1-08 to S1-14)."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core import people
from carteira.core.events import kinds
from carteira.core.events.follow import tell
from carteira.core.events.record import record
from carteira.core.locks import lock
from carteira.customers.fields.models import CHOSEN, Field, FieldValue, Kind

ADDED = kinds.register("own_field.added", gettext_lazy("Field “{label}” added to the card."))
CHANGED = kinds.register("own_field.changed", gettext_lazy("Field “{label}” of the card changed."))
REMOVED = kinds.register("own_field.removed", gettext_lazy("Field “{label}” removed from the card."))
RESTORED = kinds.register("own_field.restored", gettext_lazy("Field “{label}” is on the card again."))
ORDERED = kinds.register("own_field.ordered", gettext_lazy("The fields of the card were put in another order."))

# A card that people read, and a list of choices they can survey.
MOST, MOST_OPTIONS = 100, 200
# Kinds of which two customers may not have the same.
UNIQUE = frozenset({Kind.TEXT, Kind.NUMBER, Kind.EMAIL, Kind.PHONE, Kind.URL, Kind.DOCUMENT})
WRITTEN = ("label", "required", "unique", "help_text", "section", "asked_in", "keep_asking")


class CannotDefine(ValueError):
    """Refused; the text is a sentence for the user. `column` is the one it is about, "" for none."""

    def __init__(self, sentence: str, column: str = "") -> None:
        super().__init__(sentence)
        self.column = column


def add_field(*, kind: str, options: Sequence[str] = (), by: Any, now: datetime, **written: Any) -> Field:
    """A new field at the end of the card. `options` are labels. Raises CannotDefine."""
    with transaction.atomic():
        _one_at_a_time()
        _refuse_one_more()
        last = Field.objects.aggregate(last=Max("position"))["last"] or 0
        field = Field(kind=kind, position=last + 1, created_at=now, **_only_written(written))
        field.options = _new_options([], options) if kind in CHOSEN else []
        _check(field)
        field.save(force_insert=True)
        record(ADDED, by=by, now=now, subject_id=field.pk, what={"label": field.label, "kind": field.kind})
        return field


def change_field(
    field: Field,
    *,
    renamed: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
    by: Any,
    now: datetime,
    **written: Any,
) -> Field:
    """Change what is said of a field; its data stay. `renamed`: labels of options by id, "" takes one away (who has it
    keeps it); `options`: labels of further ones. Raises CannotDefine."""
    with transaction.atomic():
        _one_at_a_time()
        field = Field.objects.select_for_update().get(pk=field.pk)
        before = {name: getattr(field, name) for name in (*WRITTEN, "options")}
        for name, value in _only_written(written).items():
            setattr(field, name, value)
        if field.kind in CHOSEN:
            field.options = _without_unused(field, _new_options(_renamed(field, renamed or {}), options))
        _check(field)
        changed = [name for name in before if getattr(field, name) != before[name]]
        if not changed:
            return field
        if "unique" in changed:
            _set_alone(field)
        field.save(update_fields=[*changed, "label_sort"])
        for option in field.options:
            # What filters and orders compare follows the name.
            FieldValue.objects.filter(field=field, option=option["id"]).exclude(said=option["label"]).update(
                said=option["label"], text=people.name_sort(option["label"])
            )
        record(CHANGED, by=by, now=now, subject_id=field.pk, what={"label": field.label, "changed": changed})
        return field


def order_fields(ids: Sequence[UUID], *, by: Any, now: datetime) -> None:
    """Put the fields in this order; those not named follow in theirs. Unknown ids are passed over. Records
    own_field.ordered, unless they stand so already."""
    with transaction.atomic():
        _one_at_a_time()
        fields = {field.pk: field for field in Field.objects.filter(removed_at=None).order_by("position", "id")}
        first = [id for id in dict.fromkeys(ids) if id in fields]
        ordered = [fields[id] for id in [*first, *(id for id in fields if id not in first)]]
        if [field.pk for field in ordered] == list(fields):
            return
        for position, field in enumerate(ordered, 1):
            field.position = position
        Field.objects.bulk_update(ordered, ["position"])
        record(ORDERED, by=by, now=now)


def remove_field(field: Field, *, by: Any, now: datetime) -> Field:
    """Take a field off the card. What it says of everybody stays readable, and comes back with it."""
    with transaction.atomic():
        _one_at_a_time()
        field = Field.objects.select_for_update().get(pk=field.pk)
        if field.removed_at is None:
            field.removed_at = now
            field.save(update_fields=["removed_at"])
            record(REMOVED, by=by, now=now, subject_id=field.pk, what={"label": field.label})
            tell(REMOVED, None, now)
        return field


def restore_field(field: Field, *, by: Any, now: datetime) -> Field:
    """Put a removed field back. Raises CannotDefine where another one has its label by now, or where there are too many."""
    with transaction.atomic():
        _one_at_a_time()
        field = Field.objects.select_for_update().get(pk=field.pk)
        if field.removed_at is not None:
            _refuse_one_more()
            _check(field)
            field.removed_at = None
            field.save(update_fields=["removed_at"])
            record(RESTORED, by=by, now=now, subject_id=field.pk, what={"label": field.label})
            tell(RESTORED, None, now)
        return field


def _one_at_a_time() -> None:
    """Labels and places are compared with those of all other fields, there yet or not."""
    lock("fields")
    list(Field.objects.select_for_update(no_key=True).order_by("id").values_list("pk"))


def _refuse_one_more() -> None:
    """Raises CannotDefine."""
    if Field.objects.filter(removed_at=None).count() >= MOST:
        raise CannotDefine(_("There are %(most)s fields already; remove one first.") % {"most": MOST})


def _only_written(written: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in written.items() if name in WRITTEN}


def _check(field: Field) -> None:
    """Raises CannotDefine."""
    field.label_sort = people.name_sort(field.label)[:80]
    if not field.label_sort:
        raise CannotDefine(_("A field needs a label."), "label")
    same = Field.objects.filter(label_sort=field.label_sort, removed_at=None).exclude(pk=field.pk)
    if same.exists():
        raise CannotDefine(_("There is a field “%(label)s” already.") % {"label": field.label}, "label")
    if field.kind in CHOSEN and not field.living_options:
        raise CannotDefine(_("Write the choices, one a line."), "options")
    if field.unique and field.kind not in UNIQUE:
        raise CannotDefine(_("Fields of this type are the same for many customers."), "unique")


def _renamed(field: Field, renamed: Mapping[str, str]) -> list[dict[str, Any]]:
    options = []
    for option in field.options:
        label = renamed.get(option["id"], None if option.get("removed") else option["label"])
        if label:
            options.append({"id": option["id"], "label": label})
        else:
            options.append({**option, "removed": True})
    return options


def _without_unused(field: Field, options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Choices that were taken away stay for whoever has them; of many that nobody has nothing is kept."""
    if sum(bool(option.get("removed")) for option in options) <= MOST_OPTIONS:
        return options
    used = set(FieldValue.objects.filter(field=field).values_list("option", flat=True).distinct())
    return [option for option in options if not option.get("removed") or option["id"] in used]


def _new_options(options: list[dict[str, Any]], labels: Sequence[str]) -> list[dict[str, Any]]:
    """Those there are, and new ones; a label that was taken away comes back as it was. Raises CannotDefine."""
    if len(labels) > MOST_OPTIONS:
        raise CannotDefine(_("There are at most %(most)s choices.") % {"most": MOST_OPTIONS}, "options")
    options = [dict(option) for option in options]
    for label in labels:
        known = next((one for one in options if people.name_sort(one["label"]) == people.name_sort(label)), None)
        if known is None:
            options.append({"id": secrets.token_hex(4), "label": label})
        else:
            known.pop("removed", None)
    living = [people.name_sort(option["label"]) for option in options if not option.get("removed")]
    if len(set(living)) < len(living):
        raise CannotDefine(_("Two choices have the same name."), "options")
    if len(living) > MOST_OPTIONS:
        raise CannotDefine(_("There are at most %(most)s choices.") % {"most": MOST_OPTIONS}, "options")
    return options


def _set_alone(field: Field) -> None:
    """Raises CannotDefine where two customers have the same already."""
    rows = FieldValue.objects.filter(field=field)
    if field.unique:
        twice = rows.values("text").annotate(times=Count("id")).filter(times__gt=1).values_list("text", flat=True)
        first = twice.order_by("text").first()
        if first is not None:
            said = rows.filter(text=first).values_list("said", flat=True).first()
            raise CannotDefine(
                _("Several customers have “%(value)s”: give each its own first.") % {"value": said}, "unique"
            )
    rows.update(alone=field.unique)
