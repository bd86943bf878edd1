"""How long `carteira serve --demo` takes to answer, and how much memory everything takes: python -m tests.footprint

Memory is the proportional set size (PSS) of every process of the home, summed: shared pages count once. The first
start makes the database and fills the demo; the second, the cold start, finds the data.
"""

import os
import sys
import time
from pathlib import Path

from tests.processes import Program

_IDLE = 10.0


def memory(program: Program) -> dict[str, float]:
    """Megabytes by part, and their sum under "all"."""
    found = {"web and worker": 0.0, "database": 0.0}
    for pid, words in program.processes().items():
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        kilobytes = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        part = "database" if "postgres" in words or "keeper" in words else "web and worker"
        found[part] += kilobytes / 1024
    return {**found, "all": sum(found.values())}


def main() -> None:
    with Program.in_new_home() as program:
        for what in ("first start", "cold start", "cold start"):
            begun = time.monotonic()
            program.start("--demo", wait=120)
            taken = time.monotonic() - begun
            for _number in range(20):
                program.get("/accounts/login/")
            time.sleep(_IDLE)
            parts = ", ".join(f"{name} {megabytes:.0f} MB" for name, megabytes in memory(program).items())
            print(f"{what}: {taken:.1f} s; {parts}; load {os.getloadavg()[0]:.1f}", flush=True)
            program.stop()


if __name__ == "__main__":
    sys.exit(main())
