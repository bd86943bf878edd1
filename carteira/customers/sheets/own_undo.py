"""Taking back what an import said in own fields, as the import's event kept it; what a person has changed since stays, and
so does what became another kind."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from carteira.core import people
from carteira.customers.fields.found import FOUND_BY
from carteira.customers.fields.models import Field, FieldValue
from carteira.customers.fields.rows_json import as_json, rows_of


class TakeOwnBack:
    """Of some customers, locked by the caller, who writes their rows and renews their search. `kept`: by customer and name
    of the field {"kind", "old", "new"}."""

    def __init__(self, kept: dict[UUID, dict[str, Any]]) -> None:
        names = {name for told in kept.values() for name in told}
        ids = [UUID(name.removeprefix("own_")) for name in names]
        # In one order, and not against those who only refer to them; nobody defines them anew meanwhile.
        fields = Field.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("id")
        self.fields = {field.name: field for field in fields}
        self._there: dict[tuple[UUID, UUID], list[FieldValue]] = {}
        rows = FieldValue.objects.filter(customer_id__in=list(kept), field__in=list(self.fields.values()))
        for row in rows.order_by("field_id", "id"):
            self._there.setdefault((row.customer_id, row.field_id), []).append(row)
        # By customer: the fields that go back, those that stay as somebody has changed them, and those whose former
        # value is somebody else's by now.
        self.back: dict[UUID, list[str]] = {}
        self.stays: dict[UUID, list[str]] = {}
        self.taken: dict[UUID, list[str]] = {}
        self._sort_out(kept)
        self._write(kept)

    @property
    def searched(self) -> set[str]:
        """Names of the fields that customers are found by."""
        return {name for name, field in self.fields.items() if field.kind in FOUND_BY}

    def label(self, name: str) -> str:
        return self.fields[name].label if name in self.fields else name

    def _sort_out(self, kept: dict[UUID, dict[str, Any]]) -> None:
        for customer_id, told in kept.items():
            for name, was in told.items():
                same = self._is_as_imported(customer_id, name, was)
                (self.back if same else self.stays).setdefault(customer_id, []).append(name)
        for name, field in self.fields.items():
            if field.unique:
                self._leave_taken(name, field, {id: told[name] for id, told in kept.items() if name in told})

    def _is_as_imported(self, customer_id: UUID, name: str, was: dict[str, Any]) -> bool:
        field = self.fields.get(name)
        if field is None or field.kind != was["kind"]:
            return False
        there = self._there.get((customer_id, field.pk), [])
        return _compared(there) == _compared(rows_of(field, was["new"]))

    def _leave_taken(self, name: str, field: Field, told: dict[UUID, Any]) -> None:
        back = {id: was for id, was in told.items() if name in self.back.get(id, ())}
        wanted = {row["text"]: id for id, was in back.items() for row in was["old"] or ()}
        held = FieldValue.objects.filter(field=field, text__in=list(wanted)).exclude(customer_id__in=list(back))
        for text in held.values_list("text", flat=True):
            self.back[wanted[text]].remove(name)
            self.taken.setdefault(wanted[text], []).append(name)

    def _write(self, kept: dict[UUID, dict[str, Any]]) -> None:
        """All is let go of before any is taken: what is different for everybody may have changed hands."""
        going = [(id, name) for id, names in self.back.items() for name in names]
        gone = [row.pk for id, name in going for row in self._there.get((id, self.fields[name].pk), ())]
        FieldValue.objects.filter(pk__in=gone).delete()
        new = [row for id, name in going for row in self._as_before(id, self.fields[name], kept[id][name]["old"])]
        FieldValue.objects.bulk_create(new, batch_size=2_000)

    def _as_before(self, customer_id: UUID, field: Field, old: Any) -> Iterable[FieldValue]:
        labels = {option["id"]: option["label"] for option in field.options}
        for row in rows_of(field, old, customer_id=customer_id):
            if row.option in labels:
                # A choice may have been renamed since.
                row.said = labels[row.option]
                row.text = people.name_sort(row.said)
            yield row


def _compared(rows: Iterable[FieldValue]) -> Any:
    """Choices are the same whatever they are called by now."""
    return sorted((row.option, "" if row.option else as_json([row])) for row in rows)
