"""Asking for an export: the verbs behind the screens."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from carteira.core.files.store import plain_name
from carteira.core.sheets.exports import jobs
from carteira.core.sheets.exports.registry import export_kinds
from carteira.core.sheets.exports.writers import FORMATS
from carteira.core.sheets.models import SheetExport


class CannotExport(ValueError):
    """Refused; the text is a sentence for the user."""


def start_export(
    account: Any, kind: str, filter: Mapping[str, Any], format: str, *, by: Any, now: datetime, language: str = ""
) -> SheetExport:
    """Enqueue an export of `kind` as "xlsx" or "csv", in the open scope; the row tells how far it is and has the file.

    `filter`: see README.md. `language` (default: the active one) writes names, numbers and states. Whoever calls has
    asked for the rights. Raises CannotExport, registry.BadFilter.
    """
    found = export_kinds.get(kind)
    if found is None or format not in FORMATS:
        raise CannotExport(_("There is no such export."))
    understood = found.understand(filter, account, now)
    day = account.today(now).isoformat()
    name = plain_name(f"{slugify(str(found.label))}-{account.slug}-{day}.{format}")
    with transaction.atomic():
        export = SheetExport.objects.create(
            kind=kind,
            filter=understood,
            format=format,
            file_name=name,
            right=found.right,
            language=language or get_language() or account.language,
            by=by,
            created_at=now,
            started_at=now,
            noted_at=now,
        )
        jobs.start(export)
        return export


def repeat(export: SheetExport, *, account: Any, by: Any, now: datetime) -> SheetExport:
    """The same again, with what stands there now."""
    return start_export(account, export.kind, export.filter, export.format, by=by, now=now, language=export.language)
