"""Pictures people bring: a logo, a photo. Judged by their content, never by name or declared type.

What is kept is drawn anew from the pixels, at most as large as asked for: whatever else the upload held (place and
camera of a photo, a script behind the picture, a second file) is not in it.
"""

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from carteira.core.files.models import StoredFile
from carteira.core.files.quota import NotKept
from carteira.core.files.store import keep, plain_name

MOST_BYTES = 8_000_000
# Asked of the header, before a single pixel is decoded: 36 million of them are 144 MB of memory at the most.
MOST_PIXELS = 36_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
ACCEPT = "image/png,image/jpeg,image/webp"
"""For a file field's `accept`."""

_TYPES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


class NotAPicture(NotKept):
    """Refused; the text is a sentence for the user."""


def keep_picture(
    chunks: Iterable[bytes], *, name: str, box: tuple[int, int], right: str, by: Any, now: datetime
) -> StoredFile:
    """Keep an uploaded picture, made to fit `box` (width, height in pixels; never enlarged). Raises NotAPicture or
    another quota.NotKept.

    `right` is what a member needs to see it. The caller removes the one it replaces (files.store.discard).
    """
    data, suffix = drawn_anew(_read(chunks), box)
    stem = PurePosixPath(plain_name(name)).stem or "image"
    return keep([data], name=f"{stem}{suffix}", right=right, limit=len(data), by=by, now=now)


def drawn_anew(data: bytes, box: tuple[int, int]) -> tuple[bytes, str]:
    """The picture as PNG (when it has transparent parts) or JPEG, and that format's suffix. Raises NotAPicture."""
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise NotAPicture(_too_many_pixels())
            image.draft("RGB", box)  # a large JPEG is read at a fraction of its size
            image.load()
            return _saved(ImageOps.exif_transpose(image), box)
    except NotAPicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAPicture(_too_many_pixels()) from error
    except MemoryError:
        raise
    except Exception as error:
        # Whatever a hostile file does to the decoder: Pillow raises OSError, SyntaxError, struct.error and others.
        raise NotAPicture(_("This is no picture that can be read. Choose a PNG, JPEG or WebP file.")) from error


def picture(file: StoredFile) -> HttpResponse:
    """A kept picture for an <img>: its type from its own bytes; opened by itself it is a download. Raises Http404.

    Whoever calls has asked for `file.right`.
    """
    try:
        data = file.path.read_bytes()
    except FileNotFoundError as error:
        raise Http404 from error
    kind = next((kind for start, kind in _TYPES if data.startswith(start)), None)
    if kind is None:
        raise Http404
    headers = {
        "Content-Disposition": content_disposition_header(True, file.name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=600",
    }
    return HttpResponse(data, content_type=kind, headers=headers)


def _read(chunks: Iterable[bytes]) -> bytes:
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) > MOST_BYTES:
            most = MOST_BYTES // 1_000_000
            raise NotAPicture(_("The picture is larger than %(limit)s MB. Choose a smaller one.") % {"limit": most})
    return bytes(data)


def _saved(image: Image.Image, box: tuple[int, int]) -> tuple[bytes, str]:
    plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
    plain.thumbnail(box, Image.Resampling.LANCZOS)
    plain.info.clear()
    out = BytesIO()
    if plain.mode == "RGBA":
        plain.save(out, "PNG", optimize=True)
        return out.getvalue(), ".png"
    plain.save(out, "JPEG", quality=88, optimize=True)
    return out.getvalue(), ".jpg"


def _too_many_pixels() -> str:
    most = MOST_PIXELS // 1_000_000
    return _("The picture has more than %(most)s million pixels. Make it smaller first.") % {"most": most}
