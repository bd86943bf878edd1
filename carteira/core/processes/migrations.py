"""The database's tables follow the program: a check that costs one query, and migrating as the owner."""

import re
from collections.abc import Callable
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils.translation import gettext as _

from carteira.core.database.roles import ensure_privileges
from carteira.core.walls.roles import as_owner

# Any number, the same everywhere: two machines that start at once migrate one after the other.
_ADVISORY_LOCK = 7_305_812_046
_NUMBERED = re.compile(r"\d{4}_\w+")


class CannotMigrate(ValueError):
    """The database does not fit this program and cannot be made to; the text says what to do."""


def pending() -> list[str]:
    """Migrations of this program that the database has not seen ("customers.0002_notes").

    Raises CannotMigrate when the database has seen ones this program does not know: it is the older one.
    """
    ours, applied = _ours(), _applied()
    rooms = {config.label for config in apps.get_app_configs() if config.name.startswith("carteira.")}
    newer = sorted(name for name in applied - ours if name.partition(".")[0] in rooms)
    if newer:
        raise CannotMigrate(
            _(
                "The database was made by a newer Carteira (it has %(step)s). Use that version, "
                "or restore a backup made by this one."
            )
            % {"step": newer[-1]}
        )
    return sorted(ours - applied)


def migrate(*, verbosity: int = 0) -> None:
    """Bring the database up to date as its owner. Raises CannotMigrate without the owner's connection."""
    if settings.DATABASE_OWNER is None:
        raise CannotMigrate(
            _(
                "The database has to be brought up to date, which takes its owner: run "
                "carteira migrate_database with DATABASE_OWNER_URL set (once, on any machine)."
            )
        )
    with as_owner(connection):
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")  # wait for another machine's migrations, however long
            cursor.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY_LOCK])
            cursor.execute("RESET lock_timeout")
        ensure_privileges(connection)
        call_command("migrate", verbosity=verbosity, interactive=False)
        ensure_privileges(connection)


def _ours() -> set[str]:
    """By the files' names: importing a hundred migrations takes longer than everything else at a start."""
    found = set()
    for config in apps.get_app_configs():
        for file in (Path(config.path) / "migrations").glob("[0-9]*.py"):
            if _NUMBERED.fullmatch(file.stem):
                found.add(f"{config.label}.{file.stem}")
    return found


def _applied() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        (made,) = cursor.fetchone()
        if not made:
            return set()
        cursor.execute("SELECT app || '.' || name FROM django_migrations")
        return {name for (name,) in cursor.fetchall()}


def bring_up_to_date(say: Callable[[str], None]) -> bool:
    """Migrate when needed; whether it was. `say` is told beforehand."""
    missing = pending()
    if not missing:
        return False
    say(_("Bringing the database up to date (%(count)s steps)") % {"count": len(missing)})
    migrate()
    return True
