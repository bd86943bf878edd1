import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from carteira.core.database.server import acquire, stop_and_wait, use_server
from carteira.core.database.tests.tools import QUICK


def _fresh() -> Iterator[Path]:
    # Not pytest's tmp_path: its long names would put every socket into the fallback folder.
    folder = Path(tempfile.mkdtemp(prefix="carteira-home-", dir="/tmp"))
    try:
        yield folder
    finally:
        stop_and_wait(folder)
        shutil.rmtree(folder)


@pytest.fixture
def fresh_home() -> Iterator[Path]:
    """A home without a server; whatever this process still holds in it is let go afterwards."""
    yield from _fresh()


@pytest.fixture(scope="session")
def _used_home() -> Iterator[Path]:
    for folder in _fresh():
        with use_server(folder, config=QUICK, grace=0):
            pass
        yield folder


@pytest.fixture
def idle_home(_used_home: Path) -> Iterator[Path]:
    """A home whose server has run before and is down now, and again afterwards; the data stay for the next test."""
    assert stop_and_wait(_used_home)
    yield _used_home
    assert stop_and_wait(_used_home)


@pytest.fixture(scope="session")
def running_home() -> Iterator[Path]:
    """A home whose server this process holds."""
    for folder in _fresh():
        acquire(folder, config=QUICK)
        yield folder
