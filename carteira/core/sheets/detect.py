"""What a file is, by its first bytes and never by its name."""

from typing import BinaryIO

from .problems import Problem

HEAD = 64 * 1024

_OTHERS = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"\x7fELF", "ELF"),
    (b"SQLite format 3\0", "SQLite"),
    (b"{\\rtf", "RTF"),
)
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD_EXCEL = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08\x10\x00")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a"))
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def kind_of(head: bytes) -> str:
    """`zip`, `compound` (old Excel, or encrypted new) or `text`, from the first `HEAD` bytes.

    Raises `Problem`: empty, binary, html, xls.
    """
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(_COMPOUND):
        return "compound"
    if head.startswith(_OLD_EXCEL):
        raise Problem("xls")
    for magic, what in _OTHERS:
        if head.startswith(magic):
            raise Problem("binary_of", what=what)
    _refuse_markup(head)
    if not head.startswith(_UTF16):
        _refuse_binary(head)
    return "text"


def _refuse_markup(head: bytes) -> None:
    start = head[:2048]
    if start.startswith(_UTF16):
        start = start[: len(start) // 2 * 2].decode("utf-16", "replace").encode()
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<", b"mime-version:")):
        raise Problem("html")


def _refuse_binary(head: bytes) -> None:
    controls = len(head) - len(head.translate(None, _CONTROLS))
    nuls = head.count(0)
    # A few stray ones may occur in text, and stray NULs are told with their line later on.
    if controls - nuls > 10 + len(head) // 100 or nuls > 10 + len(head) // 10:
        raise Problem("binary")


def is_encrypted_compound(file: BinaryIO) -> bool:
    """Whether an OLE compound file holds an encrypted XLSX (else it is an old XLS)."""
    wanted = "EncryptedPackage".encode("utf-16-le")
    file.seek(0)
    kept = b""
    while chunk := file.read(1 << 20):
        if wanted in kept + chunk:
            return True
        kept = chunk[-len(wanted) :]
    return False
