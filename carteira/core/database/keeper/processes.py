"""The processes of this cluster: which there are, whether they live, and ending what a dead server left."""

import os
import signal
import time

from .words import Failed, note


def adopt() -> int:
    """Return the pid of a postmaster that already runs on this cluster, else 0."""
    pid = written_pid()
    return pid if pid and pid in cluster_processes() else 0


def clear_the_ground(socket: str) -> None:
    """End what a dead postmaster left behind and remove its marks.

    Its children end by themselves as soon as they look up from their work; PostgreSQL refuses to start before
    that. The pid in postmaster.pid may by now be somebody else's, which PostgreSQL takes for a running
    server: the marks are removed, but only when no process of this cluster is left.
    """
    end_all_in("cluster")
    inside = os.path.join("cluster", socket) if not os.path.isabs(socket) else socket
    for stale in ("cluster/postmaster.pid", f"{inside}/.s.PGSQL.5432", f"{inside}/.s.PGSQL.5432.lock"):
        try:
            os.unlink(stale)
        except FileNotFoundError:
            continue


def end_all_in(folder: str) -> None:
    """Wait for the processes of a dead server to end by themselves, then make them."""
    for number, patience in ((None, 2.0), (signal.SIGQUIT, 3.0), (signal.SIGKILL, 10.0)):
        until = time.monotonic() + patience
        left = cluster_processes(folder)
        if number is not None:
            for pid in left:
                note(f"ending leftover process {pid}")
                send(pid, number)
        while left and time.monotonic() < until:
            time.sleep(0.02)
            left = cluster_processes(folder)
        if not left:
            return
    raise Failed("processes of a dead server cannot be ended")


def cluster_processes(folder: str = "cluster") -> set[int]:
    """Return the pids of PostgreSQL processes that work in this cluster: they all stand in its folder."""
    here = os.stat(folder)
    if not os.path.isdir("/proc/self"):
        pid = written_pid()
        return {pid} if pid and alive(pid) else set()
    found = set()
    for name in os.listdir("/proc"):
        if not name.isdecimal():
            continue
        try:
            there = os.stat(f"/proc/{name}/cwd")
            if (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino):
                continue
            if os.path.basename(os.readlink(f"/proc/{name}/exe")).startswith(("postgres", "initdb")):
                found.add(int(name))
        except OSError:
            continue  # ended meanwhile, or another user's
    return found


def hangs() -> bool:
    """Say whether a shutting down server waits for nothing: only helpers are left and none is at work.

    PostgreSQL 18 stays like that for ever when it is told to stop while it recovers from a crashed process.
    """
    titles = []
    for pid in cluster_processes():
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                titles.append(file.read(80).strip(b"\0 "))
        except OSError:
            continue
    children = [title for title in titles if title.startswith(b"postgres: ")]
    idle = (b"postgres: checkpointer", b"postgres: logger")
    return idle[0] in children and all(title in idle or b"io worker" in title for title in children)


def written_pid() -> int:
    try:
        with open("cluster/postmaster.pid") as file:
            return abs(int(file.readline()))
    except (FileNotFoundError, ValueError):
        return 0


def server_says_ready() -> bool:
    try:
        with open("cluster/postmaster.pid") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


def alive(pid: int) -> bool:
    try:
        done, _ = os.waitpid(pid, os.WNOHANG)
        return not done
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
