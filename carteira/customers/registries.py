"""Where rooms above show themselves on the customers' screens; they fill these in their registrations.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from carteira.accounts.roles import Right
from carteira.core.registries import Registry, Text
from carteira.customers.lifecycle import View
from carteira.customers.models import Customer


@dataclass(frozen=True)
class CardSection:
    """A part of the customer's page, between the facts and the history.

    `context(request, customer, view)` reads what `template` shows, in the account's scope; `view.day` is the day the
    page is looked at (today when `view.live`). The template also gets `customer`, `view` and the page's context.
    Sections that list things share the page's budget of twelve queries: two each at most.
    """

    label: Text
    template: str
    context: Callable[[HttpRequest, Customer, View], dict[str, Any]]
    right: Right


@dataclass(frozen=True)
class ListAction:
    """A button beside "New customer", such as an import; also offered when there are no customers yet."""

    label: Text
    icon: str
    url_name: str
    right: Right


card_sections: Registry[CardSection] = Registry("Card section")
list_actions: Registry[ListAction] = Registry("List action")
