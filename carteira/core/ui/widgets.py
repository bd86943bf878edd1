"""Dresses Django's form widgets for the kit: classes by the kind of control, nothing else."""

from typing import Any

from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select
from django.utils.safestring import SafeString

from carteira.core.ui.inline import LongSelect


def kind(field: BoundField) -> str:
    """checkbox, choices, file or text: which of the field templates fits."""
    control = field.field.widget
    if isinstance(control, CheckboxInput):
        return "checkbox"
    if isinstance(control, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    if isinstance(control, FileInput):
        return "file"
    return "text"


def render(field: BoundField, attrs: dict[str, Any]) -> SafeString:
    css = ["form-select" if type(field.field.widget) in (Select, LongSelect) else "form-control"]
    if kind(field) in {"checkbox", "choices"}:
        css = ["form-check-input"]
    elif kind(field) == "file":
        css = ["drop-input"]
    own = field.field.widget.attrs.get("class", "")
    names = {name.replace("_", "-"): value for name, value in attrs.items()}
    return field.as_widget(attrs={**names, "class": " ".join(filter(None, [own, *css]))})
