"""F1, F2: kill -9 of anything, at any moment; the next start is clean and nothing confirmed is lost."""

import os
import random
import signal
import subprocess
import threading
import time
from pathlib import Path

import psycopg
import pytest

from carteira.core.database.places import places
from carteira.core.database.server import acquire, is_running, keeper_lives, release, use_server
from carteira.core.database.tests.tools import (
    QUICK,
    WRITE,
    Program,
    children,
    connect,
    hold,
    is_alive,
    keeper_pid,
    kill_all,
    server_pid,
    wait_down,
    wait_until,
)


def test_killed_user_does_not_leave_the_server_behind(idle_home: Path) -> None:
    with hold(idle_home) as program:
        server = server_pid(idle_home)
        program.kill()
    wait_down(idle_home)
    assert not is_alive(server)


def test_killed_keeper_is_replaced_and_the_server_adopted(idle_home: Path) -> None:
    with hold(idle_home) as program:
        server = server_pid(idle_home)
        os.kill(keeper_pid(idle_home), signal.SIGKILL)
        wait_until(lambda: not keeper_lives(places(idle_home)))
        assert is_running(idle_home)  # its users notice nothing
        with use_server(idle_home, grace=0.2):
            assert server_pid(idle_home) == server
            assert keeper_lives(places(idle_home))
        program.leave()
    wait_down(idle_home)
    assert not is_alive(server)


def test_last_user_replaces_a_killed_keeper_on_its_way_out(idle_home: Path) -> None:
    with hold(idle_home) as program:
        server = server_pid(idle_home)
        os.kill(keeper_pid(idle_home), signal.SIGKILL)
        wait_until(lambda: not keeper_lives(places(idle_home)))
        program.leave()
    wait_until(lambda: not is_alive(server))


def test_server_that_is_going_down_without_a_keeper(idle_home: Path) -> None:
    with hold(idle_home) as program:
        os.kill(keeper_pid(idle_home), signal.SIGKILL)
        wait_until(lambda: not keeper_lives(places(idle_home)))
        os.kill(server_pid(idle_home), signal.SIGINT)
        with use_server(idle_home, config=QUICK, grace=0), connect(idle_home, "app") as app:
            app.execute("SELECT 1")
        program.leave()


def test_killed_server_comes_back_under_its_users(idle_home: Path) -> None:
    with use_server(idle_home, config=QUICK, grace=0.2):
        with connect(idle_home, "owner") as owner:
            owner.execute("CREATE TABLE kept AS SELECT 1 AS one")
        server = server_pid(idle_home)
        os.kill(server, signal.SIGKILL)
        wait_until(lambda: not is_alive(server))
        wait_until(lambda: is_running(idle_home))
        with connect(idle_home, "app") as app:
            assert app.execute("SELECT one FROM kept").fetchone() == (1,)
        assert server_pid(idle_home) != server


def test_busy_backend_of_a_killed_server_is_ended(idle_home: Path) -> None:
    """A backend that computes does not notice its postmaster's death; PostgreSQL would refuse to start beside
    it."""

    def compute() -> None:
        with connect(idle_home, "app") as app, pytest.raises(psycopg.OperationalError):
            app.execute("DO $$ BEGIN LOOP END LOOP; END $$")

    acquire(idle_home, config=QUICK, grace=0.2)
    busy = threading.Thread(target=compute)
    busy.start()
    with connect(idle_home, "app") as app:
        wait_until(
            lambda: (app.execute("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %'").fetchone()) == (1,)
        )
    kill_all(idle_home)
    with use_server(idle_home, config=QUICK), connect(idle_home, "app") as app:
        app.execute("SELECT 1")
    release(idle_home)
    busy.join(30)
    assert not busy.is_alive()


def test_stale_marks_that_name_a_living_process_do_not_stop_the_start(idle_home: Path) -> None:
    """After a restart of the machine or a container the old pid is soon somebody else's."""
    acquire(idle_home, config=QUICK, grace=0.2)
    kill_all(idle_home)
    release(idle_home)
    wait_until(lambda: not keeper_lives(places(idle_home)))  # one was started on the way out
    mark = places(idle_home).cluster / "postmaster.pid"
    owner = places(idle_home).server.stat().st_uid
    with subprocess.Popen(["sleep", "60"], user=owner) as stranger:
        try:
            lines = [stranger.pid, places(idle_home).cluster, 1, 5432, "../socket", "", "1 1", "ready"]
            mark.write_text("".join(f"{line}\n" for line in lines))
            lock = places(idle_home).server / "socket/.s.PGSQL.5432.lock"
            lock.write_text(f"{stranger.pid}\n")
            with use_server(idle_home, config=QUICK, grace=0), connect(idle_home, "app") as app:
                app.execute("SELECT 1")
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_half_made_cluster_is_begun_anew(fresh_home: Path) -> None:
    with Program(WRITE, str(fresh_home)) as program:
        server = places(fresh_home).server
        wait_until(lambda: any(server.glob("cluster.new-*/PG_VERSION")))
        keeper = keeper_pid(fresh_home)
        os.kill(keeper, signal.SIGKILL)
        program.kill()
    with use_server(fresh_home, config=QUICK, grace=0), connect(fresh_home, "app") as app:
        app.execute("SELECT 1")
    assert not list(server.glob("cluster.new-*"))


def test_immediate_stop_under_load(idle_home: Path) -> None:
    """F2: an administrator's `pg_ctl stop -m immediate`; the keeper starts it again."""
    with Program(WRITE, str(idle_home)) as program:
        for _ in range(20):
            assert program.out.readline()
        os.kill(server_pid(idle_home), signal.SIGQUIT)
        out, _ = program.process.communicate(timeout=30)
        confirmed = 20 + len(out.split())
    with use_server(idle_home, config=QUICK, grace=0), connect(idle_home, "app") as app:
        (present,) = app.execute("SELECT count(*) FROM written").fetchone() or (0,)
    assert present >= confirmed


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_random_kills(fresh_home: Path, seed: int) -> None:
    """Any of user, keeper, postmaster and one of its processes, at any moment from the first start on."""
    chance = random.Random(seed)
    confirmed: set[int] = set()
    for _ in range(3):
        with Program(WRITE, str(fresh_home)) as program:
            time.sleep(chance.random() * chance.choice((0.4, 1.5)))
            for victim in chance.sample(("user", "keeper", "server", "backend"), chance.randint(1, 4)):
                _kill(fresh_home, program, victim, chance)
            time.sleep(chance.random() * 0.3)
            out, _ = program.kill()
            confirmed |= {int(line) for line in out.split("\n")[:-1]}
        with use_server(fresh_home, config=QUICK, grace=0.2), connect(fresh_home, "owner") as owner:
            owner.execute("CREATE TABLE IF NOT EXISTS written (id bigserial PRIMARY KEY)")
            present = {row[0] for row in owner.execute("SELECT id FROM written").fetchall()}
        assert confirmed <= present


def _kill(home: Path, program: Program, victim: str, chance: random.Random) -> None:
    try:
        if victim == "user":
            pid = program.process.pid
        elif victim == "keeper":
            if not keeper_lives(places(home)):
                return
            pid = keeper_pid(home)
        else:
            pid = server_pid(home)
            if not is_alive(pid):
                return
            if victim == "backend":
                pid = chance.choice(children(pid))
        os.kill(pid, signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError, ValueError, IndexError):
        return  # not there at this moment
