"""Validates what a person writes about a task. Never saves."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from carteira.accounts.models import Account, User
from carteira.core import dates, people
from carteira.core.form_keys import new_key
from carteira.tasks.assignees import assignees
from carteira.tasks.models import MAX_WHAT, Task


class TaskForm(forms.Form):
    """`assignee_id` cleans to a person's id or None; whether that person may have it is the verb's to say."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    what = forms.CharField(
        label=gettext_lazy("What is to be done?"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": MAX_WHAT, "autofocus": True}),
        error_messages={"required": gettext_lazy("Write what is to be done.")},
    )
    due_on = forms.CharField(label=pgettext_lazy("task", "Due on"), widget=forms.DateInput(attrs={"type": "date"}))
    assignee_id = forms.CharField(label=gettext_lazy("Assigned to"), required=False, widget=forms.Select)

    def __init__(
        self, *args: Any, account: Account, user: User, now: datetime, task: Task | None = None, **kwargs: Any
    ) -> None:
        if task is not None:
            initial = {"what": task.what, "due_on": task.due_on.isoformat(), "assignee_id": task.assignee_id or ""}
        else:
            initial = {"key": new_key(now), "due_on": account.today(now).isoformat(), "assignee_id": user.pk}
        super().__init__(*args, initial={**initial, **kwargs.pop("initial", {})}, **kwargs)
        offered = assignees(account)
        if task is not None and task.assignee is not None and task.assignee not in offered:
            offered = [task.assignee, *offered]
        self.fields["assignee_id"].widget.choices = [  # type: ignore[attr-defined]
            ("", _("Nobody in particular")),
            *((str(person.pk), str(person)) for person in offered),
        ]

    def clean_what(self) -> str:
        text = people.clean_text(self.cleaned_data["what"], limit=MAX_WHAT)
        if not text:
            raise ValidationError(_("Write what is to be done."), code="required")
        return text

    def clean_due_on(self) -> date:
        return dates.parse_date(self.cleaned_data["due_on"], language=get_language() or "")

    def clean_assignee_id(self) -> UUID | None:
        chosen = self.cleaned_data["assignee_id"]
        try:
            return UUID(chosen) if chosen else None
        except ValueError:
            raise ValidationError(_("Choose somebody who works on customers here."), code="assignee") from None
