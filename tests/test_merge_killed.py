"""N8: kill -9 in the middle of a merge leaves all of it or nothing."""

import json
import os
import random
import signal
import time

import pytest

from tests.processes import Program

pytestmark = [pytest.mark.xdist_group("processes"), pytest.mark.slow]

SEED = 1988
ROWS = 3_000
TO = ("--account", "aurora", "--json")


def test_a_merge_killed_at_random_moments() -> None:
    moments, outcomes = random.Random(SEED), []
    # Commits must reach the operating system, or those just before the kill are lost however good the program is.
    with Program.in_new_home(CARTEIRA_DATABASE_CONFIG="fsync=off;full_page_writes=off") as program:
        program.start()
        assert program.run("create_account", "aurora", "--name", "A", "--owner", "ana@example.com").returncode == 0
        file = program.home.parent / "payments.csv"
        lines = (f"{'AB'[n % 2]},2026-{1 + n % 9:02}-{1 + n % 28:02},{n + 1}.00" for n in range(ROWS))
        file.write_text("code,paid on,amount\n" + "\n".join(lines) + "\n")
        people = program.home.parent / "customers.csv"
        people.write_text("code,name\nA,Maria Silva\nB,Maria S.\n")
        for kind, source in (("customers", people), ("payments", file)):
            assert program.run("import_sheet", kind, str(source), *TO).returncode == 0
        merging = ("merge", "--keep", "A", "--merge", "B", *TO)
        begun = time.perf_counter()
        assert program.run(*merging).returncode == 0
        whole = time.perf_counter() - begun
        assert program.run("unmerge", "--code", "B", *TO).returncode == 0
        for _nth in range(8):
            process = program.launch(*merging)
            time.sleep(whole * moments.uniform(0.5, 1))
            os.kill(process.pid, signal.SIGKILL)
            process.wait(10)
            # Either it is merged, and can be undone, or nothing happened: then it is there, and nothing can be undone.
            back = program.run("unmerge", "--code", "B", *TO)
            outcomes.append(back.returncode)
            counted = program.run("activity", *TO)
            assert json.loads(counted.stdout.splitlines()[-1])["all"] == 2, (SEED, outcomes)
        assert set(outcomes) <= {0, 1}, outcomes
        verified = program.run("verify")
        assert verified.returncode == 0, verified.stdout
