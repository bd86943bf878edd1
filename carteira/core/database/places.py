"""Paths inside a home, and the folders' modes.

::

    home/                   made 0700 (0711 as root); an existing one is left as it is
      database/             0700 (0711 as root)
        passwords.json      0600, see passwords.py
        users.lock          held shared by every process that uses the server
        keeper.lock         held by the keeper process, contains its pid
        start.lock          one process at a time starts or sets up
        set-up              fingerprint of the last finished set-up
        engine-<version>/   copy of the binaries, only where the server's user cannot reach the installed ones
        server/             0700, belongs to the user the server runs as
          cluster/          PostgreSQL's data folder; local.conf in it: the operator's own settings, read last
          socket/           the only way in
          log/              server log of the last seven days, the keeper's own lines
"""

import os
from dataclasses import dataclass
from pathlib import Path

from carteira.core.database.errors import DatabaseSettingsError
from carteira.core.database.home import home as default_home
from carteira.core.database.home import make_home, make_private

PORT = 5432  # names the socket file only; nothing listens on TCP
# sockaddr_un.sun_path is 108 bytes with its final NUL; the server appends "/.s.PGSQL.5432" to the folder.
LONGEST_SOCKET_FOLDER = 107 - len(f"/.s.PGSQL.{PORT}")


@dataclass(frozen=True)
class Places:
    """All paths of one home."""

    home: Path

    @property
    def database(self) -> Path:
        return self.home / "database"

    @property
    def passwords(self) -> Path:
        return self.database / "passwords.json"

    @property
    def users_lock(self) -> Path:
        return self.database / "users.lock"

    @property
    def keeper_lock(self) -> Path:
        return self.database / "keeper.lock"

    @property
    def start_lock(self) -> Path:
        return self.database / "start.lock"

    @property
    def server(self) -> Path:
        return self.database / "server"

    @property
    def cluster(self) -> Path:
        return self.server / "cluster"

    @property
    def log(self) -> Path:
        return self.server / "log"

    @property
    def set_up_mark(self) -> Path:
        return self.database / "set-up"


def places(home: Path | str | None = None) -> Places:
    """Return the paths of ``home`` (default: this installation's). Symbolic links are resolved: two names of
    one folder must give the same socket and the same locks."""
    chosen = Path(home) if home is not None else default_home()
    return Places(Path(os.path.realpath(chosen)))


def make_database_folder(where: Places) -> None:
    """Make home and home/database where missing; never touches folders that exist.

    Raises DatabaseSettingsError in one sentence when the folder cannot be made or belongs to somebody else.
    """
    try:
        make_home(where.home)
        make_private(where.database)
    except OSError as error:
        raise DatabaseSettingsError(
            f"The data folder {where.home} cannot be made ({error.strerror}); "
            "set CARTEIRA_HOME to a folder you may write."
        ) from error
    owner = where.database.stat().st_uid
    if owner != os.geteuid():
        raise DatabaseSettingsError(
            f"The data folder {where.home} belongs to user id {owner}, you are {os.geteuid()}; "
            "run this as that user or set CARTEIRA_HOME to a folder of your own."
        )
