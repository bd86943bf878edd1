"""The kernel-held locks (flock) by which processes of one home know of each other; kill -9 releases them."""

import contextlib
import fcntl
import os
import time
from pathlib import Path

from carteira.core.database.errors import KeeperError
from carteira.core.database.keeper.run import STOP_NOW
from carteira.core.database.places import Places


def keeper_lives(where: Places) -> bool:
    """Say whether a keeper process exists for this home, by the lock it holds."""
    return not can_lock(where.keeper_lock, fcntl.LOCK_SH)


def others_hold(where: Places) -> bool:
    """Say whether another user is there. A keeper that is stopping holds the lock too, but exclusively."""
    return not can_lock(where.users_lock, fcntl.LOCK_EX) and can_lock(where.users_lock, fcntl.LOCK_SH)


def wish_no_grace(where: Places) -> None:
    """Tell the keeper not to wait once nobody is there; whoever comes next takes the wish back."""
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(where.users_lock, os.O_WRONLY)
        os.pwrite(descriptor, STOP_NOW, 0)
        os.close(descriptor)


def can_lock(path: Path, kind: int) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def take_lock(descriptor: int, kind: int, until: float, complaint: str) -> None:
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise KeeperError(f"The database did not become available in time: {complaint}.") from None
            time.sleep(0.02)
