"""Emptying what is held about one person, and what mentions it in rows and files that are nobody's."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import models

from carteira.core.events.models import Event
from carteira.core.files.models import StoredFile
from carteira.core.files.store import discard
from carteira.core.privacy import files
from carteira.core.privacy.holdings import Holding, named, rows_of
from carteira.core.privacy.markers import Markers

_CHUNK = 2000


@dataclass
class Erased:
    """How many rows of which table were emptied or removed, and how many files went."""

    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0

    def count(self, name: str, rows: int) -> None:
        if rows:
            self.rows[name] = self.rows.get(name, 0) + rows


def erase_person(person: UUID, markers: Markers) -> Erased:
    """Empty the person's rows and remove its files; then what mentions it in rows and files that are nobody's.

    In the open scope's transaction. Bytes of files go at once: should the transaction be rolled back, it is done again
    on a person who was to go anyway.
    """
    erased = Erased()
    for name, model, holding in named():
        if not holding.of:
            continue
        mine = rows_of(name, person)
        _discard_files(_files_of(mine, holding), erased)
        if holding.remove:
            erased.count(name, mine.delete()[0])
        elif holding.erase:
            erased.count(name, _empty(model, mine, holding.erase))
    _forget_mentions(markers, erased)
    return erased


def _empty(model: type[models.Model], rows: models.QuerySet, columns: Any) -> int:
    if not any(callable(value) for value in columns.values()):
        kept = models.Q(**columns)
        return rows.exclude(kept).update(**columns)
    changed = 0
    for row in rows:
        for column, value in columns.items():
            setattr(row, column, value(row) if callable(value) else value)
        row.save(update_fields=list(columns))
        changed += 1
    return changed


def _files_of(rows: models.QuerySet, holding: Holding) -> list[UUID]:
    if not holding.files:
        return []
    return [id for ids in rows.values_list(*holding.files) for id in ids if id is not None]


def _discard_files(ids: list[UUID], erased: Erased) -> None:
    for file in StoredFile.objects.filter(pk__in=ids):
        discard(file)
        erased.files += 1


def _forget_mentions(markers: Markers, erased: Erased) -> None:
    """Files about many people go when this one is among them; texts that are nobody's are emptied when they name it."""
    if not markers:
        return
    for name, model, holding in named():
        if holding.of:
            if holding.erase and model._meta.get_field(holding.of.partition("__")[0]).null:
                # Those of nobody: what was done with a group, an import, a saved list.
                nobodys = model._default_manager.filter(**{f"{holding.of}__isnull": True})
                for pks in _mentioning(nobodys, list(holding.erase), markers):
                    erased.count(name, _empty(model, model._default_manager.filter(pk__in=pks), holding.erase))
            continue
        shared = StoredFile.objects.filter(pk__in=_files_of(model._default_manager.all(), holding))
        told = [f.pk for f in shared if markers.found_in(f.name) or files.mentions(f.path, markers)]
        _discard_files(told, erased)
        if holding.erase and model is not StoredFile:
            for pks in _mentioning(model._default_manager.all(), list(holding.erase), markers):
                erased.count(name, _empty(model, model._default_manager.filter(pk__in=pks), holding.erase))
                # The history of other people may call it by the name it had ("Joined the group …").
                told_of = Event.objects.filter(subject_id__in=pks).exclude(personal={})
                erased.count("core.Event", told_of.update(personal={}))


def _mentioning(rows: models.QuerySet, columns: list[str], markers: Markers) -> Iterator[list[Any]]:
    found = []
    for pk, *values in rows.values_list("pk", *columns).iterator(chunk_size=_CHUNK):
        if any(value and markers.found_in(str(value)) for value in values):
            found.append(pk)
    if found:
        yield found


def personal_files() -> dict[UUID, tuple[str, Any]]:
    """Every stored file that belongs to somebody: its id, and the table and the person's id."""
    found: dict[UUID, tuple[str, Any]] = {}
    for name, model, holding in named():
        if not (holding.of and holding.files):
            continue
        for column in holding.files:
            rows = model._default_manager.exclude(**{column: None})
            found |= {file: (name, person) for file, person in rows.values_list(column, holding.of)}
    return found
