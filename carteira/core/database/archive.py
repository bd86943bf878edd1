"""The backup file: an ordinary zip, so that nobody needs Carteira to look inside.

``database.dump`` is pg_dump's custom format, ``files/`` the uploads, ``manifest.json`` (written last, so its
presence means that the file is whole) the rows per table in the very snapshot that was dumped, and checksums.
"""

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

DUMP, MANIFEST, FILES = "database.dump", "manifest.json", "files/"
FORMAT = 1
PIECE = 1024 * 1024


class BackupFailed(RuntimeError):
    """No backup was made, and nothing was left in its place; the message says why."""


class RestoreRefused(RuntimeError):
    """Nothing was restored and nothing was changed; the message says why."""


class RestoreIncomplete(RuntimeError):
    """The database was restored, the uploads were not; the message says what to do."""


@dataclass(frozen=True)
class Summary:
    """What a backup holds or a restore brought back."""

    tables: int
    rows: int
    files: int
    bytes: int
    made_at: str  # ISO 8601, UTC


# Every table whose rows pg_dump writes, under the name its COPY lines use.
TABLES = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1
"""


def copy_stream(source: IO[bytes], target: IO[bytes]) -> tuple[int, str]:
    """Copy to the end; return size in bytes and SHA-256."""
    digest, size = hashlib.sha256(), 0
    while piece := source.read(PIECE):
        digest.update(piece)
        size += len(piece)
        target.write(piece)
    return size, digest.hexdigest()


def read_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Return the manifest. Raises RestoreRefused when there is none or it is of a later format."""
    try:
        manifest = json.loads(archive.read(MANIFEST))
        later = manifest["format"] > FORMAT
        complete = {"tables", "dump", "files", "made_at"} <= manifest.keys()
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise RestoreRefused(f"{archive.filename} is not a Carteira backup, or it was cut off.") from error
    if later:
        raise RestoreRefused(f"{archive.filename} was made by a later version of Carteira; update first.")
    if not complete:
        raise RestoreRefused(f"{archive.filename} is not a Carteira backup, or it was cut off.")
    return dict(manifest)


def summary_of(manifest: dict[str, Any], size: int) -> Summary:
    tables = manifest["tables"]
    return Summary(len(tables), sum(tables.values()), manifest["files"]["count"], size, manifest["made_at"])


def safe_target(folder: Path, name: str) -> Path:
    """Return where the member ``files/...`` belongs below ``folder``. Raises RestoreRefused for a name that
    would leave it."""
    inner = PurePosixPath(name.removeprefix(FILES))
    if inner.is_absolute() or not inner.parts or ".." in inner.parts or "\\" in name or "\0" in name:
        raise RestoreRefused(f"The backup holds a file with an unsafe name ({name!r}); nothing was restored.")
    return folder.joinpath(*inner.parts)
