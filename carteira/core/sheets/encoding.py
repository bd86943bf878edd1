"""Which characters the bytes of a text file are. Reads the file once from end to end, in flat memory.

Valid UTF-8 is UTF-8. Else, bytes that cannot be UTF-8 mean Windows-1252 (what Excel writes in Brazil and
Latin America), unless most of the non-ASCII text *is* valid UTF-8: then only the lines with the wrong bytes
are bad, told one by one.
"""

import codecs
import re
from typing import BinaryIO

from .problems import Problem

CHUNK = 1 << 20
ENOUGH = 1000  # wrong places after which no more are counted

_ASCII = bytes(range(128))
_NOT_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")


def find_encoding(file: BinaryIO) -> tuple[str, bool]:
    """(Python codec, whether single lines may hold wrong bytes) for the file, from its beginning to its end.

    Raises `Problem`: nul, encoding, long_line, each with its line; empty.
    """
    file.seek(0)
    start = file.read(3)
    file.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        _check_utf16(file)
        return "utf-16", False
    tally = _Tally(file)
    if start == codecs.BOM_UTF8:
        return "utf-8-sig", tally.wrong > 0
    if not tally.wrong:
        return "utf-8", False
    if tally.right >= 2 * tally.wrong:
        return "utf-8", True
    if tally.not_cp1252 is not None:
        raise Problem("encoding", line=line_at(file, tally.not_cp1252))
    return "cp1252", False


class _Tally:
    """Counts the bytes beyond ASCII that are right or wrong UTF-8; refuses NULs and endless lines on the
    way.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.right = self.wrong = 0
        self.not_cp1252: int | None = None
        codecs.register_error("sheets-count", self._count)
        decode = codecs.getincrementaldecoder("utf-8")("sheets-count").decode
        offset = 0
        while chunk := file.read(CHUNK):
            _refuse_endless(chunk, file, offset)
            if (nul := chunk.find(0)) >= 0:
                raise Problem("nul", line=line_at(file, offset + nul))
            if not chunk.isascii():
                if self.not_cp1252 is None and (found := _NOT_CP1252.search(chunk)):
                    self.not_cp1252 = offset + found.start()
                if self.wrong < ENOUGH:
                    self.right += len(chunk.translate(None, _ASCII))
            if self.wrong < ENOUGH:
                decode(chunk)
            offset += len(chunk)
        if self.wrong < ENOUGH:
            decode(b"", True)
        self.right -= self.wrong

    def _count(self, error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        self.wrong += error.end - error.start
        return "\ufffd", error.end


def _check_utf16(file: BinaryIO) -> None:
    codec = "utf-16-le" if file.read(2) == codecs.BOM_UTF16_LE else "utf-16-be"
    decode = codecs.getincrementaldecoder(codec)().decode
    lines = _LineCount()
    offset = 2
    while True:
        chunk = file.read(CHUNK)
        _refuse_endless(chunk, file, offset)
        try:
            text = decode(chunk, not chunk)
        except UnicodeDecodeError as error:
            lines.add(error.object[: error.start].decode(codec, "replace"))
            raise Problem("encoding", line=lines.line) from error
        if (nul := text.find("\0")) >= 0:
            lines.add(text[:nul])
            raise Problem("nul", line=lines.line)
        if not chunk:
            return
        lines.add(text)
        offset += len(chunk)


def _refuse_endless(chunk: bytes, file: BinaryIO, offset: int) -> None:
    if len(chunk) == CHUNK and b"\n" not in chunk and b"\r" not in chunk:
        raise Problem("long_line", line=line_at(file, offset))


class _LineCount:
    """Physical lines so far, where LF, CR and CRLF each end one."""

    def __init__(self) -> None:
        self.line = 1
        self._after_cr = False

    def add(self, text: str) -> None:
        if not text:
            return
        self.line += text.count("\n") + text.count("\r") - text.count("\r\n")
        if self._after_cr and text[0] == "\n":
            self.line -= 1
        self._after_cr = text[-1] == "\r"


def line_at(file: BinaryIO, offset: int) -> int:
    """The physical line (from 1) that holds the byte at `offset`. Leaves the file where it was."""
    before = file.tell()
    file.seek(0)
    lines = _LineCount()
    while offset > 0 and (chunk := file.read(min(CHUNK, offset))):
        lines.add(chunk.decode("latin-1"))
        offset -= len(chunk)
    file.seek(before)
    return lines.line
