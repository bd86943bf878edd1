"""Child processes: forked from one that has loaded everything, so that they start at once and share its
memory.
"""

import ctypes
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

logger = logging.getLogger("carteira.serve")

# Pauses before a child that ended by itself is started again; one that lived LONG_ENOUGH begins anew.
PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
LONG_ENOUGH = 20.0
_PR_SET_PDEATHSIG = 1


class Child:
    """One of the processes a supervisor keeps running."""

    def __init__(self, name: str, run: Callable[[], None], *, before: Callable[[], None]) -> None:
        """`run` is what it does, until it returns or SIGTERM comes; `before` runs first in the child."""
        self.name = name
        self.pid = 0
        self.status: int | None = None
        self.quick_ends = 0
        self.start_at = 0.0
        self._run, self._before = run, before
        self._started = 0.0

    def start(self) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        self.status = None
        self._started = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            self._live(parent)

    def _live(self, parent: int) -> None:
        status = 1
        try:
            end_with_parent(parent)
            os.setsid()  # Ctrl+C at the terminal is the supervisor's to answer
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            self._before()
            self._run()
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        except Exception:
            logger.exception("The %s process failed", self.name)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def has_ended(self) -> bool:
        """Whether it has ended since `start`; then `status` is its exit status (negative: the signal)."""
        if not self.pid:
            return self.status is not None
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if not pid:
            return False
        self.pid, self.status = 0, os.waitstatus_to_exitcode(status)
        self.quick_ends = 0 if time.monotonic() - self._started > LONG_ENOUGH else self.quick_ends + 1
        self.start_at = time.monotonic() + PAUSES[min(self.quick_ends, len(PAUSES) - 1)]
        return True

    def send(self, number: signal.Signals) -> None:
        if self.pid:
            os.kill(self.pid, number)


def end_with_parent(parent: int) -> None:
    """Die when the process that forked us does, even by kill -9: nobody is to serve the port unsupervised."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=[parent], daemon=True).start()
    if os.getppid() != parent:  # it died before we asked to be told
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)
