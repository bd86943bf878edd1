"""What can be done to many customers at once. Rooms above add theirs in registrations.py."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.core.registries import Registry, Text
from carteira.customers.archive_checklist import Guarded


@dataclass(frozen=True)
class Turn:
    """One part of an act, inside its transaction. `values` are the act's. `now` is the moment it, or its undo, was
    asked; `asked_at` always the act's."""

    account: Account
    ids: Sequence[UUID]
    values: dict[str, Any]
    by: Any
    now: datetime
    asked_at: datetime


@dataclass
class Outcome:
    """`before`: what the undo needs of those that were changed (JSON values). `refused`: a sentence each, with {name}
    for the customer's. Whoever is in neither was as wished already."""

    before: dict[UUID, Any] = field(default_factory=dict)
    refused: dict[UUID, str] = field(default_factory=dict)
    # Of the refused, those whose sentence not everybody may read.
    guarded: Mapping[UUID, Guarded] = field(default_factory=dict)


@dataclass(frozen=True)
class Verb:
    """`do(turn)` changes a part set-based, by the same rules as the verb for one, and repeats nothing: whoever is as
    wished already is left alone. `undo(turn, before)` puts back what nobody changed since.

    `form(data, account=…, now=…)` asks for the values; its `values()` gives them as JSON. `told` is one word for what
    became of the customers, such as "Archived".
    """

    label: Text
    icon: str
    right: Right
    told: Text
    form: Callable[..., forms.Form]
    do: Callable[[Turn], Outcome]
    undo: Callable[[Turn, dict[UUID, Any]], Outcome]
    # What happens, in a sentence above the form.
    text: Text = ""
    # The name of what the values speak of, such as the group; "" where there is none.
    about: Callable[[dict[str, Any]], str] = lambda values: ""

    def named(self, words: Text, values: dict[str, Any]) -> str:
        """Words such as the label, with what they are about: “Add to group “Turma A””."""
        about = self.about(values)
        return f"{words} “{about}”" if about else str(words)


verbs: Registry[Verb] = Registry("Bulk verb")
