"""What the routes of home answer to whom; read by tests/test_urls.py."""

from secrets import token_hex
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.core.files.store import keep
from carteira.core.sheets.models import SheetExport, SheetImport, SheetMapping
from carteira.customers.register import register
from conftest import NOW
from tests.urls_table import Row


def kind(account: Account) -> dict[str, Any]:
    return {"kind": "customers"}


def sheet() -> SimpleUploadedFile:
    return SimpleUploadedFile("clientes.csv", b"codigo;nome\n1;Ana\n")


def _record(account: Account, **fields: Any) -> SheetImport:
    file = keep([b"codigo;nome\n1;Ana\n"], name="clientes.csv", right="sheets.import", limit=1000, by=None, now=NOW)
    refused = keep([b"x"], name="recusadas.csv", right="sheets.import", limit=1000, by=None, now=NOW)
    return SheetImport.objects.create(
        kind="customers",
        file=file,
        file_name="clientes.csv",
        mapping={"codigo": "code", "nome": "name"},
        language="pt-br",
        created_at=NOW,
        errors_file=refused,
        **fields,
    )


def uploaded(account: Account) -> dict[str, Any]:
    return {"id": _record(account).pk}


def done(account: Account) -> dict[str, Any]:
    return {"id": _record(account, started_at=NOW, finished_at=NOW).pk}


def saved(account: Account) -> dict[str, Any]:
    mapping = SheetMapping.objects.create(kind="customers", name="Clientes", fingerprint=token_hex(8), used_at=NOW)
    return {"id": mapping.pk}


def exported(account: Account) -> dict[str, Any]:
    file = keep([b"x"], name="clientes.csv", right="customers.see", limit=1000, by=None, now=NOW)
    export = SheetExport.objects.create(
        kind="customers",
        format="csv",
        file=file,
        file_name=file.name,
        right=file.right,
        language="pt-br",
        created_at=NOW,
        started_at=NOW,
        finished_at=NOW,
    )
    return {"id": export.pk}


def asked(account: Account) -> dict[str, Any]:
    return {"kind": "customers", "format": "csv"}


def somebody(account: Account) -> dict[str, Any]:
    """Without customers it would lead to their list."""
    register(account, name="Maria Silva", by=None, now=NOW)
    return {}


ROWS = [
    Row("start", Right.ENTER, query=somebody),
    Row("palette", Right.ENTER),
    Row("help:index", Right.ENTER),
    Row("help:page", Right.ENTER, kwargs=lambda account: {"task": "register"}),
    Row("imports:list", Right.IMPORT),
    Row("imports:new", Right.IMPORT, post=302, kwargs=kind, body=lambda account: {"file": sheet()}),
    Row("imports:example", Right.IMPORT, kwargs=kind),
    Row("imports:columns", Right.IMPORT, post=302, kwargs=uploaded, body=lambda account: {"column-0": "code"}),
    Row("imports:show", Right.IMPORT, kwargs=done),
    Row("imports:again", Right.IMPORT, get=405, post=302, kwargs=done),
    Row("imports:refused", Right.IMPORT, kwargs=done),
    Row("imports:undo", Right.IMPORT, get=405, post=302, kwargs=done),
    Row("imports:left", Right.IMPORT, kwargs=done),
    Row("imports:saved", Right.IMPORT),
    Row("imports:saved-change", Right.IMPORT, get=405, post=302, kwargs=saved, body=lambda account: {"name": "Alunos"}),
    Row("exports:list", Right.EXPORT, post=302, body=asked),
    Row("exports:show", Right.EXPORT, kwargs=exported),
    Row("exports:file", Right.EXPORT, kwargs=exported),
    Row("exports:again", Right.EXPORT, get=405, post=302, kwargs=exported),
]
