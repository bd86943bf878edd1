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
    """Seconds of each sample."""

    samples: list[float] = field(default_factory=list)

    def at(self, share: float) -> float:
        """The sample below which `share` of them lie, in milliseconds."""
        ordered = sorted(self.samples)
        return 1000 * ordered[min(int(len(ordered) * share), len(ordered) - 1)]

    @property
    def p50(self) -> float:
        return self.at(0.5)

    @property
    def p95(self) -> float:
        return self.at(0.95)


def side_by_side(works: Mapping[str, Callable[[], float | None]], samples: int) -> dict[str, Times]:
    """Run all of them in turn, `samples` times after a warm-up. A work may return the seconds that count instead of
    all it took."""
    times = {name: Times() for name in works}
    gc.collect()
    for nth in range(WARM + samples):
        for name, work in works.items():
            begun = time.perf_counter()
            told = work()
            took = time.perf_counter() - begun
            if nth >= WARM:
                times[name].samples.append(took if told is None else told)
    return times


@dataclass
class Statement:
    sql: str
    params: Any
    seconds: float


@dataclass
class Heard:
    """Statements run on Django's connection."""

    statements: list[Statement] = field(default_factory=list)
    ignore: bool = False


@contextmanager
def listening() -> Iterator[Heard]:
    """Hear every statement, but those run while `ignore` is set."""
    heard = Heard()

    def hear(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            if not heard.ignore:
                heard.statements.append(Statement(str(sql), params, time.perf_counter() - begun))

    with connection.execute_wrapper(hear):
        yield heard


def by_hand(sql: str, params: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
