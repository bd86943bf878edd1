"""The embedded PostgreSQL server, shared by every process of one home.

``with use_server():`` around a command is all there is to it: the server is made, started, set up and waited
for as needed, and stops a few seconds after the last process that used it has gone, however it went.

How it holds together. Two facts are kept by the kernel, not by files that can go stale: every user holds
``users.lock`` shared (flock), and the keeper, a small process of its own (keeper.py), holds ``keeper.lock``.
kill -9 releases both.
- A user finds keeper.lock held and can log in: done. That is all a second command does.
- Otherwise, one at a time (``start.lock``), it starts a keeper, which makes the cluster if there is none,
  adopts a server that lost its keeper or clears up after a dead one, starts PostgreSQL and restarts it if it
  dies under its users. PostgreSQL never hangs on a user's process, terminal or signals.
- The keeper asks for users.lock exclusively. Getting it means that nobody is left; it waits a short grace, so
  that one command after another finds the server running, and stops it with a fast shutdown while holding
  the lock: whoever comes meanwhile waits until all is down and starts afresh.
- A user that leaves and finds the keeper dead starts another one: the server never outlives everybody.

Superuser rights are used here only, to set up roles and the database; the mark of a finished set-up lies in
the cluster and names the SQL and the passwords it was made with, so that it is repeated when either has
changed.

Not for several machines on one network file system: that is what DATABASE_URL is for.
"""

import contextlib
import fcntl
import hashlib
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carteira.core.database import keeper
from carteira.core.database.config import access_text, config_text, identities_text
from carteira.core.database.engine import installed, reachable_by
from carteira.core.database.errors import KeeperError
from carteira.core.database.osuser import OsUser, own_name, server_user
from carteira.core.database.passwords import passwords
from carteira.core.database.places import PORT, Places, make_database_folder, places
from carteira.core.database.roles import ADMIN, APP, OWNER, cluster_statements, database_statements
from carteira.core.database.urls import DATABASE_NAME, is_embedded, socket_folder

if TYPE_CHECKING:
    import psycopg

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
    _wish_no_grace(where)
    until = time.monotonic() + timeout
    seen = 0
    while keeper_lives(where):
        # Twice in a row: another process that asks the same question holds the lock for a moment.
        seen = seen + 1 if _others_hold(where) else 0
        if seen > 1 or time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def is_running(home: Path | str | None = None) -> bool:
    """Say whether the server answers to the serving role now; starts nothing."""
    where = places(home)
    return where.passwords.exists() and _answers(where)


def admin_connection(home: Path | str | None = None, database: str = "postgres") -> "psycopg.Connection[Any]":
    """Connect as the bootstrap superuser, in autocommit. For the set-up and for tests; the server must be
    held."""
    import psycopg

    where = places(home)
    return psycopg.connect(
        host=str(socket_folder(where)),
        port=PORT,
        user=ADMIN,
        dbname=database,
        autocommit=True,
        connect_timeout=10,
    )


# -- entering and leaving


def _enter(where: Places, until: float) -> int:
    """Take users.lock shared; waits while a keeper that holds it is shutting down."""
    make_database_folder(where)
    descriptor = os.open(where.users_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, fcntl.LOCK_SH, until, f"the server in {where.home} is still stopping")
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
            _spawn(where, GRACE, None).stdout.close()  # type: ignore[union-attr]
    # Closed, not unlocked: a process forked from this one shares the lock and goes on holding it.
    os.close(hold.descriptor)


def _wish_no_grace(where: Places) -> None:
    """Tell the keeper not to wait once nobody is there; whoever comes next takes the wish back."""
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(where.users_lock, os.O_WRONLY)
        os.pwrite(descriptor, keeper.STOP_NOW, 0)
        os.close(descriptor)


def keeper_lives(where: Places) -> bool:
    """Say whether a keeper process exists for this home, by the lock it holds."""
    return not _can_lock(where.keeper_lock, fcntl.LOCK_SH)


def _others_hold(where: Places) -> bool:
    """Say whether another user is there. A keeper that is stopping holds the lock too, but exclusively."""
    return not _can_lock(where.users_lock, fcntl.LOCK_EX) and _can_lock(where.users_lock, fcntl.LOCK_SH)


def _can_lock(path: Path, kind: int) -> bool:
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


def _lock(descriptor: int, kind: int, until: float, complaint: str) -> None:
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise KeeperError(f"The database did not become available in time: {complaint}.") from None
            time.sleep(0.02)


# -- starting


def _ensure_running(where: Places, until: float, grace: float, config: Mapping[str, str] | None) -> None:
    mark = _mark(where)
    if keeper_lives(where) and _is_set_up(where, mark) and _answers(where):
        return
    descriptor = os.open(where.start_lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(
            descriptor, fcntl.LOCK_EX, until, f"another process is still starting the server in {where.home}"
        )
        with _superuser(where, until, grace, config) as admin:
            if not _is_set_up(where, mark):
                _set_up(where, admin, mark)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _superuser(
    where: Places, until: float, grace: float, config: Mapping[str, str] | None
) -> Iterator["psycopg.Connection[Any]"]:
    """Connect as superuser as soon as the server lets us, starting a keeper whenever there is none."""
    import psycopg

    while True:
        if not keeper_lives(where):
            _start(where, until, grace, config)
        try:
            connection = admin_connection(where.home)
            break
        except psycopg.OperationalError as error:
            text = " ".join(str(error).split())
            if "authentication failed" in text or "could not look up local user" in text:
                raise KeeperError(
                    f"The server in {where.home} does not accept operating system user "
                    f"{own_name() or os.geteuid()} as its administrator; run this as the user that made it."
                ) from error
            if time.monotonic() > until:
                raise KeeperError(
                    f"The database did not become available in time ({text}); its log is in {where.log}."
                ) from error
            time.sleep(0.05)
    with contextlib.closing(connection):
        yield connection


def _start(where: Places, until: float, grace: float, config: Mapping[str, str] | None) -> None:
    """Start a keeper and wait until it says that the server is ready."""
    process = _spawn(where, grace, config)
    report = process.stdout
    assert report is not None
    with report:
        os.set_blocking(report.fileno(), False)
        said = b""
        while True:
            piece = report.read()
            if piece == b"":
                break
            said += piece or b""
            if said in (b"ready", b"another"):
                break
            if time.monotonic() > until:
                raise KeeperError(
                    f"The database did not become available in time (it may be recovering from a crash); "
                    f"its log is in {where.log}."
                )
            time.sleep(0.01)
    if said.startswith(b"failed\n"):
        raise KeeperError(f"The database cannot start: {said.decode(errors='replace').partition('\n')[2]}.")
    if not said:
        raise KeeperError(
            f"The database's keeper ended before it could say why; see {where.log / 'keeper.log'}."
        )


def _spawn(where: Places, grace: float, config: Mapping[str, str] | None) -> "subprocess.Popen[bytes]":
    """Start the keeper process, detached from terminal, session and parent; its report comes out of
    ``stdout``."""
    user = server_user(where)
    _make_server_folders(where, user)
    engine = reachable_by(user, where)
    if user.name is None and not (where.cluster / "PG_VERSION").exists():
        raise KeeperError(
            f"User id {user.uid} has no entry in /etc/passwd, without which PostgreSQL cannot make a "
            "database: add one, or set DATABASE_URL to a server of your own."
        )
    socket = socket_folder(where)
    as_server_sees_it = "../socket" if socket == where.server / "socket" else str(socket)
    texts = {
        "server": str(where.server),
        "users_lock": str(where.users_lock),
        "keeper_lock": str(where.keeper_lock),
        "uid": str(user.uid),
        "gid": str(user.gid),
        "engine": str(engine),
        "major": _major(),
        "socket": as_server_sees_it,
        "grace": str(grace),
        "postgresql.conf": config_text(as_server_sees_it, config),
        "pg_hba.conf": access_text(),
        "pg_ident.conf": identities_text(own_name(), user.name),
    }
    texts["sync"] = "off" if "\nfsync = 'off'\n" in texts["postgresql.conf"] else "on"
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-X", "utf8", "-W", "ignore", keeper.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write(
            "\0".join(f"{key}={value}" for key, value in texts.items()).encode("utf-8", "surrogateescape")
        )
    process.wait()  # returns at once: the keeper forks away from us
    return process


def _make_server_folders(where: Places, user: OsUser) -> None:
    """Make what the server needs inside home/database, each folder for its user alone; never touches one
    above."""
    make_database_folder(where)
    if not where.server.exists():
        where.server.mkdir(mode=0o700)
    if user.uid != os.geteuid() and where.server.stat().st_uid == 0:
        # New, or copied here by root: hand the whole tree over.
        for folder, _, files in os.walk(where.server):
            for name in files:
                os.chown(os.path.join(folder, name), user.uid, user.gid, follow_symlinks=False)
            if folder != str(where.server):
                os.chown(folder, user.uid, user.gid)
        os.chown(where.server, user.uid, user.gid)
    for inner in (where.server / "socket", where.log):
        if not inner.exists():
            inner.mkdir(mode=0o700)
            os.chown(inner, user.uid, user.gid)
    socket = socket_folder(where)
    if socket.parent != where.server:
        with contextlib.suppress(FileExistsError):
            socket.mkdir(mode=0o700)
            os.chown(socket, user.uid, user.gid)
        found = socket.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != user.uid or found.st_mode & 0o077:
            raise KeeperError(
                f"{socket} is not the private folder it should be; remove it or use a shorter CARTEIRA_HOME."
            )


def _major() -> str:
    """Return the installed PostgreSQL's major version, from its own catalogue number."""
    text = (installed() / "include" / "pg_config.h").read_text()
    return text.partition("#define PG_MAJORVERSION ")[2].split()[0].strip('"')


# -- set-up


def _mark(where: Places) -> str:
    """Return the fingerprint of everything the set-up writes, passwords included."""
    parts = [*cluster_statements(test_databases=True), *database_statements(DATABASE_NAME)]
    parts += [f"{key}={value}" for key, value in sorted(passwords(where).items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _is_set_up(where: Places, mark: str) -> bool:
    try:
        return where.set_up_mark.read_text().strip() == mark
    except FileNotFoundError:
        return False


def _set_up(where: Places, admin: "psycopg.Connection[Any]", mark: str) -> None:
    """Create roles, passwords, template and database, or bring them in order; every step may have been done
    before."""
    from psycopg import sql

    words = passwords(where)
    for statement in cluster_statements(test_databases=True):
        admin.execute(statement)
    for role in (OWNER, APP):
        # Hashed here, so that the password itself never reaches the server, let alone its log.
        verifier = admin.pgconn.encrypt_password(
            words[role].encode(), role.encode(), b"scram-sha-256"
        ).decode()
        admin.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier))
        )
    # The template first: databases made from it, the tests' among them, inherit all of it.
    with contextlib.closing(admin_connection(where.home, "template1")) as template:
        for statement in database_statements(None):
            template.execute(statement)
    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE_NAME,)).fetchone():
        admin.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template1").format(
                sql.Identifier(DATABASE_NAME), sql.Identifier(OWNER)
            )
        )
    with contextlib.closing(admin_connection(where.home, DATABASE_NAME)) as database:
        for statement in database_statements(DATABASE_NAME):
            database.execute(statement)
    draft = where.set_up_mark.with_suffix(".new")
    draft.write_text(mark)
    draft.rename(where.set_up_mark)


def _answers(where: Places) -> bool:
    """Say whether the serving role can log in to the database now."""
    import psycopg

    try:
        psycopg.connect(
            host=str(socket_folder(where)),
            port=PORT,
            user=APP,
            password=passwords(where)[APP],
            dbname=DATABASE_NAME,
            connect_timeout=5,
        ).close()
    except psycopg.OperationalError:
        return False
    return True
