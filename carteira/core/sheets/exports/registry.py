"""What can be exported: rooms register one `ExportKind` each, beside the sheet kinds that can be imported."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from carteira.core.registries import Registry, Text


class BadFilter(ValueError):
    """The filter cannot be understood; the text is a sentence for the user."""


@dataclass(frozen=True)
class Asking:
    """What a query and its lines may ask. `now` is an aware UTC moment; `filter` is what the kind's `understand` gave."""

    account: Any
    language: str
    now: datetime
    filter: Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """`label` heads it: where the import has a field of this name, the field's own, so that the file can come back."""

    name: str
    label: Text
    # How wide a spreadsheet shows it, in characters.
    width: int = 16


@dataclass(frozen=True)
class ExportKind:
    """One subject that can be exported.

    - `understand(filter, account, now)`: the filter with only what makes sense, as JSON can hold it. Raises BadFilter.
    - `query(asking)`: (SQL, parameters) of all rows in their order; asked in the account's scope.
    - `line(asking)`: a function that makes of a row of the query one value a column: text, date, int, Decimal or None.
    """

    name: str
    label: Text
    right: str
    columns: tuple[Column, ...]
    understand: Callable[[Mapping[str, Any], Any, datetime], dict[str, Any]]
    query: Callable[[Asking], tuple[str, Any]]
    line: Callable[[Asking], Callable[[Sequence[Any]], Sequence[Any]]]
    # Names of the filter's parameters with a word on each, for the command's help.
    filters: tuple[tuple[str, str], ...] = ()
    # What its parameters `from` and `until` speak of, where the page offers them ("Paid").
    period: Text = ""
    # Further columns that the account has of its own, in its scope; `line` gives their values after the others.
    more: Callable[[Asking], Sequence[Column]] = field(default=lambda asking: (), repr=False)
    icon: str = "table-export"
    text: Text = ""


@dataclass(frozen=True)
class ExportChoice:
    """A parameter of the filters of some kinds that people choose from a list, where they have the right;
    `options(account)` by value. Registered under the parameter's name."""

    label: Text
    kinds: tuple[str, ...]
    right: str
    options: Callable[[Any], Mapping[str, str]]


export_choices: Registry[ExportChoice] = Registry("Choice of exports")
export_kinds: Registry[ExportKind] = Registry("Export kind")


def listed_ids(filter: Mapping[str, Any], name: str) -> list[str]:
    """The ids under `name` as text. Raises BadFilter."""
    given = filter.get(name) or []
    if isinstance(given, str):
        given = given.split(",")
    try:
        return [str(UUID(str(id))) for id in given]
    except ValueError as error:
        raise BadFilter(f"{name}: {error}") from error
