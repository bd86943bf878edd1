"""`carteira serve` as people and machines treat it: started twice, interrupted, killed part by part."""

import signal
import socket
import time
from collections.abc import Iterator

import pytest

from tests.footprint import memory
from tests.processes import Program

pytestmark = pytest.mark.xdist_group("processes")


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    """One installation for all these tests, in their order: made by the first, and never repaired by hand."""
    with Program.in_new_home() as program:
        yield program


@pytest.fixture
def running(program: Program) -> Program:
    if program.serve is None:
        program.start()
    return program


def make_account(program: Program, slug: str) -> None:
    done = program.run("create_account", slug, "--name", "Escola Aurora", "--owner", "ana@example.com")
    assert done.returncode == 0, done.stderr


def test_the_first_start_makes_everything(program: Program) -> None:
    program.start()
    assert program.get("/healthz") == (200, "ok\n")
    program.wait_until(lambda: f"Carteira runs at {program.url}/" in program.logs, 5, "the address")
    assert "Stop it with Ctrl+C." in program.logs
    assert "Traceback" not in program.logs
    make_account(program, "aurora")


def test_everything_idles_below_400_mb(running: Program) -> None:
    """Budget (architecture 8); python -m tests.footprint tells more."""
    assert 20 < memory(running)["all"] < 400


def test_a_second_start_says_in_one_line_that_one_is_running_and_where(running: Program) -> None:
    done = running.run("serve")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"running already at {running.url}/" in done.stderr
    assert str(running.home) in done.stderr
    assert running.is_healthy()


@pytest.mark.parametrize("part", ["web", "worker"])
def test_a_killed_child_is_started_again(running: Program, part: str) -> None:
    killed = running.kill(part)
    running.wait_until(lambda: running.pid(part) not in (0, killed), 10, f"another {part}")
    running.wait_healthy(10)


def test_a_killed_database_comes_back_and_web_and_worker_go_on(running: Program) -> None:
    """F2: the server ends in the middle; nothing else has to be started again."""
    web, killed = running.pid("web"), running.kill("database")
    running.wait_until(lambda: running.pid("database") not in (0, killed), 15, "another database")
    running.wait_healthy(15)
    assert running.pid("web") == web
    assert running.run("create_account", "boreal", "--name", "B", "--owner", "d@example.com").returncode == 0


def test_a_killed_keeper_is_replaced(running: Program) -> None:
    keeper, database = running.kill("keeper"), running.pid("database")
    running.wait_until(lambda: running.pid("keeper") not in (0, keeper), 15, "another keeper")
    assert running.pid("database") == database, "the running server is adopted"
    killed = running.kill("database")
    running.wait_until(lambda: running.pid("database") not in (0, killed), 15, "another database")
    running.wait_healthy(15)


def test_a_backup_is_made_while_it_runs_and_restored_while_it_does_not(running: Program) -> None:
    """F11: what was there comes back, what came after does not."""
    file = str(running.home.parent / "backup.zip")
    assert running.run("backup", file).returncode == 0
    make_account(running, "later")
    refused = running.run("restore", file, "--replace")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "Stop it before restoring." in refused.stderr
    running.stop()
    refused = running.run("restore", file)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    done = running.run("restore", file, "--replace")
    assert done.returncode == 0, done.stderr
    make_account(running, "later")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_and_its_like_stop_everything_within_seconds(running: Program, number: signal.Signals) -> None:
    begun = time.monotonic()
    assert running.stop(number) == 0
    assert running.processes() == {}
    assert time.monotonic() - begun < 6


def test_killing_serve_itself_leaves_nobody_on_the_port_and_the_next_start_is_clean(running: Program) -> None:
    running.kill("serve")
    running.wait_until(lambda: running.get("/healthz")[0] == 0, 2, "the port to be free")
    begun = time.monotonic()
    running.start()
    assert time.monotonic() - begun < 15
    running.kill("serve")
    running.wait_gone()


def test_the_data_are_kept_and_the_clocks_are_right(running: Program) -> None:
    done = running.run("create_account", "aurora", "--name", "Again", "--owner", "ana@example.com")
    assert done.returncode == 1, f"{done.stdout}\n{running.logs[-5000:]}"
    assert "aurora" in done.stderr
    # A job that was being done when serve was killed is found by the next worker, a moment after its start.
    running.wait_until(lambda: running.run("verify").returncode == 0, 30, running.run("verify").stdout)


def test_a_port_in_use_is_said_clearly(program: Program) -> None:
    if program.serve is not None:
        program.stop()
    with socket.create_server(("127.0.0.1", program.port)):
        done = program.run("serve")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"Port {program.port} is used by another program" in done.stderr
    program.wait_gone()


def test_all_of_it_left_no_trace_and_no_secret_in_the_log(program: Program) -> None:
    assert "Traceback" not in program.logs, program.logs
    assert "ana@example.com" not in program.logs
