"""Looking for a person in stored files: text in any usual encoding, and the parts of zipped ones (xlsx, ods, docx, zip)."""

import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from carteira.core.privacy.markers import Markers

_PIECE = 4 * 1024 * 1024
# Two pieces overlap by more than any marker is long.
_OVERLAP = 4096
# What unpacks to more is not unpacked.
_MOST_UNPACKED = 400 * 1024 * 1024

# What hides its text from a byte search: compressed, encrypted, written with a font's own codes, or a picture of it.
# Reading a PDF would take a parser of hostile files and still miss scans, so what cannot be read is treated as holding
# whoever is looked for (docs/decisions/0006).
_ZIP = b"PK\x03\x04"
_UNREADABLE = (
    b"\x1f\x8b\x08",  # gzip
    _ZIP,  # one that is none, or one inside another
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",  # zstandard
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",  # Word and Excel before 2007
)
_BZIP2 = re.compile(rb"BZh[1-9]1AY&SY")
_PDF, _PDF_BEGINS_WITHIN = b"%PDF-", 1024


class Found(Enum):
    """What a look into a file tells about a person."""

    NOTHING = "nothing"
    MENTIONED = "mentioned"
    # Nobody can say: no byte search sees what is in it.
    UNREADABLE = "unreadable"


def mentions(path: Path, markers: Markers) -> bool:
    """Whether the file holds the person, or may: what cannot be read counts as holding everybody."""
    return look(path, markers) is not Found.NOTHING


def look(path: Path, markers: Markers) -> Found:
    """Search the file's bytes, a zipped file's (xlsx, ods, docx, zip) part by part. A missing file holds nobody."""
    try:
        with open(path, "rb") as stream:
            begin = stream.read(len(_ZIP))
            if not zipfile.is_zipfile(stream):
                stream.seek(0)
                return _look_into(stream, markers)
            stream.seek(0)
            found = _look_into_zip(stream, markers)
            if begin == _ZIP or found is Found.MENTIONED:
                return found
            stream.seek(0)  # what stands in front of the archive may be a document of its own
            before = _look_into(stream, markers)
            return found if before is Found.NOTHING else before
    except FileNotFoundError:
        return Found.NOTHING


def _look_into_zip(stream: io.BufferedIOBase, markers: Markers) -> Found:
    worst = Found.NOTHING
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > _MOST_UNPACKED:
                return Found.UNREADABLE
            for member in members:
                said = b"\n".join((archive.comment, member.comment, member.filename.encode("utf-8", "replace")))
                if any(markers.found_in(text) for text in _readings(said)):
                    return Found.MENTIONED
                with archive.open(member) as part:
                    found = _look_into(part, markers)
                if found is Found.MENTIONED:
                    return found
                worst = worst if found is Found.NOTHING else found
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError):
        return Found.UNREADABLE  # broken, encrypted or packed some other way
    return worst


def _look_into(stream: Any, markers: Markers) -> Found:
    unreadable = False
    for number, piece in enumerate(_pieces(stream)):
        if number == 0:
            unreadable = _is_unreadable(piece)
        if any(markers.found_in(text) for text in _readings(piece)):
            return Found.MENTIONED
    return Found.UNREADABLE if unreadable else Found.NOTHING


def _is_unreadable(begin: bytes) -> bool:
    return begin.startswith(_UNREADABLE) or bool(_BZIP2.match(begin)) or _PDF in begin[:_PDF_BEGINS_WITHIN]


def _pieces(stream: Any) -> Iterator[bytes]:
    before = b""
    while piece := stream.read(_PIECE):
        yield before + piece
        before = piece[-_OVERLAP:]


def _readings(piece: bytes) -> Iterator[str]:
    """The piece as text, once for each encoding it may be in, with the entities of XML and HTML undone."""
    texts = [piece.decode("utf-8", "ignore")]
    if not piece.isascii():
        texts.append(piece.decode("latin-1"))
    if b"\x00" in piece:
        texts += [piece.decode("utf-16-le", "ignore"), piece.decode("utf-16-be", "ignore")]
    for text in texts:
        yield text
        if "&" in text:
            yield html.unescape(text)
