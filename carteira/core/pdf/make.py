"""The parent's side: starts the child, hands it the data, takes the PDF."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from django.utils.translation import gettext as _

CHILD = Path(__file__).with_name("child.py")
# Seconds to wait for a free place, and for the document.
WAIT, MOST_SECONDS = 10, 15
MOST_BYTES = 4_000_000
"""Of data and of a document."""
_places = BoundedSemaphore(2)
# Whoever waits holds one of the server's few threads: one may; the next is told at once, and others' pages go on.
_queue = BoundedSemaphore(1)
# A word longer than this may break anywhere; shorter ones only where a language breaks them.
_LONG = re.compile(r"\S{24}(?=\S)")


class CannotPrint(RuntimeError):
    """No PDF came out; the text is a sentence for the user."""


def make_pdf(
    template: Path, data: Mapping[str, Any], *, pictures: Mapping[str, bytes] | None = None, at: datetime
) -> bytes:
    """The document. `pictures` (PNG or JPEG) are in the template's data under their names, as numbers for `bytes()`.

    `at` is written into the file as the moment it was made. Raises CannotPrint.
    """
    given = {**data, **{name: list(content) for name, content in (pictures or {}).items()}}
    asked = json.dumps({"template": str(template), "data": json.dumps(given), "at": int(at.timestamp())}).encode()
    if len(asked) > MOST_BYTES:
        raise CannotPrint(_("This is too much for one document."))
    if not _placed():
        raise CannotPrint(_("Many documents are being made just now. Try again in a moment."))
    try:
        return _run(asked)
    finally:
        _places.release()


def _placed() -> bool:
    if _places.acquire(blocking=False):
        return True
    if not _queue.acquire(blocking=False):
        return False
    try:
        return _places.acquire(timeout=WAIT)
    finally:
        _queue.release()


def soft(text: str) -> str:
    """Text whose very long words may break."""
    return _LONG.sub(lambda found: found.group() + "\u200b", text)


def _run(asked: bytes) -> bytes:
    # Isolated: no environment, no user's packages, nothing from the working folder.
    command = [sys.executable, "-I", "-X", "utf8", str(CHILD)]
    try:
        done = subprocess.run(command, input=asked, capture_output=True, timeout=MOST_SECONDS, env={}, check=False)
    except subprocess.TimeoutExpired as error:
        raise CannotPrint(_refused()) from error
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF-"):
        raise CannotPrint(_refused()) from RuntimeError(done.stderr[-2000:].decode(errors="replace"))
    return done.stdout


def _refused() -> str:
    return _("The PDF could not be made. Try again; if it fails once more, tell whoever looks after Carteira here.")
