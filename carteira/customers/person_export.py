"""A person's own data as one ZIP, with a protocol number (LGPD, reliability P1)."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy

from carteira.accounts.roles import Right
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.files.store import discard, reserved
from carteira.core.privacy.dossier import Contents, write_dossier
from carteira.core.privacy.models import PersonRequest
from carteira.core.privacy.requests import open_request
from carteira.customers.models import Customer

# The copy itself holds personal data: it is fetched and handed on, then goes.
KEPT = timedelta(days=7)

EXPORTED = kinds.register("customer.exported", gettext_lazy("Copy of the personal data made, protocol {protocol}."))


def export_person(customer: Customer, *, request: PersonRequest | None = None, by: Any, now: datetime) -> PersonRequest:
    """Make the ZIP and keep it for a week as the request's file. Records customer.exported."""
    with transaction.atomic():
        request = request or _opened(customer, by=by, now=now)
        # The name tells whose it is by number only: it stands in the download's list and in logs.
        name = f"{customer.number}-{request.protocol}.zip"
        with reserved(name=name, right=Right.PRIVACY, by=by, now=now) as file:
            contents = write_dossier(file.path, customer.pk, request, account=customer.account, now=now)
            file.size = file.path.stat().st_size
            file.save(update_fields=["size"])
            request.file = file
            _close(request, customer, contents, by=by, now=now)
        return request


def export_to(path: Path, customer: Customer, *, by: Any, now: datetime) -> PersonRequest:
    """The same into a file of the caller's (the command); nothing is kept. Raises FileExistsError."""
    with transaction.atomic():
        request = _opened(customer, by=by, now=now)
        with open(path, "xb"):
            pass
        try:
            contents = write_dossier(path, customer.pk, request, account=customer.account, now=now)
            _close(request, customer, contents, by=by, now=now)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return request


def forget_exports(account: Any, now: datetime) -> int:
    """The hourly clock: copies older than a week go; how many. The requests stay."""
    old = PersonRequest.objects.filter(file__isnull=False, finished_at__lt=now - KEPT).select_related("file")
    for request in old:
        if request.file is not None:
            discard(request.file)
    return len(old)


def _opened(customer: Customer, *, by: Any, now: datetime) -> PersonRequest:
    return open_request(PersonRequest.Kind.EXPORT, customer.pk, account=customer.account, by=by, now=now)


def _close(request: PersonRequest, customer: Customer, contents: Contents, *, by: Any, now: datetime) -> None:
    request.result = {"rows": contents.rows, "files": contents.files}
    request.finished_at, request.failed_at, request.error = now, None, ""
    request.save(update_fields=["file", "result", "finished_at", "failed_at", "error"])
    record(EXPORTED, by=by, now=now, customer_id=customer.pk, what={"protocol": request.protocol})
