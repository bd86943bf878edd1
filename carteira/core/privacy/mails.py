"""Mails that are kept as files, where no mail server is told of (core.mail_files)."""

from collections.abc import Iterator
from email import message_from_binary_file, policy
from pathlib import Path
from typing import Any

from django.conf import settings

from carteira.core.privacy.markers import EMAIL, Markers, folded


def folder() -> Path | None:
    options = settings.MAILERS["default"].get("OPTIONS", {})
    return Path(options["file_path"]) if options.get("file_path") else None


def forget(markers: Markers) -> int:
    """Remove the mails to or from the person's addresses; how many."""
    addresses = {folded(value) for kind, value in markers.given if kind == EMAIL}
    gone = 0
    for path, text in _kept():
        if any(address in folded(text) for address in addresses):
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def search(markers: Markers) -> tuple[int, int]:
    """How many mails were read, and how many of them hold an address of the person."""
    addresses = {folded(value) for kind, value in markers.given if kind == EMAIL}
    texts = [folded(text) for _path, text in _kept()]
    return len(texts), sum(1 for text in texts if any(address in text for address in addresses))


def _kept() -> Iterator[tuple[Path, str]]:
    """Each kept mail with its headers and readable parts."""
    where = folder()
    if where is None or not where.is_dir():
        return
    for path in sorted(where.iterdir()):
        if path.is_file():
            yield path, _text(path)


def _text(path: Path) -> str:
    with open(path, "rb") as stream:
        message = message_from_binary_file(stream, policy=policy.default)
    headers = [f"{name}: {value}" for name, value in message.items()]
    texts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join(headers + [_decoded(part) for part in texts])


def _decoded(part: Any) -> str:
    try:
        return str(part.get_payload(decode=True).decode(part.get_content_charset("utf-8"), "replace"))
    except LookupError:  # a charset nobody knows
        return str(part.get_payload(decode=True).decode("latin-1"))
