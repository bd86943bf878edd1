"""The columns the list of customers may show; rooms above add theirs in registrations.py.

What a column shows comes with the rows of the page in one query, however many columns are on: the customer's own row,
its story, or an SQL expression.
"""

from collections.abc import Callable, Iterable
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
        """Where the head shows; what the cells look like is not its own."""
        return " ".join(name for name in self.css.split() if name.startswith("from-"))

    @property
    def cell_css(self) -> str:
        """What the cells look like, wherever they show."""
        return " ".join(name for name in self.css.split() if not name.startswith("from-"))


columns: Registry[Column] = Registry("Column of the customers")

# Always there: it holds the link to the card.
NAME = "name"


def usual() -> list[str]:
    return [name for name in columns.names() if columns[name].usual]


def offered(may: Callable[[Right], bool]) -> list[str]:
    """All columns this person may choose."""
    return [name for name in columns.names() if may(columns[name].right) and not columns[name].of_archived]


def shown(names: Iterable[str], may: Callable[[Right], bool], *, live: bool, archive: bool) -> dict[str, Column]:
    """Those of `names` this person may see, in their order; names nobody knows any more are passed over."""
    known = set(offered(may))
    wanted = list(dict.fromkeys(name for name in names if name in known))
    if NAME not in wanted:
        wanted.insert(0, NAME)
    if archive:
        wanted += [name for name in columns.names() if columns[name].of_archived]
    return {name: columns[name] for name in wanted if live or not columns[name].today_only}
