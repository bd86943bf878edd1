"""Reading the mails that are kept as files, where no mail server is told of (core.mail_files)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings

_NAME = re.compile(r"[0-9a-z-]{1,80}")
_END = b"\n" + b"-" * 79 + b"\n"
_LARGEST = 1_000_000


@dataclass(frozen=True)
class KeptMail:
    name: str
    to: str
    subject: str
    at: datetime | None
    text: str


def newest(size: int) -> list[KeptMail]:
    """The latest mails, newest first."""
    files = sorted(_files(), key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)[:size]
    return [mail for file in files if (mail := _read(file))]


def find(name: str) -> KeptMail | None:
    file = _folder() / f"{name}.log"
    return _read(file) if _NAME.fullmatch(name) and file.is_file() else None


def _folder() -> Path:
    return Path(settings.CARTEIRA_HOME) / "mail"


def _files() -> Iterator[Path]:
    folder = _folder()
    return folder.glob("*.log") if folder.is_dir() else iter(())


def _read(file: Path) -> KeptMail | None:
    try:
        with open(file, "rb") as stream:
            data = stream.read(_LARGEST)
    except FileNotFoundError:
        return None
    message = message_from_bytes(data.partition(_END)[0], policy=policy.default)
    assert isinstance(message, EmailMessage)
    return KeptMail(file.stem, str(message["To"] or ""), str(message["Subject"] or ""), _date(message), _text(message))


def _date(message: EmailMessage) -> datetime | None:
    try:
        return parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        return None


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    try:
        return str(body.get_content()) if body else ""
    except (LookupError, UnicodeError):
        return ""
