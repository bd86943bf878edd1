"""Processor time of other processes: what a work costs, however busy the machine is."""

import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import connection


def seconds_of(pids: Iterable[int]) -> float:
    """Time on a processor of all threads of these processes so far; 0 where the system does not tell."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            for thread in Path(f"/proc/{pid}/task").iterdir():
                total += int((thread / "schedstat").read_text().split()[0])
    return total / 1e9


def own_backend() -> Callable[[], float]:
    """Of the database process behind this process' connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    return lambda: seconds_of([pid])


def backend_of(connection: Any) -> Callable[[], float]:
    """Of the database process behind a psycopg connection."""
    pid = connection.info.backend_pid
    return lambda: seconds_of([pid])


def web_and_its_backends(home: Path) -> Callable[[], float]:
    """Of the serving program's web processes, and of the database processes that are not this process' own."""
    web = json.loads((home / "serve.lock").read_text()).get("web")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()")
        pids = [row[0] for row in cursor.fetchall()]
    pids += _family(web)
    return lambda: seconds_of(pids)


def _family(root: int) -> list[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            with suppress(OSError):
                after_name = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
                children.setdefault(int(after_name[1]), []).append(int(name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting.extend(children.get(pid, []))
    return found
