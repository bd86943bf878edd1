"""The columns the list of customers may show; rooms above add theirs in registrations.py.

What a column shows comes with the rows of the page in one query, however many columns are on: the customer's own row,
its story, or an SQL expression.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from carteira.accounts.roles import Right
from carteira.core.registries import Registry, Text
from carteira.customers.queries import Row
from carteira.customers.why import Story


class Line(NamedTuple):
    """What a cell may be made of; `customer.values` holds those of the columns' SQL by the column's name."""

    account: Any
    customer: Row
    story: Story


@dataclass(frozen=True)
class Column:
    """`show` gives a cell's text; markup only as a SafeString.

    `sql` is an expression over `customers_customer c` (parameters account and day), one index probe a row at most: it
    is asked for each row of a page. `css` are the kit's classes for cells: the corner of the card it takes on a phone,
    the width from which it shows.
    """

    label: Text
    show: Callable[[Line], str] = field(repr=False)
    sql: str = ""
    sort: str = ""
    numeric: bool = False
    css: str = ""
    # Shown to whoever chose nothing.
    usual: bool = False
    # Tells nothing about a past day; only about the archived, and of them to everybody.
    today_only: bool = False
    of_archived: bool = False
    right: Right = Right.SEE_CUSTOMERS

    @property
    def head_css(self) -> str:
        """Where the head shows and stays; what the cells look like is not its own."""
        return " ".join(name for name in self.css.split() if name.startswith("from-") or name == "cell-stuck")

    @property
    def cell_css(self) -> str:
        """What the cells look like, wherever they show."""
        return " ".join(name for name in self.css.split() if not name.startswith("from-"))


columns: Registry[Column] = Registry("Column of the customers")
# Columns that each account has of its own, by name, in the open scope.
families: Registry[Callable[[], Mapping[str, Column]]] = Registry("Family of columns")

# Always there: it holds the link to the card.
NAME = "name"


def usual() -> list[str]:
    return [name for name in columns.names() if columns[name].usual]


def known(asked: Iterable[str] | None = None) -> dict[str, Column]:
    """The columns of the open scope, in order. With `asked`, families are only read where one of these names may be
    theirs."""
    found = {name: columns[name] for name in columns.names()}
    if asked is None or any(name not in found for name in asked):
        for family in families:
            found.update(family())
    return found


def offered(may: Callable[[Right], bool]) -> dict[str, Column]:
    """All columns this person may choose."""
    return _allowed(known(), may)


def _allowed(found: Mapping[str, Column], may: Callable[[Right], bool]) -> dict[str, Column]:
    return {name: column for name, column in found.items() if may(column.right) and not column.of_archived}


def shown(names: Iterable[str], may: Callable[[Right], bool], *, live: bool, archive: bool) -> dict[str, Column]:
    """Those of `names` this person may see, in their order; names nobody knows any more are passed over."""
    names = list(names)
    found = known(names)
    allowed = _allowed(found, may)
    wanted = list(dict.fromkeys(name for name in names if name in allowed))
    if NAME not in wanted:
        wanted.insert(0, NAME)
    if archive:
        wanted += [name for name, column in found.items() if column.of_archived]
    return {name: found[name] for name in wanted if live or not found[name].today_only}
