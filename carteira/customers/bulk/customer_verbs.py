"""What the room itself does to many: archive, bring back, write one value into a field."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.core import dates, people
from carteira.customers import edit_many
from carteira.customers.archive_form import ReasonForm
from carteira.customers.archive_many import Wish, archive_many, take_back_many, unarchive_many
from carteira.customers.assign_many import assign_back_many, assign_many
from carteira.customers.bulk.verbs import Outcome, Turn, Verb, verbs
from carteira.customers.edit import why_not_edited
from carteira.customers.forms import clean_fields
from carteira.customers.models import ArchivePeriod, Customer
from carteira.customers.owners import members


class DayForm(forms.Form):
    on = forms.CharField(
        label=gettext_lazy("As of"),
        required=False,
        help_text=gettext_lazy("Today, or an earlier day to set the history right."),
    )

    def __init__(self, *args: Any, account: Account, now: datetime, **kwargs: Any) -> None:
        self.account, self.today = account, account.today(now)
        kwargs.setdefault("initial", {"on": self.today.isoformat()})
        super().__init__(*args, **kwargs)
        self.fields["on"].widget = forms.DateInput(attrs={"type": "date", "max": self.today.isoformat()})

    def clean_on(self) -> date:
        written = self.cleaned_data["on"].strip()
        on = dates.parse_date(written, language=get_language() or "") if written else self.today
        if on > self.today:
            raise ValidationError(_("This day is in the future."), code="date_future")
        return on

    def values(self) -> dict[str, Any]:
        return {"on": self.cleaned_data["on"].isoformat()}


class ArchiveForm(ReasonForm, DayForm):
    field_order = ("on", "reason", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        of_each = ("", gettext_lazy("From the history of each"))
        self.fields["reason"].choices = [of_each, *ArchivePeriod.Reason.choices]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        return {**super().values(), "reason": self.cleaned_data["reason"], "note": self.cleaned_data["note"]}


class EditForm(forms.Form):
    field = forms.ChoiceField(
        label=gettext_lazy("Field"),
        choices=[
            ("city", gettext_lazy("City")),
            ("state", gettext_lazy("State or province")),
            ("source", gettext_lazy("Source")),
            ("kind", gettext_lazy("Person or company")),
        ],
        widget=forms.RadioSelect,
    )
    city = forms.CharField(label=gettext_lazy("City"), required=False)
    state = forms.CharField(label=gettext_lazy("State or province"), required=False)
    source = forms.CharField(label=gettext_lazy("Source"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Person or company"), required=False, choices=Customer.Kind.choices)

    def __init__(self, *args: Any, account: Account, now: datetime, **kwargs: Any) -> None:
        self.account, self.now = account, now
        kwargs.setdefault("initial", {"field": "city"})
        super().__init__(*args, **kwargs)
        if account.country == "BR":
            states = [("", "–"), *((code, f"{name} ({code})") for code, name in people.STATES.items())]
            self.fields["state"].widget = forms.Select(choices=states)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        field = cleaned.get("field")
        if field:
            values, errors = clean_fields({field: self.data.get(field, "")}, self.account, now=self.now)
            for column, error in errors.items():
                self.add_error(column, error)
            cleaned["value"] = values.get(field, "")
        return cleaned

    def values(self) -> dict[str, Any]:
        return {"field": self.cleaned_data["field"], "value": self.cleaned_data["value"]}


class AssignForm(forms.Form):
    owner = forms.ChoiceField(label=gettext_lazy("In charge"), required=False)

    def __init__(self, *args: Any, account: Account, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["owner"]
        field.choices = [("", gettext_lazy("Nobody")), *members(account)]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        return {"owner": self.cleaned_data["owner"] or None}


def _archive(turn: Turn) -> Outcome:
    values = turn.values
    wish = Wish(date.fromisoformat(values["on"]), values["reason"], values["note"])
    done = archive_many(turn.account, dict.fromkeys(turn.ids, wish), by=turn.by, now=turn.now)
    return Outcome(dict(done.periods), done.refused, done.guarded)


def _archive_undone(turn: Turn, before: dict[UUID, Any]) -> Outcome:
    periods = {id: UUID(period) for id, period in before.items()}
    done = take_back_many(turn.account, periods, by=turn.by, now=turn.now)
    return Outcome(dict(done.periods), done.refused, done.guarded)


def _unarchive(turn: Turn) -> Outcome:
    on = date.fromisoformat(turn.values["on"])
    done = unarchive_many(turn.account, turn.ids, on=on, by=turn.by, now=turn.now)
    return Outcome(dict(done.periods), done.refused, done.guarded)


def _unarchive_undone(turn: Turn, before: dict[UUID, Any]) -> Outcome:
    """Archived again from the day they came back, for the reason they had; the rules of archiving hold."""
    on = date.fromisoformat(turn.values["on"])
    ended = ArchivePeriod.objects.filter(pk__in=before.values(), until_on=on)
    wishes = {period.customer_id: Wish(on, period.reason, period.note) for period in ended}
    done = archive_many(turn.account, wishes, by=turn.by, now=turn.now)
    return Outcome(dict(done.periods), done.refused, done.guarded)


def _edit(turn: Turn) -> Outcome:
    done = edit_many.edit_many(turn.ids, **turn.values, by=turn.by, now=turn.now)
    return Outcome(dict.fromkeys(done.changed, True), done.refused)


def _edit_undone(turn: Turn, before: dict[UUID, Any]) -> Outcome:
    back = edit_many.put_back_many(list(before), **turn.values, at=turn.asked_at, by=turn.by, now=turn.now)
    return Outcome(dict.fromkeys(back, True))


def _assign(turn: Turn) -> Outcome:
    owner = _owner(turn)
    before = assign_many(turn.ids, owner=owner, by=turn.by, now=turn.now)
    gone = Customer.objects.filter(pk__in=turn.ids, anonymised_on__isnull=False).exclude(owner_id=owner)
    refused = dict.fromkeys(gone.values_list("pk", flat=True), why_not_edited())
    return Outcome({id: str(old) if old else "" for id, old in before.items()}, refused)


def _assign_undone(turn: Turn, before: dict[UUID, Any]) -> Outcome:
    owners = {id: UUID(owner) if owner else None for id, owner in before.items()}
    back = assign_back_many(owners, owner=_owner(turn), by=turn.by, now=turn.now)
    return Outcome(dict.fromkeys(back, True))


def _owner(turn: Turn) -> UUID | None:
    return UUID(turn.values["owner"]) if turn.values["owner"] else None


def register() -> None:
    """Called once, when the room is set up."""
    verbs.add(
        "archive",
        Verb(
            label=gettext_lazy("Archive"),
            icon="archive",
            right=Right.ARCHIVE_CUSTOMERS,
            told=pgettext_lazy("done to many", "Archived"),
            form=ArchiveForm,
            do=_archive,
            undo=_archive_undone,
            text=gettext_lazy(
                "They leave the lists and keep everything. Who still owes something stays, with the reason."
            ),
        ),
        order=10,
    )
    verbs.add(
        "unarchive",
        Verb(
            label=gettext_lazy("Reactivate"),
            icon="archive-off",
            right=Right.ARCHIVE_CUSTOMERS,
            told=pgettext_lazy("done to many", "Reactivated"),
            form=DayForm,
            do=_unarchive,
            undo=_unarchive_undone,
            text=gettext_lazy("They come back to the lists as they were."),
        ),
        order=20,
    )
    verbs.add(
        "edit",
        Verb(
            label=gettext_lazy("Edit a field"),
            icon="edit",
            right=Right.EDIT_CUSTOMERS,
            told=pgettext_lazy("done to many", "Edited"),
            form=EditForm,
            do=_edit,
            undo=_edit_undone,
            text=gettext_lazy("Everybody selected gets the same value. An empty one clears the field."),
        ),
        order=30,
    )
    verbs.add(
        "assign",
        Verb(
            label=gettext_lazy("Put somebody in charge"),
            icon="user-check",
            right=Right.EDIT_CUSTOMERS,
            told=pgettext_lazy("done to many", "Assigned"),
            form=AssignForm,
            do=_assign,
            undo=_assign_undone,
            text=gettext_lazy("This person looks after everybody selected."),
        ),
        order=40,
    )
