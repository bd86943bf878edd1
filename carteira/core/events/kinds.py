"""Every kind of event and who reacts to it: `carteira events` prints this table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

# A reaction gets events of its kind in order of recording, at most BATCH at once, in the account's scope.
# It may be called again with the same events after a crash: it must be idempotent by event id.
Reaction = Callable[[Sequence[Any]], None]


@dataclass
class Kind:
    """`sentence`: how the history tab tells it, with the keys of `what` and `personal` in {braces}."""

    name: str
    sentence: str | Promise
    reactions: list[Reaction] = field(default_factory=list)


_kinds: dict[str, Kind] = {}


def register(name: str, sentence: str | Promise) -> str:
    """Declare a kind, such as "customer.archived". Twice the same name is an error of programming."""
    if name in _kinds:
        raise ValueError(f"Event kind {name} is registered twice.")
    _kinds[name] = Kind(name, sentence)
    return name


def react(name: str, reaction: Reaction) -> None:
    kind(name).reactions.append(reaction)


def kind(name: str) -> Kind:
    return _kinds[name]


def all_kinds() -> list[Kind]:
    return sorted(_kinds.values(), key=lambda kind: kind.name)
