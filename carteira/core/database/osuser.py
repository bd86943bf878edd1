"""The operating system user the server runs as: oneself, or for root a system user (PostgreSQL refuses
root)."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass

from carteira.core.database.errors import KeeperError
from carteira.core.database.places import Places

SYSTEM_USER = "carteira"


@dataclass(frozen=True)
class OsUser:
    """A user and group id, with the name where /etc/passwd knows one."""

    uid: int
    gid: int
    name: str | None


def server_user(where: Places) -> OsUser:
    """Return the user for this home's server.

    Whoever owns the server's folder stays its user for good; a new one becomes oneself or, for root,
    ``carteira`` (made with useradd), else ``postgres``, else ``nobody``. Raises KeeperError when root finds
    none of them.
    """
    if os.geteuid() != 0:
        return OsUser(os.geteuid(), os.getegid(), _name(os.geteuid()))
    try:
        folder = where.server.stat()
    except FileNotFoundError:
        folder = None
    if folder is not None and folder.st_uid != 0:
        return OsUser(folder.st_uid, folder.st_gid, _name(folder.st_uid))
    if not _exists(SYSTEM_USER) and (useradd := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")):
        command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", SYSTEM_USER], capture_output=True, check=False)
    for name in (SYSTEM_USER, "postgres", "nobody"):
        if _exists(name):
            entry = pwd.getpwnam(name)
            return OsUser(entry.pw_uid, entry.pw_gid, name)
    raise KeeperError(
        "PostgreSQL refuses to run as root and no system user can be made: add a user named carteira, "
        "or run this as an ordinary user."
    )


def own_name() -> str | None:
    """Return the name of the user this process runs as, None where /etc/passwd has no entry for it."""
    return _name(os.geteuid())


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _name(uid: int) -> str | None:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None
