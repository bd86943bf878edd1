"""Connection settings for Django's DATABASES: from the environment, else the embedded server's.

| variable | role | connects as |
|---|---|---|
| DATABASE_URL | app | carteira_app; may point to a pooler |
| DATABASE_OWNER_URL | owner | carteira_owner; needed by migrate, backup and restore only |
| DATABASE_WORKER_URL | worker | carteira_app past any pooler (LISTEN, session locks); else DATABASE_URL |
"""

import os
from pathlib import Path
from typing import Any, Literal

from carteira.core.database.errors import DatabaseSettingsError
from carteira.core.database.passwords import passwords
from carteira.core.database.places import LONGEST_SOCKET_FOLDER, PORT, Places, places

type Role = Literal["app", "owner", "worker"]

DATABASE_NAME = "carteira"
_VARIABLES: dict[Role, str] = {
    "app": "DATABASE_URL",
    "owner": "DATABASE_OWNER_URL",
    "worker": "DATABASE_WORKER_URL",
}
_EMBEDDED_USERS: dict[Role, str] = {
    "app": "carteira_app",
    "owner": "carteira_owner",
    "worker": "carteira_app",
}


def is_embedded() -> bool:
    """Say whether this installation uses the embedded server, that is, whether DATABASE_URL is empty."""
    return not os.environ.get("DATABASE_URL", "").strip()


def has_owner() -> bool:
    """Say whether the owner's connection is known here: with the embedded server always."""
    return is_embedded() or bool(os.environ.get(_VARIABLES["owner"], "").strip())


def django_settings(role: Role) -> dict[str, Any]:
    """Return HOST, PORT, NAME, USER, PASSWORD and OPTIONS for one role.

    Works before the server runs. Raises DatabaseSettingsError for a URL that cannot be read, and for "owner"
    when DATABASE_URL is set without DATABASE_OWNER_URL: a web machine has no business knowing the owner's
    password, so only commands that need it should ask.
    """
    if is_embedded():
        for variable in (_VARIABLES["owner"], _VARIABLES["worker"]):
            if os.environ.get(variable, "").strip():
                raise DatabaseSettingsError(f"{variable} is set but DATABASE_URL is not: set both or neither.")
        return embedded_settings(role)
    variable = _VARIABLES[role]
    url = os.environ.get(variable, "").strip()
    if not url and role == "worker":
        variable, url = "DATABASE_URL", os.environ["DATABASE_URL"].strip()
    if not url:
        raise DatabaseSettingsError(
            f"{variable} is not set: with a server of your own (DATABASE_URL), migrations, backup and "
            "restore need the owner's connection as well."
        )
    return parse_url(url, variable)


def embedded_settings(role: Role, home: Path | str | None = None) -> dict[str, Any]:
    """Return the same for the embedded server in ``home`` (default: this installation's)."""
    where = places(home)
    user = _EMBEDDED_USERS[role]
    return {
        "HOST": str(socket_folder(where)),
        "PORT": str(PORT),
        "NAME": DATABASE_NAME,
        "USER": user,
        "PASSWORD": passwords(where)[user],
        "OPTIONS": {},
    }


def parse_url(url: str, variable: str = "DATABASE_URL") -> dict[str, Any]:
    """Split a postgres:// URL as libpq itself does: percent-encoding, IPv6, sockets (``%2Frun%2Fpostgresql``
    or ``?host=/run/postgresql``), several hosts, and every query option (``sslmode``, ``sslrootcert``,
    ...)."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    shape = f"{variable} must look like postgres://user:password@host:5432/name, special characters percent-encoded"
    if not url.startswith(("postgres://", "postgresql://")):
        raise DatabaseSettingsError(f"{shape}.")
    try:
        parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    except ProgrammingError:
        # libpq's message quotes parts of the URL, among them perhaps the password.
        raise DatabaseSettingsError(f"{shape}; this one cannot be read.") from None
    missing = [word for word, key in (("user", "user"), ("database name", "dbname")) if not parts.get(key)]
    if missing and "service" not in parts:
        raise DatabaseSettingsError(f"{shape}; the {' and the '.join(missing)} are missing.")
    return {
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "NAME": parts.pop("dbname", ""),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "OPTIONS": parts,
    }


def socket_folder(where: Places) -> Path:
    """Return the folder of the server's socket.

    It lies in the home. Where that path is too long for a socket address (or holds a comma, which libpq reads
    as a list of hosts) a private folder with a random name in /run (root) or /tmp takes its place; the name
    stands beside the passwords, so every process of this home finds the same one and nobody else can guess it
    beforehand.
    """
    inside = where.server / "socket"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER and "," not in str(inside):
        return inside
    base = "/run" if os.geteuid() == 0 and os.path.isdir("/run") else "/tmp"
    return Path(base) / f"carteira-{passwords(where)['socket']}"
