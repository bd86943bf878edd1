"""A customer's history: its events, newest first, each told in the reader's language."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from carteira.core import people
from carteira.core.countries import territory_choices
from carteira.core.events import kinds
from carteira.core.events.models import Event
from carteira.core.registries import Registry, Text
from carteira.core.ui.formats import day as day_text
from carteira.core.ui.formats import money
from carteira.customers.models import ArchivePeriod, Contact, ContactPoint, Customer, Note
from carteira.customers.parts import CONTACT
from carteira.customers.sheets.part_fields import PARTS, part_label, part_text

# Kept as machines write them, shown as people do.
_PHONE, _CEP = re.compile(r"\+[0-9]{8,15}"), re.compile(r"[0-9]{8}")

PAGE = 20
# Who did what nobody did.
PROGRAM = "program"

# What an event is about, by the word before the dot of its kind. Rooms above add theirs.
subjects: Registry[Text] = Registry("Subject of events")
# What somebody needs to be told of a subject's events; of the others seeing the customer is enough.
rights: Registry[str] = Registry("Right to the events of a subject")


def told_to(may: Callable[[str], bool]) -> list[str]:
    """The subjects whose events this person is told."""
    return [name for name in subjects.names() if name not in rights.names() or may(rights[name])]


@dataclass(frozen=True)
class Told:
    """`who` is "" for the program itself. `changes`: label, old and new value of each edited field."""

    id: UUID
    text: str
    at: datetime
    who: str
    changes: list[tuple[str, str, str]] = field(default_factory=list)


def page(
    customer_id: UUID,
    currency: str,
    *,
    older_than: UUID | None = None,
    whole: bool,
    about: str = "",
    who: UUID | str = "",
    may: Callable[[str], bool] | None = None,
    size: int = PAGE,
) -> tuple[list[Told], UUID | None]:
    """Some events, newest first, and the place from which older ones follow (None at the beginning of the history).

    `about`: only those of one subject; `who`: only what this person, or the PROGRAM, did. `whole`: documents are
    shown; else not even with the card's holes, for former ones may tell what those hide. `may`: only of subjects this
    reader may be told of.
    """
    events = Event.objects.filter(customer_id=customer_id).select_related("by").order_by("-id")
    if about:
        events = events.filter(kind__in=_kinds_of({about}))
    if may is not None and (hidden := set(rights.names()) - set(told_to(may))):
        events = events.exclude(kind__in=_kinds_of(hidden))
    if who:
        events = events.filter(by=None) if who == PROGRAM else events.filter(by_id=who)
    if older_than is not None:
        events = events.filter(pk__lt=older_than)
    found = list(events[: size + 1])
    told = [tell(event, currency, whole=whole) for event in found[:size]]
    return told, told[-1].id if len(found) > size else None


def _kinds_of(about: set[str]) -> list[str]:
    return [kind.name for kind in kinds.all_kinds() if kind.name.split(".")[0] in about]


def tell(event: Event, currency: str, *, whole: bool) -> Told:
    """One event as a sentence: money and days written as the reader writes them, what was erased left out."""
    facts = {**event.what, **event.personal}
    if isinstance(labels := facts.get("labels"), dict) and isinstance(facts.get("fields"), list):
        # Fields of the business's own, as they were called then.
        facts["fields"] = [labels.get(name, name) for name in facts["fields"]]
    known = defaultdict(str, {key: _text(key, value, currency) for key, value in facts.items()})
    try:
        sentence = str(kinds.kind(event.kind).sentence)
    except LookupError:
        # A room that was taken out of the program: its events stay.
        sentence = event.kind
    # What was erased leaves two blanks behind; those inside an amount are another character and stay.
    text = re.sub(" +", " ", sentence.format_map(known)).strip()
    who = str(event.by) if event.by else ""
    return Told(event.pk, text, event.at, who, _changes(event, whole))


def _text(key: str, value: Any, currency: str) -> str:
    if value is None:
        return ""
    if key == "amount" and isinstance(value, int):
        return money(value, currency)
    if key == "on" or key.endswith("_on"):
        return _day(value)
    if key == "reason" and value in ArchivePeriod.Reason.values:
        return str(ArchivePeriod.Reason(value).label)
    if key == "reason" and not value:
        return _("for the reason its history gives")
    if key == "fields" and isinstance(value, list):
        return ", ".join(_label(name) for name in value if name != "document_kind")
    return str(value)


def _day(value: Any) -> str:
    try:
        return day_text(date.fromisoformat(value))
    except (TypeError, ValueError):
        return str(value)


def _label(name: str) -> str:
    name = name.removeprefix(CONTACT)
    if name == "state":
        return _("state or province")
    if name in PARTS and name != "owner":
        return part_label(name)
    for model in (Customer, Contact, ContactPoint, Note):
        if name in {field.name for field in model._meta.local_fields}:
            return str(getattr(model._meta.get_field(name), "verbose_name", name))
    return name


def _changes(event: Event, whole: bool) -> list[tuple[str, str, str]]:
    old, new = event.personal.get("old") or {}, event.personal.get("new")
    if not isinstance(old, dict) or not isinstance(new, dict):
        return []
    labels = event.what.get("labels") or {}
    hidden = () if whole else event.what.get("hidden") or ()
    return [
        (
            labels.get(name) or _label(name),
            *("***" if text and name in hidden else _shown(name, text, whole) for text in (old.get(name), value)),
        )
        for name, value in new.items()
        if name.removeprefix(CONTACT) != "document_kind"
        and (value or old.get(name))
        # The sentence has said it.
        and (old or value != event.personal.get("title"))
    ]


def _shown(name: str, value: Any, whole: bool) -> str:
    if name.removeprefix(CONTACT) == "document" and value and not whole:
        return "***"
    if name == "kind" and value in Customer.Kind.values:
        return str(Customer.Kind(value).label)
    if name == "kind" and value in ContactPoint.Kind.values:
        return str(ContactPoint.Kind(value).label)
    if name == "country" and value:
        return dict(territory_choices(get_language() or "pt-br")).get(value, value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str) and _PHONE.fullmatch(value):
        return people.format_phone(value, "")
    if name.removeprefix(CONTACT) == "postal_code" and isinstance(value, str) and _CEP.fullmatch(value):
        return people.format_cep(value)
    return _day(value) if name.endswith("_on") else part_text(value)
