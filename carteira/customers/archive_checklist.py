"""What is pending about a customer when somebody wants it to leave, and the acts that settle each of it (N7, S2-08)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from carteira.accounts.roles import Right
from carteira.core.registries import Registry, Text
from carteira.customers.models import Customer


class CannotResolve(ValueError):
    """The act was refused, or what it would settle is not pending any more; the text is a sentence for the user."""


@dataclass(frozen=True)
class Resolved:
    """What was done, as a sentence, and the address that takes it back (a POST)."""

    text: str
    undo: str = ""


class Resolve(Protocol):
    def __call__(self, *, words: str, by: Any, now: datetime) -> Resolved: ...


@dataclass(frozen=True)
class Act:
    """A button beside a pending thing that settles it there and then.

    `run` calls the room's verb; it raises CannotResolve with the verb's sentence. `asks`: what must be said in words
    before (a reason). `right` is what the verb's own screen asks for.
    """

    name: str
    label: Text
    run: Resolve
    right: Right
    icon: str = "check"
    asks: Text = ""


@dataclass(frozen=True)
class Pending:
    """Something unsettled. `blocks`: archiving is refused while it is there; else it is only shown, and may stay.

    `url` leads to where it can be looked at. `key` names it among the customer's pending things (an id); it is needed
    where there are `acts`. `brief` says the same to whoever lacks `right`: the reason without what it tells of money.
    """

    what: str
    url: str = ""
    blocks: bool = True
    key: str = ""
    acts: tuple[Act, ...] = ()
    right: Right = Right.SEE_CUSTOMERS
    brief: str = ""

    def to(self, may: Callable[[Right], bool]) -> "Pending":
        """As much of it as somebody with these rights may know."""
        if may(self.right):
            return self
        return replace(self, what=self.brief, url="", acts=())


class Guarded(NamedTuple):
    """What is said instead of a sentence to whoever lacks one of `rights`."""

    brief: str
    rights: tuple[Right, ...]


# (customer) -> what is pending about it, from the rooms above.
blockers: Registry[Callable[[Customer], list[Pending]]] = Registry("Archive blocker")
# Under the same names, for many at once: what blocks those it does block, with the same words. Without one, the blocker
# above is asked customer by customer.
blockers_of_many: Registry[Callable[[Sequence[UUID]], dict[UUID, list[Pending]]]] = Registry("Archive blocker of many")


def pending(customer: Customer) -> list[Pending]:
    return [item for blocker in blockers for item in blocker(customer)]


def find_act(customer: Customer, key: str, name: str) -> Act | None:
    """The act on one pending thing, as long as it is pending."""
    acts = (act for item in pending(customer) if item.key == key and key for act in item.acts)
    return next((act for act in acts if act.name == name), None)
