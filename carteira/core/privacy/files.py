"""Looking for a person in stored files: text in any usual encoding, and the parts of zipped ones (xlsx, ods, docx, zip)."""

import html
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from carteira.core.privacy.markers import Markers

_PIECE = 4 * 1024 * 1024
# Two pieces overlap by more than any marker is long.
_OVERLAP = 4096
# What unpacks to more is not unpacked.
_MOST_UNPACKED = 400 * 1024 * 1024


def mentions(path: Path, markers: Markers) -> bool:
    """Whether the file's bytes hold the person. A zipped file that unpacks to too much counts as holding everybody."""
    try:
        with open(path, "rb") as stream:
            if zipfile.is_zipfile(stream):
                stream.seek(0)
                return _zipped_mentions(stream, markers)
            stream.seek(0)
            return _stream_mentions(stream, markers)
    except FileNotFoundError:
        return False


def _zipped_mentions(stream: io.BufferedIOBase, markers: Markers) -> bool:
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > _MOST_UNPACKED:
                return True
            for member in members:
                if markers.found_in(member.filename):
                    return True
                with archive.open(member) as part:
                    if _stream_mentions(part, markers):
                        return True
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
        # Broken, encrypted or packed some other way: nobody can tell what is in it.
        return True
    return False


def _stream_mentions(stream: object, markers: Markers) -> bool:
    return any(markers.found_in(text) for piece in _pieces(stream) for text in _readings(piece))


def _pieces(stream: object) -> Iterator[bytes]:
    before = b""
    while piece := stream.read(_PIECE):  # type: ignore[attr-defined]
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
