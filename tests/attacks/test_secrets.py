"""What the program writes below its home can be read by its own user only (A19)."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.mail import EmailMessage

from carteira.config import env
from carteira.core.mail_files import EmailBackend


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_home_that_the_secret_key_makes(tmp_path: Path, open_umask: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    home = tmp_path / "home"
    env.secret_key(home)
    assert mode(home) & 0o066 == 0  # root's may be passed through, for the database's user
    assert mode(home / "secret_key") == 0o600


def test_mails_that_stay_as_files(tmp_path: Path, open_umask: None) -> None:
    """They hold links that set passwords."""
    folder = tmp_path / "mail"
    folder.mkdir()
    backend = EmailBackend(file_path=str(folder), alias="default")
    assert backend.send_messages([EmailMessage("Hello", "https://…/key/", "a@example.com", ["b@example.com"])]) == 1
    (written,) = folder.iterdir()
    assert (mode(folder), mode(written)) == (0o700, 0o600)
    assert b"Subject: Hello" in written.read_bytes()
