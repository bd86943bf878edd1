"""Clocks: what happens by itself. They tick hourly: "midnight" comes to each account at its own hour."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Gets the account and the tick's moment, in the account's scope. Must catch up after missed ticks: ask "what
# is due by now", never "what is due at this hour".
Tick = Callable[[Any, datetime], None]


@dataclass(frozen=True)
class Clock:
    name: str
    tick: Tick


_clocks: dict[str, Clock] = {}


def register(name: str, tick: Tick) -> None:
    if name in _clocks:
        raise ValueError(f"Clock {name} is registered twice.")
    _clocks[name] = Clock(name, tick)


def all_clocks() -> list[Clock]:
    return list(_clocks.values())


def find(name: str) -> Clock | None:
    return _clocks.get(name)
