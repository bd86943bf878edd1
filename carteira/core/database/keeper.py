"""The keeper: a small process of its own that owns one home's PostgreSQL. Run as a script, never imported by
others.

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

import _locale
import _thread
import fcntl
import os
import select
import signal
import sys
import time

STOP_NOW = b"stop"  # written into users.lock by whoever wants no grace after the last one
_QUICK_DEATH = 10.0  # seconds: a server that lived shorter has failed rather than crashed
_MOST_FAILURES = 5
_FAST_STOP = 20.0  # writing out 128 MB of buffers; after that an immediate stop, which the next start recovers
_STOP_STEP = 0.25
_FORCED_AFTER = 10.0
_GRACE_STEP = 0.05  # how often the wish for no grace is looked for


def main() -> int:
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


class Failed(Exception):
    """The server cannot be kept; the text goes to whoever waits for it."""


class Keeper:
    def __init__(self, settings: dict[str, str], users: int, report: int) -> None:
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
            self.make_cluster()
        self.server, self.is_child = adopt(), False
        if self.server and self.watch_server():
            note(f"adopted server {self.server}")
        else:
            clear_the_ground(self.settings["socket"])
            self.write_config()
            stderr = os.open("log/start.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self.server, self.is_child = self.spawn("cluster", "postgres", [], stderr), True
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

    def make_cluster(self) -> None:
        for name in os.listdir("."):
            if name.startswith("cluster.new-"):  # of a keeper that was killed; its initdb may still be at work
                end_all_in(name)
                remove(name)
        if os.path.exists("cluster"):
            raise Failed("the folder server/cluster holds no database; move it away to begin anew")
        draft = f"cluster.new-{os.getpid()}"
        os.mkdir(draft, 0o700)
        output = os.open("log/initdb.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        options = ["--username=carteira_admin", "--auth-local=peer", "--auth-host=reject", "--encoding=UTF8"]
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"]
        # Sorting is the builtin provider's; the C library's character classes still serve pg_trgm: under
        # plain "C" it drops every accented letter from its trigrams.
        options += ["--locale=C", f"--lc-ctype={character_locale()}", "--no-instructions"]
        if self.settings["sync"] == "off":
            options.append("--no-sync")
        child = self.spawn(draft, "initdb", options, output)
        os.close(output)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status:
            raise Failed(f"initdb failed: {last_words('log/initdb.log')}")
        os.rename(draft, "cluster")
        note("made cluster")

    def write_config(self) -> None:
        with open("cluster/PG_VERSION") as file:
            written = file.read().strip()
        if written != self.settings["major"]:
            raise Failed(
                f"the data were written by PostgreSQL {written}, this program brings "
                f"{self.settings['major']}; restore a backup into a new home"
            )
        for name in ("postgresql.conf", "pg_hba.conf", "pg_ident.conf"):
            with open(f"cluster/{name}.new", "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(self.settings[name])
            os.rename(f"cluster/{name}.new", f"cluster/{name}")

    def spawn(self, folder: str, name: str, options: list[str], stderr: int) -> int:
        """Start a server program inside ``folder``, with a clean environment and none of our locks."""
        path = os.path.join(self.settings["engine"], "bin", name)
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}
        if "LD_LIBRARY_PATH" in os.environ:
            environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
        child = os.fork()
        if child:
            return child
        try:
            os.chdir(folder)
            os.dup2(stderr, 1)
            os.dup2(stderr, 2)
            for caught in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(caught, signal.SIG_DFL)
            os.execve(path, [path, "-D", data_folder_name(), *options], environment)
        except OSError as error:
            os.write(2, f"{path}: {error.strerror}\n".encode())
        os._exit(127)

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


# -- the ground the server stands on


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


def data_folder_name() -> str:
    """Return a name under which a program can open the folder it stands in.

    Its true path, for whoever reads the process list; but where a folder above is closed to this user, the
    kernel's own link to the current folder, which needs no way from above.
    """
    path = os.getcwd()
    try:
        if os.path.samestat(os.stat(path), os.stat(".")):
            return path
    except OSError:
        pass
    return "/proc/self/cwd"


def character_locale() -> str:
    for name in ("C.UTF-8", "C.utf8"):
        try:
            _locale.setlocale(_locale.LC_CTYPE, name)
        except _locale.Error:  # type: ignore[attr-defined]
            continue
        return name
    return "C"


# -- small tools


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


def remove(folder: str) -> None:
    for path, folders, files in os.walk(folder, topdown=False):
        for name in files:
            os.unlink(os.path.join(path, name))
        for name in folders:
            os.rmdir(os.path.join(path, name))
    os.rmdir(folder)


def newest(folder: str, prefix: str) -> str:
    files = [os.path.join(folder, name) for name in os.listdir(folder) if name.startswith(prefix)]
    return max(files, key=os.path.getmtime, default="")


def last_words(*files: str) -> str:
    """Return the last FATAL, PANIC or error line of the first file that has one, else its last line."""
    fallback = "no reason given"
    for file in files:
        try:
            with open(file, errors="replace") as opened:
                lines = [line.strip() for line in opened.read()[-20_000:].splitlines() if line.strip()]
        except OSError:
            continue
        serious = [line for line in lines if any(word in line for word in ("FATAL:", "PANIC:", "error:"))]
        if serious:
            return serious[-1]
        if lines:
            fallback = lines[-1]
    return fallback


def say(report: int, text: str) -> None:
    try:
        os.write(report, text.encode("utf-8", "replace"))
    except OSError:
        return  # whoever started us is gone; the server is kept all the same


def note(text: str) -> None:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        os.write(2, f"{stamp} [{os.getpid()}] {text}\n".encode("utf-8", "replace"))
    except OSError:
        return  # a full disk is no reason to let go of the server


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
