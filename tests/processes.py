"""Real processes for fault tests: `carteira serve` in a home of its own, on a free port, with parts to kill.

with Program.in_new_home() as program:
    program.start()
    program.kill("worker")
    program.run("verify")
    program.stop()
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("serve", "web", "worker", "database", "keeper")
# What an unsafe but quick server leaves out protects from power cuts, not from kill -9.
_QUICK = "fsync=off;synchronous_commit=off;full_page_writes=off"


class Program:
    """One installation: a home, a port, and at most one `carteira serve` at a time."""

    def __init__(self, home: Path, port: int | None = None, **environment: str) -> None:
        self.home = home
        self.port = port or free_port()
        self.log_file = home.parent / f"{home.name}.log"
        self.serve: subprocess.Popen[bytes] | None = None
        self._environment = environment

    @classmethod
    @contextmanager
    def in_new_home(cls, **environment: str) -> Iterator[Self]:
        """A program whose home is removed at the end, whatever still runs in it."""
        folder = Path(tempfile.mkdtemp(prefix="carteira-test-"))
        folder.chmod(0o755)  # as root, the server's own user must be able to come in
        program = cls(folder / "home", None, **environment)
        try:
            yield program
        finally:
            program.end_all()
            shutil.rmtree(folder, ignore_errors=True)

    # -- running

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
        own = {"CARTEIRA_HOME": str(self.home), "CARTEIRA_DATABASE_CONFIG": _QUICK, "LC_ALL": "C.UTF-8"}
        return {**inherited, **own, "PORT": str(self.port), **self._environment}

    def start(self, *options: str, wait: float = 60.0) -> None:
        """Start `carteira serve` and wait until it is healthy, at most so many seconds (0: do not wait)."""
        self.serve = self.launch("serve", *options)
        if wait:
            self.wait_healthy(wait)

    def launch(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """A `carteira` command in the background, its output appended to the log."""
        with self.log_file.open("ab") as log:
            return subprocess.Popen(
                command(*arguments),
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def run(self, *arguments: str, timeout: float = 120.0) -> "subprocess.CompletedProcess[str]":
        """Any `carteira` command in this home, to its end."""
        return subprocess.run(
            command(*arguments),
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def stop(self, number: signal.Signals = signal.SIGINT, *, within: float = 15.0) -> int:
        """As Ctrl+C does (or another signal); its exit status."""
        assert self.serve is not None
        self.serve.send_signal(number)
        status = self.serve.wait(within)
        self.serve = None
        return status

    def kill(self, part: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to one part (see PARTS); its process id. `serve` is waited for."""
        self.wait_until(lambda: self.pid(part), 10, f"{part} to be there")
        pid = self.pid(part)
        os.kill(pid, number)
        if part == "serve":
            assert self.serve is not None
            self.serve.wait(15)
            self.serve = None
        return pid

    # -- looking

    def pid(self, part: str) -> int:
        """A part's process id; 0 while it is not there."""
        if part == "serve":
            return self.serve.pid if self.serve is not None else 0
        try:
            if part == "database":
                text = (self.home / "database/server/cluster/postmaster.pid").read_text()
            elif part == "keeper":
                text = (self.home / "database/keeper.lock").read_text()
            else:
                text = str(json.loads((self.home / "serve.lock").read_text())[part])
            return int(text.split()[0])
        except (FileNotFoundError, ValueError, KeyError, IndexError):  # not there, or just being written
            return 0

    @property
    def logs(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def get(self, path: str, timeout: float = 5.0) -> tuple[int, str]:
        """Status and body of an address; status 0 when nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=timeout) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")
        except OSError:
            return 0, ""

    def is_healthy(self) -> bool:
        return self.get("/healthz", timeout=2)[0] == 200

    def wait_healthy(self, seconds: float = 30.0) -> None:
        """Web and database answer. Fails at once when `serve` has ended."""

        def healthy() -> bool:
            assert self.serve is None or self.serve.poll() is None, f"serve ended:\n{self.logs}"
            return self.is_healthy()

        self.wait_until(healthy, seconds, "it to be healthy")

    def wait_until(self, true: Callable[[], Any], seconds: float, what: str) -> None:
        until = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < until, f"waited {seconds} s for {what}; log:\n{self.logs[-5000:]}"
            time.sleep(0.05)

    def processes(self) -> dict[int, str]:
        """Every process of this home that is alive, by id: ours by their environment, the server's by their
        folder.
        """
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                mine = f"CARTEIRA_HOME={self.home}\0".encode() in (folder / "environ").read_bytes()
                if mine or Path(os.readlink(folder / "cwd")).is_relative_to(self.home):
                    words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    if words:  # a zombie has none
                        found[int(folder.name)] = words.strip()
        return found

    def wait_gone(self, seconds: float = 15.0) -> None:
        """Until no process of this home is left."""
        until = time.monotonic() + seconds
        while left := self.processes():
            assert time.monotonic() < until, f"still running after {seconds} s: {left}"
            time.sleep(0.05)

    def end_all(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.processes():
                with suppress(OSError):
                    os.kill(pid, number)
            with suppress(AssertionError):
                self.wait_gone(10)
        if self.serve is not None:
            self.serve.wait(10)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "carteira", *arguments]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
