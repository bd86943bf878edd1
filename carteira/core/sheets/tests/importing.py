"""What tests of imports share: run the engine on text, as the command does, and read its report."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from carteira.core.files.models import StoredFile
from carteira.core.sheets import engine
from carteira.core.sheets import mapping as mappings
from carteira.core.sheets.models import SheetImport
from carteira.core.sheets.reader import open_sheet
from carteira.core.sheets.registry import kinds
from carteira.core.walls import scope
from conftest import NOW


class Report:
    """What came of an import: counts, and the reason of each refused line."""

    def __init__(self, record: SheetImport, refused: dict[int, str], rows: list[list[str]]) -> None:
        self.record, self.refused, self.refused_rows = record, refused, rows

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """(created, updated, unchanged, failed)"""
        record = self.record
        return record.created, record.updated, record.unchanged, record.failed


class Importer:
    def __init__(self, folder: Path) -> None:
        self.folder, self._files = folder, 0

    def __call__(
        self,
        account: Any,
        kind: str,
        content: str | bytes | Path,
        *,
        key: str | None = None,
        said: dict[str, str] | None = None,
        dry_run: bool = False,
        language: str = "en",
        by: Any = None,
        now: datetime = NOW,
    ) -> Report:
        path = content if isinstance(content, Path) else self.file(content)
        with scope(account.pk):
            sheet_kind = kinds[kind].of(account)
        with open_sheet(path) as sheet:
            guessed = mappings.guess(sheet_kind, sheet.header)
            mapping = mappings.with_said(sheet_kind, sheet.header, guessed, said or {})
        with scope(account.pk):
            record = SheetImport.objects.create(
                kind=kind,
                file_name=path.name,
                mapping=mapping,
                versions=mappings.versions(sheet_kind, mapping),
                key=key or "",
                dry_run=dry_run,
                language=language,
                created_at=now,
            )
        return self.report(account, engine.run(account, record.pk, path, by=by, now=now))

    def run(self, account: Any, record: SheetImport, path: Path, *, now: datetime = NOW) -> Report:
        """An import whose columns were said before."""
        return self.report(account, engine.run(account, record.pk, path, by=None, now=now))

    def file(self, content: str | bytes, name: str = "") -> Path:
        self._files += 1
        path = self.folder / (name or f"{self._files}.csv")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def report(self, account: Any, record: SheetImport) -> Report:
        assert record.rows == record.created + record.updated + record.unchanged + record.failed
        with scope(account.pk):
            file = record.errors_file_id and StoredFile.objects.get(pk=record.errors_file_id)
            rows: list[list[str]] = []
            if file:
                with open(file.path, encoding="utf-8-sig", newline="") as text:
                    rows = list(csv.reader(text, delimiter=";" if record.language != "en" else ","))
        assert len(rows[1:]) == record.failed
        return Report(record, {int(row[0]): row[1] for row in rows[1:]}, rows)


@pytest.fixture
def importer(tmp_path: Path, settings: Any) -> Importer:
    """importer(account, "customers", "name,email\\n…") -> Report, with stored files in a folder of the test's own."""
    settings.FILES_ROOT = tmp_path / "files"
    folder = tmp_path / "sheets"
    folder.mkdir()
    return Importer(folder)
