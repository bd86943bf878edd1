"""What the business prints on its invoices: legal name, document, address, logo, how to pay."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy

from carteira.accounts.models import Account
from carteira.accounts.roles import Right
from carteira.billing.models import Letterhead
from carteira.core.events import kinds
from carteira.core.events.record import record
from carteira.core.files.images import keep_picture
from carteira.core.files.store import discard

FIELDS = ("legal_name", "document_kind", "document", "address", "email", "phone", "note")
LOGO_BOX = (720, 288)
"""Pixels a logo is made to fit: 60 by 24 mm in print."""

CHANGED = kinds.register("letterhead.changed", gettext_lazy("What is printed on invoices changed: {fields}."))


def letterhead_of() -> Letterhead:
    """The open scope's; an empty one where nobody wrote any."""
    return Letterhead.objects.select_related("logo").first() or Letterhead()


def change_letterhead(account: Account, *, changes: Mapping[str, str], by: Any, now: datetime) -> Letterhead:
    """Write cleaned fields (of FIELDS). Records letterhead.changed with the names of those that differ."""
    with transaction.atomic():
        held = _held(account)
        changed = [name for name in FIELDS if name in changes and getattr(held, name) != changes[name]]
        for name in changed:
            setattr(held, name, changes[name])
        if changed:
            held.save(update_fields=changed)
            _tell([name for name in changed if name != "document_kind"] or ["document"], by=by, now=now)
        return held


def change_logo(account: Account, chunks: Iterable[bytes], *, name: str, by: Any, now: datetime) -> Letterhead:
    """Keep an uploaded picture as the logo in place of the one before. Raises files.quota.NotKept (NotAPicture)."""
    with transaction.atomic():
        held = _held(account)
        before = held.logo
        held.logo = keep_picture(chunks, name=name, box=LOGO_BOX, right=Right.SEE_MONEY, by=by, now=now)
        held.save(update_fields=["logo"])
        _tell(["logo"], by=by, now=now)
        if before is not None:
            discard(before)
        return held


def remove_logo(account: Account, *, by: Any, now: datetime) -> Letterhead:
    with transaction.atomic():
        held = _held(account)
        before = held.logo
        if before is not None:
            held.logo = None
            held.save(update_fields=["logo"])
            _tell(["logo"], by=by, now=now)
            discard(before)
        return held


def _held(account: Account) -> Letterhead:
    """The row, locked; made empty where there is none. Two at once wait for each other at the account's row."""
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    return Letterhead.objects.select_related("logo").first() or Letterhead.objects.create()


def _tell(fields: list[str], *, by: Any, now: datetime) -> None:
    record(CHANGED, by=by, now=now, what={"fields": ", ".join(fields)})
