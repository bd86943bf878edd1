"""Which workers of this machine are alive: each holds a lock on a file named after it, and the kernel lets
go of it when the process ends, however it ends. So the next worker need not wait for missed heartbeats to
know of a death.
"""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

_held: dict[int, int] = {}


def folder() -> Path:
    """One folder per database: workers' numbers mean nothing in another one."""
    database = settings.DATABASES["default"]
    name = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
    return Path(settings.CARTEIRA_HOME) / "workers" / hashlib.sha256(name.encode()).hexdigest()[:16]


def hold(worker_id: int) -> None:
    """This process is worker `worker_id` from now on, and none it was before."""
    for earlier in list(_held):
        let_go(earlier)
    path = folder()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path / str(worker_id), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    _held[worker_id] = descriptor


def let_go(worker_id: int) -> None:
    descriptor = _held.pop(worker_id, None)
    if descriptor is not None:
        (folder() / str(worker_id)).unlink(missing_ok=True)
        os.close(descriptor)


@contextlib.contextmanager
def dead_ones() -> Iterator[list[int]]:
    """The workers that died here; forgotten once the block, which gives their jobs back, has succeeded."""
    found: dict[int, int] = {}
    try:
        for path in folder().glob("[0-9]*"):
            with contextlib.suppress(FileNotFoundError):
                descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(descriptor)
                    continue
                found[int(path.name)] = descriptor
        yield list(found)
        for worker_id in found:
            (folder() / str(worker_id)).unlink(missing_ok=True)
    finally:
        for descriptor in found.values():
            os.close(descriptor)
