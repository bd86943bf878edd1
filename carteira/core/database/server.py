"""The embedded PostgreSQL server, shared by every process of one home.

``with use_server():`` around a command is all there is to it: the server is made, started, set up and waited
for as needed, and stops a few seconds after the last process that used it has gone, however it went.

How it holds together. Two facts are kept by the kernel, not by files that can go stale: every user holds
``users.lock`` shared (flock), and the keeper, a small process of its own (keeper/run.py), holds ``keeper.lock``.
kill -9 releases both.
- A user finds keeper.lock held and can log in: done. That is all a second command does.
- Otherwise, one at a time (``start.lock``), it starts a keeper, which makes the cluster if there is none,
  adopts a server that lost its keeper or clears up after a dead one, starts PostgreSQL and restarts it if it
  dies under its users. PostgreSQL never hangs on a user's process, terminal or signals.
- The keeper asks for users.lock exclusively. Getting it means that nobody is left; it waits a short grace, so
  that one command after another finds the server running, and stops it with a fast shutdown while holding
  the lock: whoever comes meanwhile waits until all is down and starts afresh.
- A user that leaves and finds the keeper dead starts another one: the server never outlives everybody.

Not for several machines on one network file system: that is what DATABASE_URL is for.
"""

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from carteira.core.database.errors import KeeperError
from carteira.core.database.launch import spawn_keeper, start_keeper
from carteira.core.database.locks import keeper_lives, others_hold, take_lock, wish_no_grace
from carteira.core.database.osuser import own_name
from carteira.core.database.places import Places, make_database_folder, places
from carteira.core.database.set_up import admin_connection, answers, is_set_up, set_up
from carteira.core.database.urls import is_embedded

__all__ = [
    "acquire",
    "admin_connection",
    "is_running",
    "keeper_lives",
    "release",
    "stop_and_wait",
    "use_server",
]

START_TIMEOUT = 60.0  # seconds; crash recovery replays at most max_wal_size
STOP_TIMEOUT = 75.0
GRACE = 3.0

_mutex = threading.RLock()
_holds: dict[Path, "_Hold"] = {}


class _Hold:
    """This process's share in users.lock."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.count = 1


@contextlib.contextmanager
def use_server(home: Path | str | None = None, **options: Any) -> Iterator[None]:
    """Hold the embedded server while the block runs. With a server of one's own (DATABASE_URL, no ``home``):
    nothing.

    Takes the options of ``acquire`` and raises what it raises.
    """
    if home is None and not is_embedded():
        yield
        return
    acquire(home, **options)
    try:
        yield
    finally:
        release(home)


def acquire(
    home: Path | str | None = None,
    *,
    timeout: float = START_TIMEOUT,
    grace: float = GRACE,
    config: Mapping[str, str] | None = None,
) -> None:
    """Make sure the server of ``home`` runs, is set up and stays until ``release``; may be nested.

    ``timeout``, in seconds, covers everything including crash recovery. ``grace`` (seconds the server
    outlives its last user) and ``config`` (settings over config.py's, as is CARTEIRA_DATABASE_CONFIG) count
    only for the process that happens to start the server. Raises KeeperError with one sentence when it cannot
    be had. Processes forked while the server is held hold it too.
    """
    where = places(home)
    until = time.monotonic() + timeout
    with _mutex:
        hold = _holds.get(where.home)
        if hold is not None:
            hold.count += 1
        else:
            _holds[where.home] = _Hold(_enter(where, until))
    try:
        _ensure_running(where, until, grace, config)
    except BaseException:
        release(where.home)
        raise


def release(home: Path | str | None = None) -> None:
    """Let go of one ``acquire``. The last one to let go, in the last process, ends the server after its
    grace."""
    _leave(places(home), hurry=False)


def stop_and_wait(home: Path | str | None = None, *, timeout: float = STOP_TIMEOUT) -> bool:
    """Let go of everything this process holds and wait until the server is down, without grace.

    Returns True when it is down, False when another process still uses it (or ``timeout`` seconds passed).
    For the end of ``serve``: after Ctrl+C nothing runs on.
    """
    if home is None and not is_embedded():
        return True
    where = places(home)
    _leave(where, hurry=True)
    wish_no_grace(where)
    until = time.monotonic() + timeout
    seen = 0
    while keeper_lives(where):
        # Twice in a row: another process that asks the same question holds the lock for a moment.
        seen = seen + 1 if others_hold(where) else 0
        if seen > 1 or time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def is_running(home: Path | str | None = None) -> bool:
    """Say whether the server answers to the serving role now; starts nothing."""
    where = places(home)
    return where.passwords.exists() and answers(where)


def _enter(where: Places, until: float) -> int:
    """Take users.lock shared; waits while a keeper that holds it is shutting down."""
    make_database_folder(where)
    descriptor = os.open(where.users_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        take_lock(descriptor, fcntl.LOCK_SH, until, f"the server in {where.home} is still stopping")
        os.ftruncate(descriptor, 0)  # an earlier wish for a stop without grace is out of date
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _leave(where: Places, *, hurry: bool) -> None:
    with _mutex:
        hold = _holds.get(where.home)
        if hold is None:
            return
        hold.count -= 1
        if hold.count and not hurry:
            return
        del _holds[where.home]
    if not keeper_lives(where) and (where.cluster / "postmaster.pid").exists():
        # The keeper was killed: somebody must stop the server when we are gone.
        with contextlib.suppress(KeeperError, OSError):
            spawn_keeper(where, GRACE, None).stdout.close()  # type: ignore[union-attr]
    # Closed, not unlocked: a process forked from this one shares the lock and goes on holding it.
    os.close(hold.descriptor)


def _ensure_running(where: Places, until: float, grace: float, config: Mapping[str, str] | None) -> None:
    if keeper_lives(where) and is_set_up(where) and answers(where):
        return
    descriptor = os.open(where.start_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        complaint = f"another process is still starting the server in {where.home}"
        take_lock(descriptor, fcntl.LOCK_EX, until, complaint)
        silent = 0
        while not _is_ready(where):
            if time.monotonic() > until or silent > 2:
                raise KeeperError(f"The database did not become available; its log is in {where.log}.")
            if keeper_lives(where):
                time.sleep(0.05)
            elif not start_keeper(where, until, grace, config):
                silent += 1  # killed while starting
    finally:
        os.close(descriptor)


def _is_ready(where: Places) -> bool:
    """Say whether the serving role can work, doing what is missing of the set-up. False: ask again."""
    import psycopg

    if not keeper_lives(where):
        return False
    if is_set_up(where) and answers(where):
        return True
    try:
        with contextlib.closing(admin_connection(where.home)) as admin:
            set_up(where, admin)
    except psycopg.OperationalError as error:
        text = " ".join(str(error).split())
        if "authentication failed" in text or "could not look up local user" in text:
            raise KeeperError(
                f"The server in {where.home} does not accept operating system user "
                f"{own_name() or os.geteuid()} as its administrator; run this as the user that made it."
            ) from error
        return False
    return answers(where)
