"""A9: pictures by content, size and pixels; what is kept holds nothing but the pixels."""

import zlib
from io import BytesIO

import pytest
from django.http import Http404
from PIL import Image

from carteira.core.files import images
from carteira.core.files.images import NotAPicture, drawn_anew, keep_picture, picture
from carteira.core.files.models import StoredFile
from carteira.core.files.store import discard, keep
from carteira.core.walls import scope
from conftest import NOW

MARK = b"<script>alert(1)</script>"


def made(kind="PNG", size=(60, 40), mode="RGB", **more):
    out = BytesIO()
    Image.new(mode, size, (200, 30, 30, 90)[: len(mode)] if mode != "P" else 1).save(out, kind, **more)
    return out.getvalue()


def opened(data):
    return Image.open(BytesIO(data))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_usual_pictures_fit_the_box_and_keep_their_shape(kind):
    data, suffix = drawn_anew(made(kind, (1000, 500)), (200, 200))
    assert (opened(data).size, suffix) == ((200, 100), ".jpg")
    assert opened(drawn_anew(made(kind), (200, 200))[0]).size == (60, 40)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_parts_stay(mode):
    data, suffix = drawn_anew(made(mode=mode), (200, 200))
    assert (suffix, opened(data).mode) == (".png", "RGBA")


def test_a_photo_lies_as_it_was_taken_and_tells_nothing_of_the_place():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Camera of Maria"
    data, _ = drawn_anew(made("JPEG", (60, 40), exif=exif.tobytes()), (200, 200))
    assert opened(data).size == (40, 60)
    assert b"Maria" not in data
    assert not opened(data).getexif()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_hides_behind_a_picture_is_left_out(kind):
    data, _ = drawn_anew(made(kind) + MARK, (200, 200))
    assert MARK not in data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 100,
        MARK,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        made("GIF", mode="P"),
        made("TIFF"),
        made("ICO"),
        made()[:50],
        made("JPEG")[:100],
        made("WEBP")[:40],
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 500,
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(data):
    with pytest.raises(NotAPicture, match="PNG, JPEG or WebP"):
        drawn_anew(data, (200, 200))


@pytest.mark.parametrize("size", [(6001, 6001), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_by_its_header(size):
    """Millions of pixels in a few bytes: the header is asked, nothing is decoded."""
    data = bytearray(made())
    data[16:24] = size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big")
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    with pytest.raises(NotAPicture, match="million pixels"):
        drawn_anew(bytes(data), (200, 200))


def test_too_many_bytes_are_refused_while_they_come(cast):
    given = 0

    def endless():
        nonlocal given
        while True:
            given += 1
            yield b"\x00" * 1_000_000

    with scope(cast.aurora.pk), pytest.raises(NotAPicture, match="8 MB"):
        keep_picture(endless(), name="a.png", box=(200, 200), right="customers.see", by=cast.ana, now=NOW)
    assert given == 9


def test_it_is_kept_shown_and_removed(cast):
    """A double extension, a path and a wrong suffix are only a name; shown with its own type, else a download."""
    with scope(cast.aurora.pk):
        file = keep_picture(
            [made("JPEG")], name="../../logo.php.svg", box=(200, 200), right="customers.see", by=cast.ana, now=NOW
        )
        assert (file.name, file.size) == ("logo.php.jpg", file.path.stat().st_size)
        shown = picture(file)
        assert shown["Content-Type"] == "image/jpeg"
        assert shown["X-Content-Type-Options"] == "nosniff"
        assert shown["Content-Disposition"].startswith("attachment")
        discard(file)
        with pytest.raises(Http404):
            picture(file)
        page = keep([b"<html>"], name="x.png", right="customers.see", limit=100, by=cast.ana, now=NOW)
        with pytest.raises(Http404):
            picture(page)
        discard(page)
        assert not StoredFile.objects.exists()
    assert images.ACCEPT.count("image/") == 3
