"""Every kind of event and who reacts to it: `carteira events` prints this table."""

import inspect
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

# What a reaction calls for: see `react`.
React = Callable[[Sequence[Any]], None]


@dataclass(frozen=True)
class Reaction:
    """`name` stands in the table of pending reactions: where the function lives, below carteira."""

    name: str
    run: React

    @property
    def does(self) -> str:
        """The first line of its docstring."""
        return (inspect.getdoc(self.run) or "").partition("\n")[0]


@dataclass
class Kind:
    """`sentence`: how a history tells it, with the keys of `what` and `personal` in {braces}. `label`: what people
    call a field whose name stands in `what["fields"]`.
    """

    name: str
    sentence: str | Promise
    label: Callable[[str], str] = str
    reactions: list[Reaction] = field(default_factory=list)

    def tell(self, facts: Mapping[str, Any]) -> str:
        """The sentence in the reader's language; what erasure emptied is left out."""
        told = {key: "" if value is None else str(value) for key, value in facts.items()}
        if isinstance(names := facts.get("fields"), list):
            told["fields"] = ", ".join(self.label(name) for name in names)
        return str(self.sentence).format_map(defaultdict(str, told)).strip()


class UnknownKind(LookupError):
    """An event of a kind nobody registered was recorded or asked for: an error of programming."""


_kinds: dict[str, Kind] = {}


def register(name: str, sentence: str | Promise, *, label: Callable[[str], str] = str) -> str:
    """Declare a kind, such as "customer.archived". Twice the same name is an error of programming."""
    if name in _kinds:
        raise ValueError(f"Event kind {name} is registered twice.")
    _kinds[name] = Kind(name, sentence, label)
    return name


def react(name: str, run: React) -> Reaction:
    """Let `run` be called with events of this kind after they are committed: in the account's scope, in
    order of recording, at most drain.BATCH at once. One function may react to several kinds; each call gets
    one kind.

    Its own writes and the mark that it ran are one transaction, so they happen exactly once. What it does
    outside the database may happen again after a crash: let it defer a job, or be idempotent by event id. If
    it raises, the events are tried again one by one with growing pauses, and parked in the end (`carteira
    verify` tells); other reactions and other events do not wait for it.
    """
    module = run.__module__.removeprefix("carteira.")
    reaction = Reaction(f"{module}.{run.__qualname__}", run)
    known = find_reaction(reaction.name)
    if known is not None and known.run is not run:
        raise ValueError(f"Two reactions are named {reaction.name}.")
    if known in kind(name).reactions:
        raise ValueError(f"{reaction.name} reacts to {name} twice.")
    kind(name).reactions.append(known or reaction)
    return known or reaction


def forget_reaction(reaction: Reaction) -> None:
    """For tests that register a fake."""
    for registered in _kinds.values():
        if reaction in registered.reactions:
            registered.reactions.remove(reaction)


def kind(name: str) -> Kind:
    """Raises UnknownKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(f"Event kind {name} is not registered.") from None


def find_reaction(name: str) -> Reaction | None:
    return next((found for known in _kinds.values() for found in known.reactions if found.name == name), None)


def all_kinds() -> list[Kind]:
    return sorted(_kinds.values(), key=lambda kind: kind.name)
