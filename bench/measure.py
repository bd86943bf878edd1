"""Taking times: side by side, warmed up, and told as p50 and p95."""

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

WARM = 3


@dataclass
class Times:
    """Seconds of each sample, and seconds on a processor where somebody counts them."""

    samples: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float:
        return _at(self.samples, 0.5)

    @property
    def p95(self) -> float:
        return _at(self.samples, 0.95)

    @property
    def cpu(self) -> float | None:
        """The median of processor time, in milliseconds."""
        return _at(self.processor, 0.5) if self.processor else None


def _at(samples: list[float], share: float) -> float:
    """The sample below which `share` of them lie, in milliseconds."""
    ordered = sorted(samples)
    return 1000 * ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def side_by_side(
    works: Mapping[str, Callable[[], float | None]],
    samples: int,
    meters: Mapping[str, Callable[[], float]] | None = None,
) -> dict[str, Times]:
    """Run all of them in turn, `samples` times after a warm-up. A work may return the seconds that count instead of
    all it took. `meters` read the processor time spent so far, by work."""
    times = {name: Times() for name in works}
    gc.collect()
    for nth in range(WARM + samples):
        for name, work in works.items():
            meter = (meters or {}).get(name)
            spent = meter() if meter else 0.0
            begun = time.perf_counter()
            told = work()
            took = time.perf_counter() - begun
            if nth >= WARM:
                times[name].samples.append(took if told is None else told)
                if meter:
                    times[name].processor.append(meter() - spent)
    return times


@dataclass
class Statement:
    sql: str
    params: Any
    seconds: float
    processor: float = 0.0


@dataclass
class Heard:
    """Statements run on Django's connection."""

    statements: list[Statement] = field(default_factory=list)
    ignore: bool = False


@contextmanager
def listening(meter: Callable[[], float] | None = None) -> Iterator[Heard]:
    """Hear every statement, but those run while `ignore` is set. `meter` reads the database's processor time."""
    heard = Heard()

    def hear(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        spent = meter() if meter else 0.0
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took = time.perf_counter() - begun
            if not heard.ignore:
                heard.statements.append(Statement(str(sql), params, took, meter() - spent if meter else 0.0))

    with connection.execute_wrapper(hear):
        yield heard


def by_hand(sql: str, params: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
