"""Why somebody is archived, asked of one and of many alike: the history's reason, or another one with a note."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carteira.core import people

MAX_NOTE = 500


class ReasonForm(forms.Form):
    """Whoever shows it sets the choices of `reason`; "" is the reason the history gives."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Churn: was a customer and left. Lost: never bought anything."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Needed when you choose the reason yourself."),
    )

    def clean_note(self) -> str:
        return people.clean_text(self.cleaned_data["note"], limit=MAX_NOTE)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("reason") and not cleaned.get("note") and "note" not in self.errors:
            self.add_error("note", ValidationError(_("Say in a few words why."), code="note_needed"))
        return cleaned
