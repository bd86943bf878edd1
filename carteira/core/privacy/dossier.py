"""Everything held about one person as one ZIP: JSON for machines, CSV for people, and the files themselves."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from carteira.core.files.models import StoredFile
from carteira.core.files.store import plain_name
from carteira.core.privacy.csv_rows import CsvRows, plain_table
from carteira.core.privacy.holdings import Holding, named, rows_of
from carteira.core.privacy.models import PersonRequest
from carteira.core.ui.formats import money

_CHUNK = 2000


@dataclass
class Contents:
    """How many rows of which table and how many files went into it."""

    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0


def write_dossier(path: Path, person: UUID, request: PersonRequest, *, account: Any, now: datetime) -> Contents:
    """Write the ZIP at `path`, which must be free, in the language in force. Needs the account's scope."""
    contents, everything = Contents(), {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, model, holding in named():
            if not holding.of or model is PersonRequest:
                continue
            rows, table = _told(name, model, holding, person, account, now)
            if rows:
                everything[name] = rows
                contents.rows[name] = len(rows)
                archive.writestr(f"{len(contents.rows):02} {holding.title}.csv", table)
            for file in _files(name, person, holding):
                contents.files += 1
                archive.write(file.path, f"{_('files')}/{contents.files:02} {plain_name(file.name)}")
        facts = {
            "protocol": request.protocol,
            "business": account.name,
            "made_at": now.isoformat(),
            "currency": account.currency,
            "amounts": "minor units",
            "data": everything,
        }
        archive.writestr("data.json", json.dumps(facts, ensure_ascii=False, indent=1, default=str))
        archive.writestr(_("READ ME.txt"), _letter(request, account, now, contents))
    return contents


def shown_columns(model: type[models.Model], holding: Holding) -> list[str]:
    """What the table tells about the person: what is personal and what else was declared for it, in the table's order."""
    wanted = {*holding.erase, *holding.export} - {*holding.derived}
    return [column.attname for column in model._meta.concrete_fields if {column.name, column.attname} & wanted]


def _told(
    name: str, model: type[models.Model], holding: Holding, person: UUID, account: Any, now: datetime
) -> tuple[list[dict[str, Any]], bytes]:
    """A table's rows for machines, and as CSV for people."""
    if holding.tell is not None:
        told = [dict(row) for row in holding.tell.rows(person, account, now)]
        return told, plain_table(holding.tell.head.values(), ([row[key] for key in holding.tell.head] for row in told))
    columns = shown_columns(model, holding)
    rows = list(_rows(name, person, columns)) if columns else []
    return [dict(zip(columns, row, strict=True)) for row in rows], _csv(model, columns, rows, account.currency)


def _rows(name: str, person: UUID, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    return rows_of(name, person).order_by("id").values_list(*columns).iterator(chunk_size=_CHUNK)


def _csv(model: type[models.Model], columns: list[str], rows: list[tuple[Any, ...]], currency: str) -> bytes:
    fields = {column.attname: column for column in model._meta.concrete_fields}
    table = CsvRows([fields[column] for column in columns], amount=lambda minor: money(minor, currency))
    return table.head(str(fields[column].verbose_name) for column in columns) + table.lines(rows)


def _files(name: str, person: UUID, holding: Holding) -> Iterator[StoredFile]:
    if not holding.files:
        return
    ids = [id for found in rows_of(name, person).values_list(*holding.files) for id in found if id is not None]
    for file in StoredFile.objects.filter(pk__in=ids).order_by("id"):
        if file.path.is_file():
            yield file


def _letter(request: PersonRequest, account: Any, now: datetime, contents: Contents) -> str:
    lines = [
        _("Copy of the personal data held by %(business)s") % {"business": account.name},
        _("Protocol: %(protocol)s") % {"protocol": request.protocol},
        _("Made on: %(day)s") % {"day": account.today(now).isoformat()},
        "",
        _("data.json: everything, for machines. Amounts are in minor units (cents)."),
        _("The numbered .csv files: the same, table by table, for spreadsheet programs."),
        _("Stored files of the person: %(count)s") % {"count": contents.files},
        "",
    ]
    return "\r\n".join(lines)
