"""Changing the type of a field: what can be read as the new type becomes it, the rest stays as it was said."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation

from carteira.core import people
from carteira.core.events.follow import tell
from carteira.core.events.record import record
from carteira.customers.fields.define import CHANGED, UNIQUE, CannotDefine
from carteira.customers.fields.found import FOUND_BY
from carteira.customers.fields.models import CHOSEN, Field, FieldValue, Kind
from carteira.customers.fields.values import Reading, Said, clean, option_said, shown, written
from carteira.customers.models import Customer
from carteira.customers.search_more import renew_more

# So many different texts become choices by themselves; of more than that somebody has to choose.
NEW_OPTIONS = 50
EXAMPLES = 10
_WRITTEN = 2_000


@dataclass
class Outcome:
    """What would come of it. `examples` are texts that do not fit, each once."""

    fits: int = 0
    stays: int = 0
    examples: list[str] = field(default_factory=list)
    options: list[dict[str, Any]] = field(default_factory=list)


def preview(own: Field, kind: str, *, account: Any, now: datetime) -> Outcome:
    """Of all customers who have something there. Writes nothing."""
    with translation.override(account.language):
        goal = _goal(own, kind)
        reading, outcome = Reading(account, now), Outcome(options=goal.options)
        for _customer, rows in _by_customer(own):
            said = _converted(own, goal, rows, reading)
            if said[0].fits:
                outcome.fits += 1
                continue
            outcome.stays += 1
            if len(outcome.examples) < EXAMPLES and said[0].said not in outcome.examples:
                outcome.examples.append(said[0].said)
        return outcome


def change_kind(own: Field, kind: str, *, account: Any, by: Any, now: datetime) -> Outcome:
    """Make it a field of another type. Nothing is lost: what does not fit stays readable as it was said, and fits again
    when the type is changed back. Raises CannotDefine."""
    with transaction.atomic(), translation.override(account.language):
        own = Field.objects.select_for_update().get(pk=own.pk)
        if kind not in Kind.values:
            raise CannotDefine(translation.gettext("Choose a type."), "kind")
        outcome = Outcome()
        if kind == own.kind:
            return outcome
        goal, reading = _goal(own, kind), Reading(account, now)
        found = {customer_id: _converted(own, goal, rows, reading) for customer_id, rows in _by_customer(own)}
        outcome.fits = sum(said[0].fits for said in found.values())
        outcome.stays = len(found) - outcome.fits
        # What was different may be the same now: 1 and 1,0.
        texts = [one.text for said in found.values() for one in said]
        goal.unique = goal.unique and len(set(texts)) == len(texts)
        FieldValue.objects.filter(field=own).delete()
        rows = (_row(goal, customer_id, one) for customer_id, said in found.items() for one in said)
        FieldValue.objects.bulk_create(rows, batch_size=_WRITTEN)
        before = own.kind
        own.kind, own.options, own.unique = goal.kind, goal.options, goal.unique
        own.save(update_fields=["kind", "options", "unique"])
        if (before in FOUND_BY) != (kind in FOUND_BY):
            for customer in Customer.objects.select_for_update().filter(pk__in=found).order_by("id"):
                renew_more(customer)
        record(
            CHANGED,
            by=by,
            now=now,
            subject_id=own.pk,
            what={"label": own.label, "kind": kind, "before": before, "fits": outcome.fits, "stays": outcome.stays},
        )
        # What is asked of everybody's values is another thing now.
        tell(CHANGED, None, now)
        return outcome


def refit(own: Field, was: str, rows: list[FieldValue], reading: Reading) -> list[Said]:
    """Rows of one customer from when the field was of the kind `was`, as it says the same today."""
    with translation.override(reading.account.language):
        if was != own.kind:
            return _converted(Field(kind=was, options=own.options), own, rows, reading)
    labels = {option["id"]: option["label"] for option in own.options}
    return [
        option_said(row.option, labels.get(row.option, row.said))
        if row.option
        else Said(row.said, row.text, row.number, row.on, fits=row.fits)
        for row in rows
    ]


def _goal(own: Field, kind: str) -> Field:
    """The field as it would be. Texts become choices where there are few different ones."""
    goal = Field(pk=own.pk, account_id=own.account_id, kind=kind, options=own.options, unique=own.unique)
    goal.unique = own.unique and kind in UNIQUE
    if kind in CHOSEN and own.kind not in CHOSEN:
        texts = FieldValue.objects.filter(field=own, fits=True).values_list("text", "said").order_by("text", "id")
        known = {people.name_sort(option["label"]) for option in own.options}
        found = texts.distinct("text")[: NEW_OPTIONS + 1]
        new = {text: said for text, said in found if text not in known and len(said) <= 80}
        if own.kind == Kind.TEXT and len(new) <= NEW_OPTIONS:
            ids = (f"t{nth}" for nth in range(len(own.options), len(own.options) + len(new)))
            goal.options = [
                *own.options,
                *({"id": id, "label": label} for id, label in zip(ids, new.values(), strict=True)),
            ]
    return goal


def _by_customer(own: Field) -> Iterator[tuple[UUID, list[FieldValue]]]:
    rows = FieldValue.objects.filter(field=own).order_by("customer_id", "id")
    for customer_id, some in groupby(list(rows), key=lambda row: row.customer_id):
        yield customer_id, list(some)


def _converted(own: Field, goal: Field, rows: list[FieldValue], reading: Reading) -> list[Said]:
    """Always something: what does not fit is kept as people read it."""
    text = _text(own, rows, reading)
    if own.kind in CHOSEN and goal.kind in CHOSEN and all(row.option for row in rows):
        if goal.kind == Kind.CHOICES or len(rows) == 1:
            return [option_said(row.option, row.said) for row in rows]
        return [_kept(text)]
    try:
        return clean(goal, text, reading) or [_kept(text)]
    except ValidationError:
        return [_kept(text)]


def _text(own: Field, rows: list[FieldValue], reading: Reading) -> str:
    if own.kind in CHOSEN or own.kind == Kind.YES_NO:
        return shown(own, rows, reading)
    return written(own, rows, reading)


def _kept(text: str) -> Said:
    return Said(text, people.name_sort(text), fits=False)


def _row(goal: Field, customer_id: UUID, said: Said) -> FieldValue:
    return FieldValue(
        account_id=goal.account_id,
        field_id=goal.pk,
        customer_id=customer_id,
        option=said.option,
        said=said.said,
        text=said.text,
        number=said.number,
        on=said.on,
        fits=said.fits,
        alone=goal.unique,
    )
