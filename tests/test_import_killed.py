"""Kill -9 in the middle of imports, at seeded random moments: everything or nothing, and nothing twice (M14, F1)."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.processes import ROOT, Program

pytestmark = [pytest.mark.xdist_group("processes"), pytest.mark.slow]

SEED = 1988
ROWS = 4_000
CUSTOMERS = 300
TO = ("--account", "aurora", "--json")


class Helper:
    """tests/import_job.py, asked and answering."""

    def __init__(self, program: Program) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.import_job", "aurora"],
            env=program.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, verb: str, argument: object) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{verb} {argument}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def report(self, verb: str, argument: object) -> dict[str, Any]:
        return json.loads(self(verb, argument))

    def end(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            pipe.close()
        self._process.wait(10)


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    # Commits must reach the operating system, or those just before the kill are lost however good the program is.
    with Program.in_new_home(CARTEIRA_DATABASE_CONFIG="fsync=off;full_page_writes=off") as program:
        program.start()
        assert program.run("create_account", "aurora", "--name", "A", "--owner", "ana@example.com").returncode == 0
        file = program.home.parent / "customers.csv"
        file.write_text("code,name\n" + "".join(f"{n},Customer {n}\n" for n in range(CUSTOMERS)))
        assert report_of(program.run("import_sheet", "customers", str(file), *TO))["created"] == CUSTOMERS
        yield program


@pytest.fixture
def helper(program: Program) -> Iterator[Helper]:
    helper = Helper(program)
    yield helper
    helper.end()


def payments(program: Program, nth: int) -> Path:
    """A file like no other: the round is in its amounts."""
    file = program.home.parent / f"payments-{nth}.csv"
    lines = (f"{n % CUSTOMERS},2026-{1 + n % 9:02}-{1 + n % 28:02},{nth + 1}.00" for n in range(ROWS))
    file.write_text("code,paid on,amount\n" + "\n".join(lines) + "\n")
    return file


def report_of(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_command_killed_at_ten_moments(program: Program, helper: Helper) -> None:
    moments = random.Random(SEED)
    for nth in range(1, 11):
        file = payments(program, nth)
        process = program.launch("import_sheet", "payments", str(file), *TO)
        assert helper("begun", file) == "yes"
        time.sleep(moments.uniform(0, 1))
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
    found = []
    for nth in range(1, 11):
        again = helper.report("run", payments(program, nth))
        assert (again["rows"], again["failed"], again["updated"]) == (ROWS, 0, 0)
        found.append((again["created"], again["unchanged"]))
    assert set(found) <= {(ROWS, 0), (0, ROWS)}, f"half-written (seed {SEED}): {found}"
    assert (ROWS, 0) in found, "every kill came too late to prove anything"
    verified = program.run("verify")
    assert verified.returncode == 0, verified.stdout


def test_a_job_whose_worker_web_or_database_is_killed(program: Program, helper: Helper) -> None:
    """Ten times at a random moment: it resumes by itself, no line twice, and the next start is clean."""
    moments = random.Random(SEED + 1)
    for nth in range(11, 21):
        part = moments.choice(["worker", "worker", "worker", "database", "database", "web"])
        import_id = helper("start", payments(program, nth))
        time.sleep(moments.uniform(0, 1.2))
        program.kill(part)
        report = helper.report("wait", import_id)
        assert (report["state"], report.get("created")) == ("done", ROWS), (SEED, nth, part, report)
        program.wait_healthy(30)
    program.kill("serve")
    program.wait_until(lambda: program.get("/healthz")[0] == 0, 5, "the port to be free")
    program.start()
    for nth in range(11, 21):
        again = helper.report("run", payments(program, nth))
        assert (again["created"], again["unchanged"]) == (0, ROWS), "every line once"
    verified = program.run("verify")
    assert verified.returncode == 0, verified.stdout
    activity = report_of(program.run("activity", "--as-of", "2026-10-01", *TO))
    assert (activity["all"], activity["lead"]) == (CUSTOMERS, 0)
