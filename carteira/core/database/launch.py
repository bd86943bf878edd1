"""Starting a keeper process: what it needs is prepared here, with the rights of whoever starts it."""

import contextlib
import os
import stat
import subprocess
import sys
import time
from collections.abc import Mapping

from carteira.core.database.config import access_text, config_text, identities_text
from carteira.core.database.engine import installed, reachable_by
from carteira.core.database.errors import KeeperError
from carteira.core.database.osuser import OsUser, own_name, server_user
from carteira.core.database.places import Places, make_database_folder
from carteira.core.database.urls import socket_folder

# Alone and without site-packages; beside it stands the folder to import it from.
_START = "import sys; sys.path.append(sys.argv[1]); from keeper.run import main; main()"


def start_keeper(where: Places, until: float, grace: float, config: Mapping[str, str] | None) -> bool:
    """Start a keeper and wait until it says that the server is ready; False when it ended without a word."""
    process = spawn_keeper(where, grace, config)
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
    if said and said not in (b"ready", b"another"):
        reason = said.decode(errors="replace").removeprefix("failed\n").strip().splitlines()[-1]
        raise KeeperError(f"The database cannot start: {reason}; its log is in {where.log}.")
    return bool(said)


def spawn_keeper(where: Places, grace: float, config: Mapping[str, str] | None) -> "subprocess.Popen[bytes]":
    """Start the keeper, detached from terminal, session and parent; its report comes out of ``stdout``."""
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
        [sys.executable, "-I", "-S", "-X", "utf8", "-W", "ignore", "-c", _START, os.path.dirname(__file__)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
        # Not our environment: SECRET_KEY and the like are none of the database's business.
        env={key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH") if key in os.environ},
        start_new_session=True,
    )
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write("\0".join(f"{key}={value}" for key, value in texts.items()).encode("utf-8", "surrogateescape"))
    process.wait()  # returns at once: the keeper forks away from us
    return process


def _make_server_folders(where: Places, user: OsUser) -> None:
    """Make the server's folder, for its user alone; never touches one above it."""
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
    # From here on the server's user writes in there, so root does not: the keeper, as that user, makes more.
    socket = socket_folder(where)
    if socket.parent != where.server:
        with contextlib.suppress(FileExistsError):
            socket.mkdir(mode=0o700)
            os.chown(socket, user.uid, user.gid, follow_symlinks=False)
        found = socket.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != user.uid or found.st_mode & 0o077:
            raise KeeperError(
                f"{socket} is not the private folder it should be; remove it or use a shorter CARTEIRA_HOME."
            )


def _major() -> str:
    """Return the installed PostgreSQL's major version, from its own catalogue number."""
    text = (installed() / "include" / "pg_config.h").read_text()
    return text.partition("#define PG_MAJORVERSION ")[2].split()[0].strip('"')
