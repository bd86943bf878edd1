"""Where rooms above show themselves on the customers' screens; they fill these in their registrations.py."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Q
from django.http import HttpRequest

from carteira.accounts.roles import Right
from carteira.core.registries import Registry, Text
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer

# Reads what a template shows, in the account's scope; `view.day` is the day the card is looked at.
Read = Callable[[HttpRequest, Customer, View], dict[str, Any]]


@dataclass(frozen=True)
class CardTab:
    """A tab of the card, with an address of its own; the name it is registered under stands there.

    `template` shows what `context` reads, as `tab`; it also has `customer`, `view`, `account` and the frame's context.
    `fragment`, where there is one, answers htmx instead of the whole page. A tab shares the page's budget of twelve
    queries with the frame, which takes one.
    """

    label: Text
    template: str
    context: Read
    right: Right
    fragment: str = ""


@dataclass(frozen=True)
class CardSection:
    """A part of the tab Main, or (in `info_sections`) of Info. The template has what `context` reads as `section`.

    `side`: beside the main column, for what is short. One query each.
    """

    label: Text
    template: str
    context: Read
    right: Right
    side: bool = False


@dataclass(frozen=True)
class Act:
    """A button. `post` sends a form there; else it is a link."""

    label: str
    url: str
    post: bool = False


@dataclass(frozen=True)
class Attention:
    """Something about this customer that somebody should look at, in a sentence, with the buttons that act on it.

    `tone`: bad (money or data at risk), warn, accent (good to know).
    """

    text: str
    acts: Sequence[Act] = ()
    tone: str = "warn"


@dataclass(frozen=True)
class Figure:
    """A number that sums a customer up, as text; `note` below it says more."""

    label: str
    text: str
    tone: str = ""
    note: str = ""


@dataclass(frozen=True)
class Summary:
    """What a room has to say on top of the tab Main. As of a past day nothing can be done: no attention."""

    figures: Sequence[Figure] = ()
    attention: Sequence[Attention] = ()


@dataclass(frozen=True)
class CardSummary:
    """Figures and attention of one room, read together: one query.

    `when` gives a condition on the customer (OuterRef("pk")) without which there is nothing to read: it is asked with the
    customer itself, so that what concerns few costs the others no query.
    """

    read: Callable[[HttpRequest, Customer, View], Summary]
    right: Right
    when: Callable[[], Exists | Q] | None = None


@dataclass(frozen=True)
class CardAct:
    """A button in the head of the card, or (unless `main`) a line of its menu "More".

    `url_name` is a route of the account that takes the customer's id; `post` sends a form there. `shown` may hide it
    for some customers.
    """

    label: Text
    icon: str
    url_name: str
    right: Right
    main: bool = False
    post: bool = False
    danger: bool = False
    shown: Callable[[Customer], bool] = lambda customer: True


@dataclass(frozen=True)
class ListAction:
    """A button beside "New customer", such as an import."""

    label: Text
    icon: str
    url_name: str
    right: Right
    # Also where there is nobody yet.
    first: bool = True


@dataclass(frozen=True)
class ListPanel:
    """Something at the right of the list, such as groups. The template has the list's context, and loads by itself what
    takes time; on a narrow screen a button leads to its page instead."""

    label: Text
    icon: str
    template: str
    url_name: str
    right: Right


card_tabs: Registry[CardTab] = Registry("Card tab")
card_sections: Registry[CardSection] = Registry("Card section")
info_sections: Registry[CardSection] = Registry("Info section")
card_summaries: Registry[CardSummary] = Registry("Card summary")
card_acts: Registry[CardAct] = Registry("Card act")
list_actions: Registry[ListAction] = Registry("List action")
list_panels: Registry[ListPanel] = Registry("List panel")


def _flag(name: str) -> str:
    return "has_" + name.replace(".", "_")


def asked_with_customer() -> dict[str, Exists | Q]:
    """The conditions of all summaries, to annotate the customer of a card with."""
    return {_flag(name): when() for name in card_summaries.names() if (when := card_summaries[name].when)}


def has_something(name: str, customer: Customer) -> bool:
    """Whether a summary is worth reading; a customer that was not asked may have anything."""
    return bool(getattr(customer, _flag(name), True))
