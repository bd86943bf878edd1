"""The program itself on a port, and one client that keeps its connection, as a browser does."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

HOST = "127.0.0.1"
# A connection nobody used for so many seconds is not used again.
IDLE = 5.0


class Failed(RuntimeError):
    """The program did not start, or a page was not what it should be."""


@contextmanager
def serving(home: Path) -> Iterator[int]:
    """`carteira serve` on a free port until the block ends; the port."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port = listener.getsockname()[1]
    with (home / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "carteira", "serve", "--port", str(port)],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PORT": str(port)},
        )
        try:
            _wait_for(process, port, home / "serve.log")
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _wait_for(process: subprocess.Popen[Any], port: int, log: Path) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise Failed(f"carteira serve did not start: {log.read_text()[-2000:]}")


class Browser:
    """One signed-in person. Raises Failed for any answer but the expected status."""

    def __init__(self, port: int, user: Any) -> None:
        inside = Client()
        inside.force_login(user)
        self.cookies = {settings.SESSION_COOKIE_NAME: inside.cookies[settings.SESSION_COOKIE_NAME].value}
        self.connection = http.client.HTTPConnection(HOST, port, timeout=60)
        self.token = ""
        self.used_at = time.monotonic()

    def get(self, path: str, *, htmx: bool = False) -> str:
        headers = {"HX-Request": "true"} if htmx else {}
        return self._ask("GET", path, None, headers, 200)

    def open_form(self, path: str) -> None:
        """Get the page a form stands on, for its token."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path))
        if found is None:
            raise Failed(f"{path} has no form")
        self.token = found[1]

    def post(self, path: str, values: Mapping[str, str], *, status: int = 302) -> None:
        body = urlencode({"csrfmiddlewaretoken": self.token, **values})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{HOST}"}
        headers["Origin"] = f"http://{HOST}:{self.connection.port}"
        self._ask("POST", path, body, headers, status)

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str], status: int) -> str:
        if time.monotonic() - self.used_at > IDLE:
            # The server let go of it; the request makes another.
            self.connection.close()
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        self.used_at = time.monotonic()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _equals, value = cookie.partition(";")[0].partition("=")
            # What a page would show as a toast after the redirect, and forget: nobody follows it here.
            if name != "messages":
                self.cookies[name] = value
        if answer.status != status:
            raise Failed(f"{method} {path}: {answer.status}, not {status}")
        return text
