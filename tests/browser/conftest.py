"""A real program (web, worker, database), filled with the demo, and Debian's Chromium in front of it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import chromium
from tests.processes import Program


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # One program and one browser serve them all: they stay in one worker.
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def program() -> Iterator[Program]:
    with Program.in_new_home() as program:
        program.start("--demo")
        yield program
        program.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    if chromium.PATH is None:
        pytest.skip("no Chromium on this machine")
    with chromium.browser() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Any, program: Program) -> Iterator[Callable[..., Any]]:
    """open_page(width=1280, scheme="light") gives a page; a script error or a breach of the content policy fails the test."""
    contexts, complaints = [], []

    def make(*, width: int = 1280, scheme: str = "light", signed_in: bool = True) -> Any:
        page = chromium.new_page(browser, program.url, width=width, scheme=scheme, complaints=complaints)
        contexts.append(page.context)
        if signed_in:
            chromium.sign_in(page)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []
