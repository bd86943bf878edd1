"""Reading the environment. Every reader names its variable once, so docs/operations.md can be checked against it."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from carteira.core.database.home import make_private


def flag(name: str, *, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0").strip().lower() in {"1", "true", "yes", "on"}


def words(name: str, *, default: list[str]) -> list[str]:
    value = os.environ.get(name)
    return default if value is None else [word.strip() for word in value.split(",") if word.strip()]


def port() -> int:
    return number("PORT", default=8000, most=65535)


def public_url(*, https: bool, hosts: list[str], port: int) -> str:
    """PUBLIC_URL: how people reach this installation, for links in mails; else told by HTTPS, ALLOWED_HOSTS, PORT."""
    if url := os.environ.get("PUBLIC_URL"):
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/") or parts.query:
            raise SystemExit(f"PUBLIC_URL must look like https://carteira.example.com, not {url!r}.")
        return url.rstrip("/")
    local = {"127.0.0.1", "localhost", "[::1]"}
    host = next((host for host in hosts if host not in local and not host.startswith(("*", "."))), None)
    if host is None:
        return f"http://127.0.0.1:{port}"
    return f"https://{host}" if https else f"http://{host}:{port}"


def support_url() -> str:
    """SUPPORT_URL: where people of this installation find help: https://wa.me/…, mailto:…"""
    url = os.environ.get("SUPPORT_URL", "").strip()
    if url and urlsplit(url).scheme not in {"https", "http", "mailto", "tel"}:
        raise SystemExit(f"SUPPORT_URL must begin with https://, mailto: or tel:, not {url!r}.")
    return url


def number(name: str, *, default: int, most: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdecimal() or not 0 < int(value) <= most:
        raise SystemExit(f"{name} must be a number from 1 to {most}, not {value!r}.")
    return int(value)


def secret_key(home: Path) -> str:
    """SECRET_KEY, else one made on the first start and kept in the home, readable by its user only."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    file = home / "secret_key"
    if not file.exists():
        try:
            home.parent.mkdir(parents=True, exist_ok=True)
            make_private(home)
        except OSError as error:
            raise SystemExit(
                f"The data folder {home} cannot be made ({error.strerror}); set CARTEIRA_HOME to one you may write."
            ) from error
        draft = file.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64))
        # Two first starts at once: the one who links first is the one both read.
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
        draft.unlink()
    return file.read_text().strip()


def existing(*folders: tuple[str, Path]) -> list[tuple[str, Path]]:
    return [(prefix, folder) for prefix, folder in folders if folder.exists()]


def mailers(home: Path) -> dict[str, Any]:
    """EMAIL_URL: smtp://user:password@host:587?tls=1, smtps://…, or nothing: mails are kept as files in the home."""
    url = os.environ.get("EMAIL_URL")
    if not url:
        options = {"file_path": str(home / "mail")}
        return {"default": {"BACKEND": "carteira.core.mail_files.EmailBackend", "OPTIONS": options}}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise SystemExit("EMAIL_URL must look like smtp://user:password@host:587?tls=1 or smtps://user:password@host.")
    options = {
        "host": parts.hostname,
        "port": parts.port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": parts.scheme == "smtps",
        "use_tls": "tls=1" in parts.query,
        "timeout": 10,
    }
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
