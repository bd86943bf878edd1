"""What people write about a group."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from carteira.groups.models import MAX_NAME, Group
from carteira.groups.names import clean_name


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the group"), max_length=MAX_NAME, error_messages={"required": _("Give the group a name.")}
    )

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])


class ChangeForm(forms.Form):
    """Colour, and what belonging brings along (N4). Choices of the payment method come from above."""

    colour = forms.ChoiceField(label=_("Colour"), choices=Group.Colour.choices, required=False)
    payment_method = forms.ChoiceField(label=_("Payment method"), required=False)
    due_day = forms.TypedChoiceField(
        label=_("Due day"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "–"), *((day, str(day)) for day in range(1, 32))],
    )
    messages_welcome = forms.TypedChoiceField(
        label=_("Messages"),
        required=False,
        coerce=lambda value: value == "yes",
        empty_value=None,
        choices=[("", "–"), ("yes", _("welcome")), ("no", _("not welcome"))],
    )

    def __init__(self, *args: Any, methods: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payment_method"].choices = [("", "–"), *methods]  # type: ignore[attr-defined]
