"""Keeping and removing files."""

import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from carteira.core.files.models import StoredFile, folder_of
from carteira.core.files.quota import TooLarge, admit_upload, no_room
from carteira.core.walls.scope import require_account_id


def keep(chunks: Iterable[bytes], *, name: str, right: str, limit: int, by: Any, now: datetime) -> StoredFile:
    """Stream an upload to disk and write its row in the open scope. Raises quota.TooLarge beyond `limit` bytes,
    NoRoom and TooMany beyond what the account may.

    A file whose transaction is rolled back afterwards stays as bytes without a row: nobody can fetch it, and
    `sweep` removes it.
    """
    room = admit_upload(now)
    with reserved(name=name, right=right, by=by, now=now) as file:
        with open(file.path, "xb") as out:
            for chunk in chunks:
                file.size += len(chunk)
                if file.size > limit:
                    raise TooLarge(
                        _("The file is larger than %(limit)s MB. Split it into several files.")
                        % {"limit": limit // 1_000_000}
                    )
                if file.size > room:
                    raise no_room()
                out.write(chunk)
        file.save(update_fields=["size"])
    return file


@contextmanager
def reserved(*, name: str, right: str, by: Any, now: datetime) -> Iterator[StoredFile]:
    """A row whose `path` is free to be written; whatever raises inside takes row and bytes away again."""
    folder = folder_of(require_account_id())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with transaction.atomic():
        file = StoredFile.objects.create(name=plain_name(name), right=right, by=by, created_at=now)
        try:
            yield file
        except BaseException:
            remove_bytes(file.path)
            raise


def discard(file: StoredFile) -> None:
    """Remove row and bytes. The bytes go first: a row without bytes answers 404, bytes without a row would
    stay.
    """
    remove_bytes(file.path)
    file.delete()


def remove_bytes(path: Path) -> None:
    path.unlink(missing_ok=True)


def plain_name(name: str) -> str:
    """What a person calls a file, without folders and without characters that could mislead: for showing,
    never a path.
    """
    text = unicodedata.normalize("NFC", PurePosixPath(name.replace("\\", "/")).name)
    text = "".join(char for char in text if char.isprintable() and unicodedata.category(char) not in {"Cf", "Cs"})
    text = " ".join(text.split())
    if len(text) > 120:
        stem, dot, suffix = text.rpartition(".")
        text = f"{stem[:100]}{dot}{suffix[:10]}" if dot else text[:120]
    return text or "file"
