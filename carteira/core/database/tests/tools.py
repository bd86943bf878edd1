"""What the keeper's tests share: processes that use a server, and looking at what runs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import psycopg

from carteira.core.database.home import _PROJECT
from carteira.core.database.places import places
from carteira.core.database.server import keeper_lives
from carteira.core.database.urls import Role, embedded_settings

# Safe as long as the machine itself stays up: kill -9 loses no confirmed write.
QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "on"}

_HOLD = """
import sys
from carteira.core.database.server import use_server
with use_server(sys.argv[1], grace=float(sys.argv[2])):
    print("in", flush=True)
    sys.stdin.read()
"""

# Says each row only after the server has confirmed it.
WRITE = """
import sys
import psycopg
from carteira.core.database.server import use_server
from carteira.core.database.tests.tools import connect
with use_server(sys.argv[1], grace=0.2):
    with connect(sys.argv[1], "owner") as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS written (id bigserial PRIMARY KEY)")
    with connect(sys.argv[1], "app") as app:
        while True:
            (number,) = app.execute("INSERT INTO written DEFAULT VALUES RETURNING id").fetchone()
            print(number, flush=True)
"""


def connect(home: Path | str, role: Role, database: str | None = None) -> psycopg.Connection[Any]:
    found = embedded_settings(role, home)
    return psycopg.connect(
        host=found["HOST"],
        port=found["PORT"],
        user=found["USER"],
        password=found["PASSWORD"],
        dbname=database or found["NAME"],
        autocommit=True,
    )


class Program:
    """Another process that uses the server of a home; ``hold`` waits until it is let in."""

    def __init__(self, code: str, *arguments: str) -> None:
        # CARTEIRA_HOME names a folder nobody may make: these tests never touch the real one.
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(_PROJECT), os.environ.get("PYTHONPATH")))),
            "CARTEIRA_HOME": "/dev/null/none",
            "CARTEIRA_DATABASE_CONFIG": ";".join(f"{key}={value}" for key, value in QUICK.items()),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def out(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout

    def leave(self) -> None:
        """Let it end by itself."""
        _, complaint = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, complaint

    def kill(self) -> tuple[str, str]:
        self.process.kill()
        return self.process.communicate(timeout=30)

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def hold(home: Path, grace: float = 0.2) -> Program:
    program = Program(_HOLD, str(home), str(grace))
    if program.out.readline() != "in\n":
        raise AssertionError(program.process.communicate()[1])
    return program


def keeper_pid(home: Path) -> int:
    return int(places(home).keeper_lock.read_text())


def server_pid(home: Path) -> int:
    return int((places(home).cluster / "postmaster.pid").read_text().split()[0])


def children(pid: int) -> list[int]:
    """Return the pids of a process's children."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            found.append(int(entry.parent.name))
    return sorted(found)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until(happened: Callable[[], bool], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.02)


def wait_down(home: Path, seconds: float = 30.0) -> None:
    wait_until(lambda: not keeper_lives(places(home)), seconds)
    assert not (places(home).cluster / "postmaster.pid").exists()


def kill_all(home: Path) -> None:
    """kill -9 of keeper and postmaster at once; the postmaster's children end by themselves."""
    for pid in (keeper_pid(home), server_pid(home)):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not keeper_lives(places(home)))
