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
ROWS = 3_000
CUSTOMERS = 300


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    # Commits must reach the operating system, or those just before the kill are lost however good the program is.
    with Program.in_new_home(CARTEIRA_DATABASE_CONFIG="fsync=off;full_page_writes=off") as program:
        program.start()
        assert program.run("create_account", "aurora", "--name", "A", "--owner", "ana@example.com").returncode == 0
        file = program.home.parent / "customers.csv"
        file.write_text("code,name\n" + "".join(f"{n},Customer {n}\n" for n in range(CUSTOMERS)))
        assert report_of(program.run("import_sheet", "customers", str(file), *TO, "--json"))["created"] == CUSTOMERS
        yield program


TO = ("--account", "aurora")


def payments(program: Program, nth: int) -> Path:
    """A file like no other: the round is in its amounts."""
    file = program.home.parent / f"payments-{nth}.csv"
    lines = (f"{n % CUSTOMERS},2026-{1 + n % 9:02}-{1 + n % 28:02},{nth + 1}.00" for n in range(ROWS))
    file.write_text("code,paid on,amount\n" + "\n".join(lines) + "\n")
    return file


def report_of(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_command_killed_at_ten_moments(program: Program) -> None:
    moments = random.Random(SEED)
    begun = time.monotonic()
    report_of(program.run("import_sheet", "payments", str(payments(program, 0)), *TO, "--json"))
    usual = time.monotonic() - begun
    whole, nothing = 0, 0
    for nth in range(1, 11):
        file = str(payments(program, nth))
        process = program.launch("import_sheet", "payments", file, *TO)
        time.sleep(moments.uniform(0.3, 1.0) * usual)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        again = report_of(program.run("import_sheet", "payments", file, *TO, "--json"))
        assert (again["rows"], again["failed"], again["updated"]) == (ROWS, 0, 0)
        assert (again["created"], again["unchanged"]) in ((ROWS, 0), (0, ROWS)), f"half-written (seed {SEED}, {nth})"
        whole += again["created"] == 0
        nothing += again["created"] == ROWS
    assert nothing, "every kill came too late to prove anything"
    done = program.run("verify")
    assert done.returncode == 0, done.stdout
    activity = report_of(program.run("activity", *TO, "--as-of", "2026-10-01", "--json"))
    assert (activity["all"], activity["lead"]) == (CUSTOMERS, 0)


def test_a_job_whose_worker_web_or_database_is_killed(program: Program) -> None:
    """Ten times at a random moment: it resumes by itself, no line twice, and the next start is clean."""
    moments = random.Random(SEED + 1)
    for nth in range(11, 21):
        part = moments.choice(["worker", "worker", "worker", "database", "database", "web"])
        import_id = helper(program, "start", "aurora", "payments", str(payments(program, nth)))
        time.sleep(moments.uniform(0, 1.5))
        program.kill(part)
        report = json.loads(helper(program, "wait", "aurora", import_id))
        assert (report["state"], report["created"], report["failed"]) == ("done", ROWS, 0), (SEED, nth, part, report)
        program.wait_healthy(30)
    program.kill("serve")
    program.wait_gone(30)
    program.start()
    for nth in (11, 20):
        again = report_of(program.run("import_sheet", "payments", str(payments(program, nth)), *TO, "--json"))
        assert (again["created"], again["unchanged"]) == (0, ROWS), "every line once"
    done = program.run("verify")
    assert done.returncode == 0, done.stdout


def helper(program: Program, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.import_job", *arguments],
        env=program.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
