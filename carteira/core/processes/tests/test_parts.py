"""The small parts of `carteira serve`: the lock, the port, the health page, the form of log lines."""

import logging
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test import Client
from django.utils import translation

from carteira.core import health
from carteira.core.logs import Formatter
from carteira.core.processes import children, only_one, ports
from carteira.core.processes.refusals import sentence_of


@pytest.fixture(autouse=True)
def _in_english() -> Any:
    with translation.override("en"):
        yield


class TestOnlyOne:
    def test_the_second_is_told_where_the_first_answers(self, tmp_path: Path) -> None:
        first, second = only_one.OnlyOne(tmp_path), only_one.OnlyOne(tmp_path)
        first.take()
        with pytest.raises(only_one.AlreadyRunning, match="still starting"):
            second.take()
        first.tell(url="http://127.0.0.1:8000/", web=1)
        with pytest.raises(only_one.AlreadyRunning) as told:
            second.take()
        assert f"at http://127.0.0.1:8000/ (process {os.getpid()}" in str(told.value)
        assert only_one.read(tmp_path)["web"] == 1
        first.let_go()
        second.take()
        second.let_go()

    def test_a_half_written_or_missing_note_is_no_trouble(self, tmp_path: Path) -> None:
        assert only_one.read(tmp_path) == {}
        (tmp_path / "serve.lock").write_text('{"pid": 1')
        assert only_one.read(tmp_path) == {}


class TestPorts:
    def test_a_taken_one_is_refused_in_words(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(ports.PortTaken, match=f"Port {port} is used by another program"):
                ports.refuse_taken("127.0.0.1", port)
        ports.refuse_taken("127.0.0.1", port)

    def test_so_is_one_that_is_shared_as_the_web_server_shares_it(self) -> None:
        with socket.socket() as shared:
            shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            shared.bind(("127.0.0.1", 0))
            shared.listen()
            with pytest.raises(ports.PortTaken):
                ports.refuse_taken("127.0.0.1", shared.getsockname()[1])

    def test_a_host_that_is_none(self) -> None:
        with pytest.raises(ports.PortTaken, match=r"203\.0\.113\.7 port 8000 cannot be used"):
            ports.refuse_taken("203.0.113.7", 8000)

    @pytest.mark.parametrize(
        ("host", "url"),
        [
            ("127.0.0.1", "http://127.0.0.1:8000/"),
            ("0.0.0.0", "http://localhost:8000/"),
            ("::", "http://localhost:8000/"),
            ("::1", "http://[::1]:8000/"),
        ],
    )
    def test_the_address_to_type(self, host: str, url: str) -> None:
        assert ports.url_of(host, 8000) == url

    def test_nobody_answers(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            assert ports.answers("127.0.0.1", free.getsockname()[1]) is False


class TestHealth:
    @pytest.mark.django_db
    @pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.7", "no.such.host"])
    def test_ok_whatever_name_the_probe_uses(self, host: str, settings: Any) -> None:
        settings.SECURE_SSL_REDIRECT = True
        answer = Client(headers={"host": host}).get("/healthz")
        assert (answer.status_code, answer.content, answer["Cache-Control"]) == (200, b"ok\n", "no-store")
        assert answer.cookies == {}

    def test_503_without_a_database(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(health, "database_answers", lambda: False)
        assert Client().get("/healthz").status_code == 503

    @pytest.mark.django_db(transaction=True)
    def test_a_lost_connection_is_a_lost_database_and_the_next_probe_connects_anew(self) -> None:
        with connection.cursor() as cursor, pytest.raises(OperationalError):
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        assert [health.database_answers(), health.database_answers()] == [False, True]

    def test_only_to_be_read(self) -> None:
        assert Client().post("/healthz").status_code == 405
        assert Client().get("/healthz/x").status_code in {302, 404}


@pytest.mark.django_db
def test_log_lines_hold_nothing_of_a_customers_row() -> None:
    """P7: PostgreSQL quotes the offending values; the log does not."""
    email = "maria" + "@example.com"
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE people (email text UNIQUE)")
            cursor.execute("INSERT INTO people VALUES (%s), (%s)", [email, email])
    except IntegrityError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "It failed", (), sys.exc_info())
    line = Formatter().format(record)
    assert "people_email_key" in line
    assert email not in line


class TestRefusals:
    def test_what_an_operator_can_put_right_is_one_line(self) -> None:
        assert sentence_of(OperationalError("no\n\tserver")) == "The database cannot be reached: no server"
        denied = PermissionError(13, "Permission denied", "/var/lib/x")
        assert sentence_of(denied) == "/var/lib/x: Permission denied."
        assert sentence_of(ports.PortTaken("Taken.")) == "Taken."

    def test_our_mistakes_are_not(self) -> None:
        assert sentence_of(KeyError("x")) is None
        assert sentence_of(ValueError("x")) is None


class TestChildren:
    def test_a_child_that_ends_by_itself_is_started_again_more_and_more_slowly(self) -> None:
        child = children.Child("test", lambda: sys.exit(3), before=lambda: None)
        pauses = []
        for _round in range(4):
            child.start()
            while not child.has_ended():
                time.sleep(0.01)
            assert child.status == 3
            pauses.append(child.start_at - time.monotonic())
        assert pauses == sorted(pauses)
        assert pauses[-1] > 4 * pauses[0]

    def test_a_killed_one_says_by_which_signal(self) -> None:
        child = children.Child("test", lambda: time.sleep(60), before=lambda: None)
        child.start()
        child.send(signal.SIGKILL)
        while not child.has_ended():
            time.sleep(0.01)
        assert child.status == -signal.SIGKILL

    def test_it_dies_with_its_parent(self) -> None:
        reading, writing = os.pipe()
        parent = os.fork()
        if parent == 0:
            child = children.Child("test", lambda: time.sleep(60), before=lambda: None)
            child.start()
            os.write(writing, str(child.pid).encode())
            time.sleep(60)
        pid = int(os.read(reading, 20))
        os.kill(parent, signal.SIGKILL)
        os.waitpid(parent, 0)
        until = time.monotonic() + 5
        while alive(pid):
            assert time.monotonic() < until
            time.sleep(0.01)
        os.close(reading)
        os.close(writing)


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
