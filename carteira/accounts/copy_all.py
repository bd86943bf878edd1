"""All data of a business as one file: every walled table as JSON lines and as CSV, the members, the stored files."""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import batched
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _

from carteira.accounts.models import Account, AccountCopy, Membership
from carteira.accounts.roles import Right
from carteira.core.files.models import StoredFile
from carteira.core.files.store import reserved
from carteira.core.money import Money
from carteira.core.privacy.csv_rows import CsvRows
from carteira.core.sheets.cells import as_text
from carteira.core.walls import scope
from carteira.core.walls.models import account_key

_CHUNK = 2000
_BYTES = 1024 * 1024


def walled_models() -> list[type[models.Model]]:
    found = [model for model in apps.get_models(include_auto_created=True) if account_key(model)]
    return sorted(found, key=lambda model: model._meta.label)


def write_copy(account_id: UUID, copy_id: str, *, now: datetime) -> None:
    """Write the file of an asked copy in the language in force. All of it as of one moment; killed half-way, it is
    begun anew."""
    alone = not connection.in_atomic_block
    with scope(account_id):
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        copy = AccountCopy.objects.select_for_update().filter(pk=copy_id, done_at=None).first()
        if copy is None:
            return
        account = Account.objects.get(pk=account_id)
        name = f"{account.slug}-{account.day_of(now):%Y-%m-%d}.zip"
        with reserved(name=name, right=Right.OWN, by=copy.by, now=now) as file:
            with zipfile.ZipFile(file.path, "x", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
                counted = dict(_fill(archive, account, file))
                archive.writestr("README.txt", _readme(account, now, counted))
            file.size = file.path.stat().st_size
            file.save(update_fields=["size"])
            copy.file, copy.done_at, copy.failed_at, copy.error = file, now, None, ""
            copy.save(update_fields=["file", "done_at", "failed_at", "error"])


def _fill(archive: zipfile.ZipFile, account: Account, own: StoredFile) -> Iterator[tuple[str, int]]:
    archive.writestr("account.json", _json(model_to_dict(account) | {"id": account.pk}, indent=2))
    members = Membership.objects.filter(account=account).values(
        "user__email", "user__name", "role", "allowed", "denied", "created_at"
    )
    archive.writestr("members.json", _json(list(members), indent=2))
    for model in walled_models():
        yield model._meta.label, _write_table(archive, model, account, folder=own.path.parent)
    # A copy of a copy would double with each.
    copies = AccountCopy.objects.filter(file__isnull=False).values("file")
    for file in StoredFile.objects.exclude(pk=own.pk).exclude(pk__in=copies).iterator(chunk_size=_CHUNK):
        if file.path.is_file():  # its bytes may be gone already
            archive.write(file.path, f"files/{file.token}/{file.name}")


def _write_table(archive: zipfile.ZipFile, model: type[models.Model], account: Account, *, folder: Path) -> int:
    """The table once for machines and once for people, read once; how many rows.

    A ZIP takes one file at a time, so the CSV waits in a file without a name: it is gone with the process.
    """
    columns = model._meta.concrete_fields
    names = [column.attname for column in columns]
    table = CsvRows(columns, amount=partial(_amount, currency=account.currency))
    count = 0
    with tempfile.TemporaryFile(dir=folder) as waiting:
        waiting.write(table.head(names))
        with archive.open(f"data/{model._meta.label}.jsonl", "w", force_zip64=True) as out:
            rows = model._default_manager.order_by("pk").values_list(*names).iterator(chunk_size=_CHUNK)
            for some in batched(rows, _CHUNK, strict=False):
                out.write("".join(f"{_json(dict(zip(names, row, strict=True)))}\n" for row in some).encode())
                waiting.write(table.lines(some))
                count += len(some)
        waiting.seek(0)
        with archive.open(f"data/{model._meta.label}.csv", "w", force_zip64=True) as out:
            shutil.copyfileobj(waiting, out, _BYTES)
    return count


def _amount(minor: int, *, currency: str) -> str:
    """A number that spreadsheet programs add up: 1234 -> 12,34."""
    return as_text(Money(minor, currency).amount, decimal_comma=True)


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=indent)


def _readme(account: Account, now: datetime, counted: dict[str, int]) -> str:
    head = _("All data of %(business)s in Carteira, as of %(at)s (UTC).") % {
        "business": account.name,
        "at": f"{now:%Y-%m-%d %H:%M}",
    }
    lines = [
        _("data/*.jsonl: one file a table, one JSON object a line, for other programs; amounts are in cents."),
        _("data/*.csv: the same for spreadsheet programs; amounts as numbers, a comma before the cents."),
        _("files/: what was uploaded."),
    ]
    return "\n".join([head, *lines, "", *(f"{count:>12}  {label}" for label, count in counted.items()), ""])
