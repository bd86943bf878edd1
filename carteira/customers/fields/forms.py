"""Validates what is said about a field itself. Never saves."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core import people
from carteira.customers.fields.define import UNIQUE
from carteira.customers.fields.models import CHOSEN, Field, Kind, Place


class FieldForm(forms.Form):
    """A new field, or (with `field`) one there is, whose type is changed on a page of its own."""

    label = forms.CharField(label=gettext_lazy("Name of the field"), max_length=80)
    kind = forms.ChoiceField(label=gettext_lazy("Type"), choices=Kind.choices)
    options = forms.CharField(
        label=gettext_lazy("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Only for “One choice” and “Several choices”: one a line."),
    )
    section = forms.CharField(
        label=gettext_lazy("Section"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("A heading on the card. Fields of the same section stand together."),
    )
    help_text = forms.CharField(
        label=gettext_lazy("Help"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("One sentence below the field, for whoever fills it in."),
    )
    required = forms.BooleanField(label=gettext_lazy("Required: the card shows when it is missing"), required=False)
    unique = forms.BooleanField(label=gettext_lazy("Different for every customer"), required=False)
    asked_in = forms.MultipleChoiceField(
        label=gettext_lazy("Customers are asked for it in"),
        choices=Place.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Kept for the forms that are still to come; until then nobody is asked."),
    )
    keep_asking = forms.BooleanField(label=gettext_lazy("Ask again until it is filled in"), required=False)

    def __init__(self, *args: Any, field: Field | None = None, **kwargs: Any) -> None:
        self.field = field
        if field is not None:
            kwargs["initial"] = {name: getattr(field, name) for name in _OWN} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        if field is None:
            return
        del self.fields["kind"]
        if field.kind not in CHOSEN:
            del self.fields["options"]
        else:
            self.fields["options"].label = _("Further choices")
            self.fields["options"].help_text = _("One a line.")
        if field.kind not in UNIQUE:
            del self.fields["unique"]

    def options_there(self) -> list[dict[str, str]]:
        """The choices there are, as they stand in the form."""
        if self.field is None or self.field.kind not in CHOSEN:
            return []
        given = renamed_options(self.data) if self.is_bound else {}
        return [{**option, "label": given.get(option["id"], option["label"])} for option in self.field.living_options]

    def clean_label(self) -> str:
        return people.clean_text(self.cleaned_data["label"], limit=80)

    def clean_section(self) -> str:
        return people.clean_text(self.cleaned_data["section"], limit=80)

    def clean_help_text(self) -> str:
        return people.clean_text(self.cleaned_data["help_text"], limit=200)

    def clean_options(self) -> list[str]:
        lines = (people.clean_text(line, limit=80) for line in self.cleaned_data["options"].splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def clean_unique(self) -> bool:
        kind = self.field.kind if self.field else self.cleaned_data.get("kind")
        unique: bool = self.cleaned_data["unique"]
        if unique and kind and kind not in UNIQUE:
            raise ValidationError(_("Fields of this type are the same for many customers."))
        return unique


_OWN = ("label", "section", "help_text", "required", "unique", "asked_in", "keep_asking")


def renamed_options(data: Mapping[str, str]) -> dict[str, str]:
    """Labels of the choices there are by their ids, "" for one that is taken away. Raises ValidationError."""
    prefix = "option-"
    return {
        name.removeprefix(prefix): people.clean_text(text, limit=80)
        for name, text in data.items()
        if name.startswith(prefix)
    }
