"""pytest plugin: the tests' own PostgreSQL server, in a home of its own, so that they never meet real data.

Loaded before Django reads its settings. Every worker process holds the server; it stops when the last one has gone.
"""

import hashlib
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _home() -> Path:
    # One home per checkout: two checkouts may run their tests at the same time.
    if os.geteuid() == 0:
        return Path("/var/lib") / f"carteira-test-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"
    return ROOT / "var" / "test"


def pytest_load_initial_conftests() -> None:
    os.environ["CARTEIRA_HOME"] = str(os.environ.get("CARTEIRA_TEST_HOME") or _home())
    os.environ["CARTEIRA_DATABASE_CONFIG"] = "fsync=off;synchronous_commit=off;full_page_writes=off"
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_WORKER_URL", "EMAIL_URL"):
        os.environ.pop(name, None)
    from carteira.core.database.server import acquire

    acquire()


pytest_load_initial_conftests = pytest.hookimpl(tryfirst=True)(pytest_load_initial_conftests)


def pytest_unconfigure() -> None:
    from carteira.core.database.server import release

    release()
