"""Backing up: database and uploads in one file, which exists under its name only once it is proven.

pg_dump runs as the owner, who is subject to forced row security like everybody else. By itself pg_dump would
switch row security off and fail on the first walled table, so it is told to keep it on; then a table without
a policy for the owner would be dumped empty, and counted empty. Hence two proofs: no policy may hide a row
from the owner, and the rows read back out of the finished file must be as many, table by table, as the
snapshot it was dumped from had.
"""

import contextlib
import json
import os
import subprocess
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg

from carteira.core.database.archive import (
    DUMP,
    FILES,
    FORMAT,
    MANIFEST,
    TABLES,
    BackupFailed,
    RestoreIncomplete,
    RestoreRefused,
    Summary,
    copy_stream,
    summary_of,
)
from carteira.core.database.clients import Owner
from carteira.core.database.engine import program
from carteira.core.database.home import home as default_home
from carteira.core.database.pipes import Feeder, end, last_words, one_line
from carteira.core.database.restore import restore
from carteira.core.database.server import use_server

__all__ = ["BackupFailed", "RestoreIncomplete", "RestoreRefused", "Summary", "backup", "restore"]


def backup(file: Path | str, *, home: Path | str | None = None, now: datetime | None = None) -> Summary:
    """Write database and uploads to ``file``, readable by its user only; replaces it only when all is proven.

    ``home`` names another embedded server than this installation's (tests); ``now`` is an aware moment for
    the manifest. Raises BackupFailed, with nothing left behind, and KeeperError when the server cannot be
    had.
    """
    target = Path(os.path.abspath(file))
    if target.is_dir() or not target.parent.is_dir():
        raise BackupFailed(f"{target} cannot be written: name a file in an existing folder.")
    made_at = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    draft = target.with_name(f".{target.name}.partial-{os.getpid()}")
    with use_server(home):
        try:
            descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w+b") as opened:
                with zipfile.ZipFile(opened, "w", zipfile.ZIP_STORED) as archive:
                    manifest = _write(archive, Owner(home), Path(home or default_home()) / "files", made_at)
                opened.flush()
                os.fsync(opened.fileno())
            _prove(draft, manifest["tables"])
            draft.rename(target)
            _sync_folder(target.parent)
        except psycopg.Error as error:
            raise BackupFailed(f"The database cannot be backed up: {one_line(error)}.") from error
        except OSError as error:
            raise BackupFailed(f"{target} cannot be written: {error.strerror or error}.") from error
        finally:
            draft.unlink(missing_ok=True)
    return summary_of(manifest, target.stat().st_size)


def _write(archive: zipfile.ZipFile, owner: Owner, files: Path, made_at: str) -> dict[str, Any]:
    with contextlib.closing(owner.connect()) as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = _one(connection.execute("SELECT pg_export_snapshot()"))
        if hidden := connection.execute(_HIDING_TABLES).fetchall():
            listed = ", ".join(row[0] for row in hidden)
            raise BackupFailed(f"Row security hides rows of these tables from the owner: {listed}.")
        names = [row[0] for row in connection.execute(TABLES).fetchall()]
        size, digest = _dump(archive, owner, snapshot)
        tables = {name: _one(connection.execute(f"SELECT count(*) FROM {name}")) for name in names}
        version = connection.info.server_version
    count, total = _add_files(archive, files)
    manifest = {
        "format": FORMAT,
        "made_at": made_at,
        "postgresql": version,
        "dump": {"bytes": size, "sha256": digest},
        "files": {"count": count, "bytes": total},
        "tables": tables,
    }
    archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return manifest


def _dump(archive: zipfile.ZipFile, owner: Owner, snapshot: str) -> tuple[int, str]:
    # Extensions belong to whoever set the server up, and are there before a restore.
    options = ["--format=custom", f"--snapshot={snapshot}", "--enable-row-security", "--exclude-extension=*"]
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            owner.command("pg_dump", *options),
            env=owner.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        assert process.stdout is not None
        try:
            with archive.open(DUMP, "w", force_zip64=True) as member, process.stdout as source:
                done = copy_stream(source, member)
        finally:
            status = end(process)
        if status:
            raise BackupFailed(f"pg_dump failed: {last_words(complaints)}")
    return done


def _add_files(archive: zipfile.ZipFile, folder: Path) -> tuple[int, int]:
    """Add the uploads. They are taken after the snapshot: one it knows is there, unless it was deleted
    since."""
    count = size = 0
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if path.is_symlink() or not path.is_file():
            continue
        try:
            source = path.open("rb")
        except FileNotFoundError:
            continue
        entry = zipfile.ZipInfo(FILES + path.relative_to(folder).as_posix())
        with source, archive.open(entry, "w", force_zip64=True) as member:
            size += copy_stream(source, member)[0]
        count += 1
    return count, size


def _prove(file: Path, expected: dict[str, int]) -> None:
    """Read the dump back out of the file on disk and compare its rows with the counts."""
    with (
        tempfile.TemporaryFile() as complaints,
        zipfile.ZipFile(file) as archive,
        archive.open(DUMP) as dump,
    ):
        process = subprocess.Popen(
            [program("pg_restore"), "--data-only", "--file=-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        feeder = Feeder(dump, process.stdin)
        feeder.start()
        try:
            with process.stdout as script:
                found = _count_rows(script)
        finally:
            status = end(process)
            feeder.join()
        if status or feeder.failure is not None:
            raise BackupFailed(f"The backup cannot be read back: {feeder.failure or last_words(complaints)}")
    wrong = [
        f"{name} has {expected.get(name, 0)} rows, the backup {found.get(name, 0)}"
        for name in sorted(expected.keys() | found.keys())
        if expected.get(name) != found.get(name)
    ]
    if wrong:
        raise BackupFailed(f"The backup is not complete: {'; '.join(wrong)}.")


def _count_rows(script: IO[bytes]) -> dict[str, int]:
    """Return rows per table of a data script. A row is one line: COPY writes a line break within a value as
    ``\\n``."""
    found: dict[str, int] = {}
    table = ""
    for line in script:
        if table:
            if line == b"\\.\n":
                table = ""
            else:
                found[table] += 1
        elif line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n"):
            table = line.removeprefix(b"COPY ").decode().rpartition(" (")[0]
            found[table] = 0
    return found


def _one(cursor: Any) -> Any:
    return cursor.fetchone()[0]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# Walled tables of which a policy could keep rows from this role: it needs a permissive USING (true) for
# reading, and no restrictive policy. Superusers and BYPASSRLS see everything.
_HIDING_TABLES = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN (SELECT rolsuper OR rolbypassrls AS sees_all FROM pg_roles WHERE rolname = current_user) me
WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND NOT me.sees_all
  AND (c.relforcerowsecurity OR NOT pg_has_role(c.relowner, 'USAGE'))
  AND (NOT EXISTS (SELECT FROM pg_policy p
                   WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd IN ('*', 'r')
                     AND (p.polroles = '{0}' OR EXISTS (SELECT FROM unnest(p.polroles) r
                                                        WHERE pg_has_role(r, 'USAGE')))
                     AND pg_get_expr(p.polqual, p.polrelid) = 'true')
       OR EXISTS (SELECT FROM pg_policy p
                  WHERE p.polrelid = c.oid AND NOT p.polpermissive AND p.polcmd IN ('*', 'r')
                    AND (p.polroles = '{0}' OR EXISTS (SELECT FROM unnest(p.polroles) r
                                                       WHERE pg_has_role(r, 'USAGE')))))
ORDER BY 1
"""
