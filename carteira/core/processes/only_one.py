"""One `carteira serve` per data folder: a lock the kernel lets go of when its process ends, however it ends."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any


class AlreadyRunning(ValueError):
    """Another process serves this data folder; the text says where."""


class OnlyOne:
    """The lock of one home, and beside it what the holder says about itself."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file = home / "serve.lock"
        self._descriptor = -1

    def take(self) -> None:
        """Raises AlreadyRunning."""
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise AlreadyRunning(self._told()) from None
        self._descriptor = descriptor
        self.tell()

    def tell(self, **facts: Any) -> None:
        """Write down what others may want to know: the address once it answers, the children's process ids."""
        text = json.dumps({"pid": os.getpid(), **facts}).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text, 0)

    def let_go(self) -> None:
        """Also in a forked child, which would otherwise hold the lock on for the dead parent."""
        os.close(self._descriptor)

    def _told(self) -> str:
        facts = read(self._home)
        where = f"at {facts['url']}" if facts.get("url") else "and still starting"
        return f"Carteira is running already {where} (process {facts.get('pid', '?')}, data in {self._home})."


def read(home: Path) -> dict[str, Any]:
    """What the process that serves (or served last) in this home told."""
    try:
        found = json.loads((home / "serve.lock").read_text() or "{}")
    except (FileNotFoundError, ValueError):  # read in the middle of being written
        return {}
    return found if isinstance(found, dict) else {}
