"""The keeper: a small process of its own that owns one home's PostgreSQL. launch.py starts it, without Django,
`carteira` or site-packages.

It needs only the standard library's smallest modules and imports them before it gives up root's rights,
because the interpreter may lie below a folder that the server's user cannot enter.

Life: take keeper.lock (its kernel-held lock *is* the sign of life, so kill -9 leaves nothing stale) -> become
the server's user -> make the cluster if there is none -> adopt a running postmaster that lost its keeper, or
clear the ground and start one -> sleep in poll() until the postmaster dies (start it again), the last user
leaves (stop it after a short grace), or SIGTERM comes (stop it once nobody is there, at the latest after ten
seconds).

Whether anybody is there is asked of the kernel too: users hold users.lock shared, and a thread waits for it
exclusively.

It works in its own folder and names everything from there: above, there may be folders closed to it.
"""

import _thread
import fcntl
import os
import select
import signal
import sys
import time

from .cluster import Settings, make_cluster, spawn, write_config
from .processes import adopt, alive, clear_the_ground, hangs, send, server_says_ready
from .words import Failed, last_words, newest, note, say

STOP_NOW = b"stop"  # written into users.lock by whoever wants no grace after the last one
_QUICK_DEATH = 10.0  # seconds: a server that lived shorter has failed rather than crashed
_MOST_FAILURES = 5
_FAST_STOP = 20.0  # writing out 128 MB of buffers; after that an immediate stop, which the next start recovers
_STOP_STEP = 0.25
_FORCED_AFTER = 10.0
_GRACE_STEP = 0.05  # how often the wish for no grace is looked for


def main() -> None:
    """The keeper's whole life. Never returns: what a fork took along is not tidied up twice."""
    code = live()
    sys.stdout.flush()
    os._exit(code)


def live() -> int:
    settings = dict(
        pair.split("=", 1) for pair in sys.stdin.buffer.read().decode("utf-8", "surrogateescape").split("\0") if pair
    )
    os.chdir(settings["server"])
    users = os.open(settings["users_lock"], os.O_RDWR | os.O_CREAT, 0o600)
    own = os.open(settings["keeper_lock"], os.O_RDWR | os.O_CREAT, 0o600)
    report = os.dup(1)
    if os.fork():
        return 0  # whoever started us is not our parent: it need not wait for us when we end
    os.umask(0o077)
    become(int(settings["uid"]), int(settings["gid"]))
    for folder in ("log", "socket"):
        if not os.path.isdir(folder):
            os.mkdir(folder, 0o700)
    log = os.open("log/keeper.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    if os.fstat(log).st_size > 1_000_000:
        os.ftruncate(log, 0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    if not lock_within(own, 5.0):
        say(report, "another")
        return 0
    try:
        os.ftruncate(own, 0)
        os.pwrite(own, f"{os.getpid()}\n".encode(), 0)
        Keeper(settings, users, report).run()
    except (Failed, OSError) as failure:
        note(f"gave up: {failure}")
        say(report, f"failed\n{failure}")
        return 1
    note("ended")
    return 0


def become(uid: int, gid: int) -> None:
    if os.geteuid() != uid:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)


def lock_within(descriptor: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.01)


class Keeper:
    def __init__(self, settings: Settings, users: int, report: int) -> None:
        self.settings = settings
        self.users = users
        self.report = report
        self.grace = float(settings["grace"])
        self.server = 0
        self.is_child = False
        self.watched: int | None = None
        self.started = 0.0
        self.failures = 0
        self.left_read, self.left_write = os.pipe()
        self.signal_read, signal_write = os.pipe()
        os.set_blocking(signal_write, False)
        os.set_blocking(self.signal_read, False)
        signal.set_wakeup_fd(signal_write)
        signal.signal(signal.SIGTERM, lambda *_: None)
        for other in (signal.SIGINT, signal.SIGHUP):
            signal.signal(other, signal.SIG_IGN)

    def run(self) -> None:
        self.start()
        self.wait_ready()
        say(self.report, "ready")
        os.close(self.report)
        self.keep()

    # -- starting

    def start(self) -> None:
        if not os.path.exists("cluster/PG_VERSION"):
            make_cluster(self.settings)
        self.server, self.is_child = adopt(), False
        if self.server and self.watch_server():
            note(f"adopted server {self.server}")
        else:
            clear_the_ground(self.settings["socket"])
            write_config(self.settings)
            stderr = os.open("log/start.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self.server, self.is_child = spawn(self.settings, "cluster", "postgres", [], stderr), True
            os.close(stderr)
            self.watch_server()
            note(f"started server {self.server}")
        self.started = time.monotonic()

    def watch_server(self) -> bool:
        """Get a handle that tells of the server's end without asking again and again; False: it has ended."""
        try:
            self.watched = os.pidfd_open(self.server) if hasattr(os, "pidfd_open") else None
        except ProcessLookupError:
            return False
        return True

    def wait_ready(self) -> None:
        while True:
            adopted = not self.is_child
            if self.gone(0.02):
                if adopted:  # it was on its way down already
                    self.start()
                    continue
                words = last_words("log/start.log", newest("log", "postgresql-"))
                raise Failed(f"the server ended while starting: {words}")
            if server_says_ready():
                return

    # -- watching

    def keep(self) -> None:
        self.watch_users()
        leave_at: float | None = None  # set while nobody is there
        forced_at: float | None = None
        while True:
            wait = None
            if leave_at is not None:
                wait = _GRACE_STEP
            elif forced_at is not None:
                wait = max(0.0, forced_at - time.monotonic())
            happened = self.poll(wait)
            if self.gone(0):
                if forced_at is not None or not os.path.exists("cluster/PG_VERSION"):
                    return None
                if leave_at is not None and lock_within(self.users, 0):
                    return None
                self.start_again()
                continue
            if self.signal_read in happened:
                os.read(self.signal_read, 64)
                forced_at = forced_at or time.monotonic() + _FORCED_AFTER
            if self.left_read in happened:
                os.read(self.left_read, 1)
                leave_at = time.monotonic() + self.grace
            hurry = forced_at is not None or os.pread(self.users, 8, 0) == STOP_NOW
            if leave_at is not None and (hurry or time.monotonic() >= leave_at):
                if lock_within(self.users, 0):  # held until we end: newcomers wait and then start afresh
                    os.ftruncate(self.users, 0)
                    return self.stop()
                leave_at = None
                self.watch_users()
            if forced_at is not None and time.monotonic() >= forced_at:
                return self.stop()

    def poll(self, seconds: float | None) -> set[int]:
        waiting = select.poll()
        waiting.register(self.left_read, select.POLLIN)
        waiting.register(self.signal_read, select.POLLIN)
        if self.watched is not None:
            waiting.register(self.watched, select.POLLIN)
        elif seconds is None or seconds > 0.5:
            seconds = 0.5
        return {descriptor for descriptor, _ in waiting.poll(None if seconds is None else int(seconds * 1000) + 1)}

    def watch_users(self) -> None:
        _thread.start_new_thread(self.wait_until_left, ())

    def wait_until_left(self) -> None:
        fcntl.flock(self.users, fcntl.LOCK_EX)
        fcntl.flock(self.users, fcntl.LOCK_UN)
        os.write(self.left_write, b"1")

    def start_again(self) -> None:
        """The server died under its users (killed, out of memory): bring it back, more slowly each time it
        fails."""
        quick = time.monotonic() - self.started < _QUICK_DEATH
        self.failures = self.failures + 1 if quick else 1
        note(f"server {self.server} ended by itself")
        if self.failures > _MOST_FAILURES:
            words = last_words("log/start.log", newest("log", "postgresql-"))
            raise Failed(f"the server ended {self.failures} times: {words}")
        if self.failures > 1:
            time.sleep(0.25 * 2**self.failures)
        self.start()

    def gone(self, seconds: float) -> bool:
        """Wait at most so long for the server's end; say whether it has ended."""
        if not self.server:
            return True
        if self.watched is not None:
            waiting = select.poll()
            waiting.register(self.watched, select.POLLIN)
            if not waiting.poll(int(seconds * 1000)):
                return False
            os.close(self.watched)
            self.watched = None
        else:
            time.sleep(seconds)
            if alive(self.server):
                return False
        if self.is_child:
            os.waitpid(self.server, 0)
        self.server, self.is_child = 0, False
        return True

    def stop(self) -> None:
        server = self.server
        stuck = 0
        for number, patience in ((signal.SIGINT, _FAST_STOP), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
            send(server, number)
            until = time.monotonic() + patience
            while time.monotonic() < until:
                if self.gone(_STOP_STEP):
                    note(f"stopped server {server}")
                    return
                stuck = stuck + 1 if hangs() else 0
                if number == signal.SIGINT and stuck > 4:
                    break
