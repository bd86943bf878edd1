"""Bringing a backup back: all of it, proven, or nothing.

Everything in the database happens in one transaction: clearing (only when told to), pg_restore's script, and
the comparison of rows per table with the backup's manifest; COMMIT is sent after the last program has ended
well. Uploads are unpacked and checked before that and change places right after.
"""

import contextlib
import hashlib
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import psycopg

from carteira.core.database.archive import (
    DUMP,
    FILES,
    PIECE,
    TABLES,
    RestoreIncomplete,
    RestoreRefused,
    Summary,
    copy_stream,
    read_manifest,
    safe_target,
    summary_of,
)
from carteira.core.database.clients import Owner
from carteira.core.database.engine import program
from carteira.core.database.home import home as default_home
from carteira.core.database.home import make_private
from carteira.core.database.pipes import Feeder, close_quietly, end, last_words, one_line
from carteira.core.database.roles import SEARCH, owner_statements, schema_statements
from carteira.core.database.server import use_server


def restore(file: Path | str, *, home: Path | str | None = None, replace: bool = False) -> Summary:
    """Bring database and uploads back from ``file``.

    A database that already has tables is refused unless ``replace`` is given; then everything in it, and
    every upload, gives way to the backup. Raises RestoreRefused (nothing was changed), KeeperError, and
    RestoreIncomplete when the database is back but the uploads are not.
    """
    source = Path(file)
    files = Path(home or default_home()) / "files"
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = read_manifest(archive)
            _check_dump(archive, manifest["dump"])
            with use_server(home):
                owner = Owner(home)
                with contextlib.closing(owner.connect()) as connection:
                    _refuse_full(connection, replace)
                    with _unpacked(archive, files, manifest["files"]) as unpacked:
                        _load(archive, owner, manifest["tables"])
                        _swap(unpacked, files)
    except zipfile.BadZipFile as error:
        raise RestoreRefused(f"{source} is not a Carteira backup, or it is damaged ({error}).") from error
    except psycopg.Error as error:
        raise RestoreRefused(f"{source} cannot be restored: {one_line(error)}.") from error
    except OSError as error:
        raise RestoreRefused(f"Restoring {source} failed: {error.strerror or error}.") from error
    return summary_of(manifest, source.stat().st_size)


def _check_dump(archive: zipfile.ZipFile, expected: dict[str, Any]) -> None:
    digest, size = hashlib.sha256(), 0
    with archive.open(DUMP) as dump:
        while piece := dump.read(PIECE):
            digest.update(piece)
            size += len(piece)
    if (size, digest.hexdigest()) != (expected["bytes"], expected["sha256"]):
        raise RestoreRefused(f"{archive.filename} is damaged: its checksum does not fit.")


def _refuse_full(connection: Any, replace: bool) -> None:
    present = connection.execute(TABLES).fetchall()
    if present and not replace:
        raise RestoreRefused(
            f"The database already has {len(present)} tables; restore into an empty one, or say that "
            "everything in it is to be replaced."
        )


@contextlib.contextmanager
def _unpacked(archive: zipfile.ZipFile, files: Path, expected: dict[str, int]) -> Any:
    """Unpack the uploads beside their place; zipfile checks each one's CRC."""
    make_private(files.parent)
    for stale in files.parent.glob("files.restoring-*"):
        shutil.rmtree(stale, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="files.restoring-", dir=files.parent))
    try:
        count = size = 0
        for name in archive.namelist():
            if name.startswith(FILES) and not name.endswith("/"):
                target = safe_target(folder, name)
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with archive.open(name) as member, target.open("xb") as written:
                    size += copy_stream(member, written)[0]
                target.chmod(0o600)
                count += 1
        if (count, size) != (expected["count"], expected["bytes"]):
            raise RestoreRefused(f"{archive.filename} is damaged: it does not hold all its files.")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _swap(unpacked: Path, files: Path) -> None:
    old = unpacked.with_name(f"{unpacked.name}-old")
    try:
        if files.exists():
            files.rename(old)
        unpacked.rename(files)
    except OSError as error:
        raise RestoreIncomplete(
            f"The database was restored, but the uploads could not be put in place ({error.strerror}): "
            f"make {files} writable and restore again."
        ) from error
    shutil.rmtree(old, ignore_errors=True)


def _load(archive: zipfile.ZipFile, owner: Owner, tables: dict[str, int]) -> None:
    with tempfile.TemporaryFile() as complaints, archive.open(DUMP) as dump:
        reader = subprocess.Popen(
            [program("pg_restore"), "--enable-row-security", "--file=-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        writer = subprocess.Popen(
            owner.command("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"),
            env=owner.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
        )
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert writer.stdin is not None
        feeder = Feeder(dump, reader.stdin)
        feeder.start()
        read_well = False
        try:
            with contextlib.suppress(BrokenPipeError):
                writer.stdin.write(_beginning().encode())
                with reader.stdout as script:
                    copy_stream(script, writer.stdin)
                read_well = end(reader) == 0 and feeder.failure is None
                if read_well:
                    writer.stdin.write(_verification(tables).encode())
                    writer.stdin.write(_script(*owner_statements(), "ANALYZE", "COMMIT").encode())
        finally:
            if not read_well:
                reader.kill()
            close_quietly(writer.stdin)  # without COMMIT the server rolls everything back
            status = end(writer)
            end(reader)
            feeder.join()
        if status or not read_well:
            raise RestoreRefused(f"Nothing was restored: {feeder.failure or last_words(complaints)}")


def _beginning() -> str:
    """Open the transaction and clear the ground: everything the owner and the search role own here goes, and
    with it their grants, which are given anew before anything that relies on them is made."""
    return _script(
        "BEGIN",
        # Somebody who still uses the database would otherwise be waited for without end.
        "SET LOCAL lock_timeout = '20s'",
        f"DROP OWNED BY CURRENT_USER, {SEARCH}",
        # Without default privileges: they would widen what the backup's own grants keep narrow.
        *schema_statements(),
    )


def _script(*statements: str) -> str:
    return "".join(f"{statement};\n" for statement in statements)


def _verification(tables: dict[str, int]) -> str:
    """Return SQL that fails unless exactly these tables exist with exactly these rows."""
    values = ", ".join(f"({_literal(name)}::text, {int(rows)}::bigint)" for name, rows in tables.items())
    return f"""
SET row_security = on;
DO $verify$
DECLARE expected record; present bigint;
BEGIN
    SELECT count(*) INTO present FROM ({TABLES}) t;
    IF present <> {len(tables)} THEN
        RAISE EXCEPTION 'the backup has {len(tables)} tables, % were restored', present;
    END IF;
    FOR expected IN SELECT * FROM (VALUES {values or "(NULL::text, NULL::bigint)"}) v(name, rows) WHERE name IS NOT NULL
    LOOP
        IF to_regclass(expected.name) IS NULL THEN
            RAISE EXCEPTION 'table % was not restored', expected.name;
        END IF;
        EXECUTE format('SELECT count(*) FROM %s', to_regclass(expected.name)) INTO present;
        IF present <> expected.rows THEN
            RAISE EXCEPTION 'table % has % rows in the backup, % were restored', expected.name, expected.rows, present;
        END IF;
    END LOOP;
END $verify$;
"""


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
