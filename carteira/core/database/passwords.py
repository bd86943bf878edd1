"""Generated passwords of the embedded server's two login roles, in one 0600 file.

They are made on first need, before there is any server: settings ask for them while Django starts. The set-up
writes them into the server whenever they differ, so a lost file heals at the next start. The bootstrap
superuser has none: it comes in by its operating system identity (peer).
"""

import json
import os
import secrets

from carteira.core.database.errors import DatabaseSettingsError
from carteira.core.database.places import Places, make_database_folder

_KEYS = ("carteira_owner", "carteira_app", "socket")


def passwords(where: Places) -> dict[str, str]:
    """Return role name -> password, and under "socket" the random part of a short socket folder's name."""
    try:
        return _read(where)
    except FileNotFoundError:
        pass
    except PermissionError as error:
        raise DatabaseSettingsError(
            f"{where.passwords} cannot be read: run this as the user that owns the data folder {where.home}."
        ) from error
    make_database_folder(where)
    draft = where.database / f".passwords-{os.getpid()}-{secrets.token_hex(4)}"
    fresh = {key: secrets.token_hex(8) if key == "socket" else secrets.token_urlsafe(32) for key in _KEYS}
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(fresh, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, never replaces: of two processes at once both read what the first one
        # wrote.
        os.link(draft, where.passwords)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return _read(where)


def _read(where: Places) -> dict[str, str]:
    text = where.passwords.read_text()
    try:
        found = json.loads(text)
        return {key: str(found[key]) for key in _KEYS}
    except (ValueError, KeyError, TypeError) as error:
        raise DatabaseSettingsError(
            f"{where.passwords} is damaged; delete it and the next start makes new passwords."
        ) from error
