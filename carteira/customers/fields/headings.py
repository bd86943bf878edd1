"""What the column of an own field is called in files of ours, so that it is known when it comes back."""

from carteira.core.sheets.refusals import is_added
from carteira.customers.fields.models import Field


def heading(field: Field, theirs: set[str]) -> str:
    """The label, where that cannot be taken for anything else. `theirs`: the folded labels of everybody's columns."""
    alone = field.label_sort not in theirs and "@" not in field.label and not is_added(field.label)
    return field.label if alone else f"{field.name} ({field.label})"
