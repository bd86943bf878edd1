"""The byte search: every row of every table of the account and every stored file, read again after somebody went.

What it finds is told with its table: `left` should not be there (the person's own rows, or rows that are nobody's);
`elsewhere` are other people's records that have the same name or number, which are theirs: namesakes, a shared phone.
`unreadable` counts other people's own files that no byte search can read (a PDF, a picture of text): nobody can say.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, models

from carteira.core.files.models import StoredFile, folder_of
from carteira.core.jobs.running import safe_point
from carteira.core.privacy import files, mails
from carteira.core.privacy.erase import personal_files
from carteira.core.privacy.files import Found
from carteira.core.privacy.holdings import holdings, walled_models
from carteira.core.privacy.markers import Markers
from carteira.core.walls.scope import require_account_id

_CHUNK = 4000


@dataclass
class Proof:
    """How much was searched, and in which tables something was found, how often."""

    tables: int = 0
    rows: int = 0
    files: int = 0
    mails: int = 0
    left: Counter[str] = field(default_factory=Counter)
    elsewhere: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0

    @property
    def clean(self) -> bool:
        return not self.left

    def as_dict(self) -> dict[str, Any]:
        return {
            "tables": self.tables,
            "rows": self.rows,
            "files": self.files,
            "mails": self.mails,
            "left": dict(self.left),
            "elsewhere": dict(self.elsewhere),
            "unreadable": self.unreadable,
        }


def search_everything(person: UUID, markers: Markers) -> Proof:
    """Search the open scope's account for the person. Reads all of it; for jobs."""
    proof = Proof()
    for model in walled_models():
        proof.tables += 1
        for pks in _rows_that_mention(model, markers, proof):
            _tell(model, pks, person, proof)
    _search_jobs(markers, proof)
    _search_files(person, markers, proof)
    proof.mails, kept = mails.search(markers)
    if kept:
        proof.left["mails"] += kept
    return proof


def _rows_that_mention(model: type[models.Model], markers: Markers, proof: Proof) -> Iterator[list[UUID]]:
    """Keys of rows whose text, as the database writes it, holds the person."""
    table, place = connection.ops.quote_name(model._meta.db_table), UUID(int=0)
    while True:
        safe_point()
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, t::text FROM {table} t WHERE account_id = %s AND id > %s ORDER BY id LIMIT %s",
                [require_account_id(), place, _CHUNK],
            )
            rows = cursor.fetchall()
        proof.rows += len(rows)
        # All at once first: hardly any chunk holds a mention. Nothing runs from one row into the next.
        if rows and markers.found_in("\n;".join(text for _id, text in rows)):
            yield [id for id, text in rows if markers.found_in(text)]
        if len(rows) < _CHUNK:
            return
        place = rows[-1][0]


def _tell(model: type[models.Model], pks: list[UUID], person: UUID, proof: Proof) -> None:
    name = model._meta.label
    holding = holdings.get(name)
    if model is StoredFile:
        claimed = personal_files()
        owners = [claimed.get(pk, ("", None))[1] for pk in pks]
    elif holding is not None and holding.of:
        owners = list(model._default_manager.filter(pk__in=pks).values_list(holding.of, flat=True))
    else:
        owners = [None] * len(pks)
    others = sum(1 for owner in owners if owner is not None and owner != person)
    if others:
        proof.elsewhere[name] += others
    if len(pks) > others:
        proof.left[name] += len(pks) - others


def _search_jobs(markers: Markers, proof: Proof) -> None:
    """What waits or was done lately; jobs take ids only, and this holds them to it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args::text FROM procrastinate_jobs WHERE args->>'account_id' = %s", [str(require_account_id())]
        )
        rows = [text for (text,) in cursor.fetchall()]
    proof.rows += len(rows)
    found = sum(1 for text in rows if markers.found_in(text))
    if found:
        proof.left["jobs"] += found


def _search_files(person: UUID, markers: Markers, proof: Proof) -> None:
    """Every file in the account's folder, those without a row too: what a rolled back upload left is removed."""
    folder = folder_of(require_account_id())
    if not folder.is_dir():
        return
    known = dict(StoredFile.objects.values_list("token", "pk"))
    owners = personal_files()
    with os.scandir(folder) as entries:
        paths = [entry.path for entry in entries if entry.is_file(follow_symlinks=False)]
    for path in map(folder.__truediv__, paths):
        safe_point()
        proof.files += 1
        found = files.look(path, markers)
        if found is Found.NOTHING:
            continue
        file = known.get(path.name)
        if file is None:
            path.unlink(missing_ok=True)
            continue
        _table, owner = owners.get(file, ("", None))
        if owner is None or owner == person:
            proof.left["files"] += 1
        elif found is Found.MENTIONED:
            proof.elsewhere["files"] += 1
        else:
            proof.unreadable += 1
