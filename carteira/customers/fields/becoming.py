"""What a field of another type would be, and what its values become. Writes nothing."""

from django.core.exceptions import ValidationError
from django.utils import translation

from carteira.core import people
from carteira.customers.fields.define import UNIQUE
from carteira.customers.fields.models import CHOSEN, Field, FieldValue, Kind
from carteira.customers.fields.values import Reading, Said, called, clean, option_said, shown, written

# So many different texts become choices by themselves; of more than that somebody has to choose.
NEW_OPTIONS = 50


def goal_of(own: Field, kind: str) -> Field:
    """The field as it would be. Texts become choices where there are few different ones."""
    goal = Field(pk=own.pk, account_id=own.account_id, kind=kind, options=own.options, unique=own.unique)
    goal.unique = own.unique and kind in UNIQUE
    if kind in CHOSEN and own.kind not in CHOSEN:
        texts = FieldValue.objects.filter(field=own, fits=True).values_list("text", "said").order_by("text", "id")
        known = {people.name_sort(option["label"]) for option in own.options}
        found = texts.distinct("text")[: NEW_OPTIONS + 1]
        new = {text: said for text, said in found if text not in known and len(said) <= 80 and not _made_of(goal, said)}
        if own.kind == Kind.TEXT and len(new) <= NEW_OPTIONS:
            ids = (f"t{nth}" for nth in range(len(own.options), len(own.options) + len(new)))
            goal.options = [
                *own.options,
                *({"id": id, "label": label} for id, label in zip(ids, new.values(), strict=True)),
            ]
    return goal


def _made_of(goal: Field, said: str) -> bool:
    """Whether a text is several of the choices there were before the field became a text."""
    try:
        return goal.kind == Kind.CHOICES and bool(called(goal, said))
    except ValidationError:
        return False


def becomes(own: Field, goal: Field, rows: list[FieldValue], reading: Reading) -> list[Said]:
    """Of one customer's rows; always something: what does not fit is kept as people read it."""
    text = _text(own, rows, reading)
    if own.kind in CHOSEN and goal.kind in CHOSEN and all(row.option for row in rows):
        if goal.kind == Kind.CHOICES or len(rows) == 1:
            return [option_said(row.option, row.said) for row in rows]
        return [_kept(text)]
    try:
        return clean(goal, text, reading) or [_kept(text)]
    except ValidationError:
        return [_kept(text)]


def refit(own: Field, was: str, rows: list[FieldValue], reading: Reading) -> list[Said]:
    """Rows of one customer from when the field was of the kind `was`, as it says the same today."""
    with translation.override(reading.account.language):
        if was != own.kind:
            return becomes(Field(kind=was, options=own.options), own, rows, reading)
    labels = {option["id"]: option["label"] for option in own.options}
    return [
        option_said(row.option, labels.get(row.option, row.said))
        if row.option
        else Said(row.said, row.text, row.number, row.on, fits=row.fits)
        for row in rows
    ]


def _text(own: Field, rows: list[FieldValue], reading: Reading) -> str:
    if own.kind in CHOSEN or own.kind == Kind.YES_NO:
        return shown(own, rows, reading)
    return written(own, rows, reading)


def _kept(text: str) -> Said:
    return Said(text, people.name_sort(text), fits=False)
