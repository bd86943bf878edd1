"""How much an account may keep, and how often it may upload: one sign-up cannot fill the disk of all.

What the program writes itself (refused lines, exports) counts, but is never refused.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from carteira.core.files.models import StoredFile
from carteira.core.walls.scope import require_account_id

_TWO_HOURS = 2 * 3600  # an hour's count is asked for until the hour is over


class NotKept(ValueError):
    """A file cannot be kept; the text is a sentence for the user."""


class TooLarge(NotKept):
    """More bytes than a file of its kind may have."""


class NoRoom(NotKept):
    """The account keeps as much as it may."""


class TooMany(NotKept):
    """The account has uploaded as often as it may within an hour."""


@dataclass(frozen=True)
class Kept:
    files: int
    bytes: int


def kept() -> Kept:
    """What the account of the open scope keeps; sizes of files that are just being written come later."""
    sums = StoredFile.objects.aggregate(files=Count("pk"), bytes=Sum("size"))
    return Kept(sums["files"], int(sums["bytes"] or 0))


def admit_upload(now: datetime) -> int:
    """Count one more upload and return how many bytes it may have. Raises NoRoom, TooMany.

    Uploads of one account are admitted one after the other, until the transaction ends: two at once cannot
    both take the last place.
    """
    account = require_account_id()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"uploads of {account}"])
    hour = f"uploads:{account}:{now:%Y%m%d%H}"
    uploads = int(cache.get(hour, 0)) + 1
    if uploads > settings.UPLOADS_PER_HOUR:
        raise TooMany(
            ngettext(
                "This business has uploaded %(number)s file within this hour. Try again in the next one.",
                "This business has uploaded %(number)s files within this hour. Try again in the next one.",
                settings.UPLOADS_PER_HOUR,
            )
            % {"number": settings.UPLOADS_PER_HOUR}
        )
    cache.set(hour, uploads, _TWO_HOURS)
    found = kept()
    if found.files >= settings.FILES_PER_ACCOUNT:
        raise NoRoom(
            ngettext(
                "This business keeps %(number)s file, as many as it may. Imported files go by themselves after a month.",
                "This business keeps %(number)s files, as many as it may. Imported files go by themselves after a month.",
                found.files,
            )
            % {"number": found.files}
        )
    room = settings.STORAGE_PER_ACCOUNT - found.bytes
    if room <= 0:
        raise no_room()
    return room


def no_room() -> NoRoom:
    return NoRoom(
        _(
            "There is no room for this file: a business may keep %(limit)s MB. "
            "Imported files go by themselves after a month."
        )
        % {"limit": settings.STORAGE_PER_ACCOUNT // 1_000_000}
    )
