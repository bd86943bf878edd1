"""The rows of the URL sweep: what every route answers to whom.

Each room lists its own in `carteira/<room>/tests/sweep.py`: `ROWS = [Row("customers:card", Right.SEE_CUSTOMERS,
kwargs=…), …]`, and `ROOT_ROWS` for routes that belong to no account. tests/test_urls.py collects them all and fails
on a route without a row.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from carteira.accounts.roles import Right

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# Makes a record in the account whose scope is open and gives the names of the slots it fills. Ids must stay UUID
# objects: the sweep puts the twin's into each slot in turn.
Slots = Callable[[Any], dict[str, Any]]


def nothing(account: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Row:
    """A route below /<slug>/.

    `right` is whom it is for. `get`, `post`, … are its statuses for those people with the slots filled; 405 where
    there is no such method. `htmx` names methods whose status differs for a fragment. `kwargs`, `query` and `body`
    fill the path, the query string and the POST.
    """

    name: str
    right: Right
    get: int = 200
    post: int = 405
    put: int = 405
    patch: int = 405
    delete: int = 405
    kwargs: Slots = nothing
    query: Slots = nothing
    body: Slots = nothing
    htmx: Mapping[str, int] = field(default_factory=dict)

    def status(self, method: str, *, htmx: bool = False) -> int:
        plain: int = getattr(self, method.lower())
        return self.htmx.get(method, plain) if htmx else plain


@dataclass(frozen=True)
class RootRow:
    """A route that belongs to no account: its statuses by method, for somebody signed out and somebody signed in."""

    name: str
    signed_out: Mapping[str, int]
    signed_in: Mapping[str, int]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)


def collected(name: str) -> Iterator[Any]:
    """All rows of one kind (ROWS or ROOT_ROWS), room by room."""
    root = Path(__file__).resolve().parents[1]
    for file in sorted((root / "carteira").rglob("tests/sweep.py")):
        module = ".".join(file.relative_to(root).with_suffix("").parts)
        yield from getattr(import_module(module), name, ())


def routes(urlconf: str) -> dict[str, list[URLPattern]]:
    """Every route of a URL configuration by its name; one without a name stands under its pattern."""
    found: dict[str, list[URLPattern]] = {}
    for name, pattern in _walk(get_resolver(urlconf).url_patterns, ""):
        found.setdefault(name, []).append(pattern)
    return found


def _walk(patterns: Iterable[Any], namespace: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner)
        else:
            yield f"{namespace}{pattern.name or pattern.pattern}", pattern
