"""What can be imported: rooms register one `SheetKind` each (customers, payments, invoices)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from carteira.core import people
from carteira.core.registries import Registry, Text

if TYPE_CHECKING:
    from carteira.core.sheets.staging import Stage

type Cleaner = Callable[[Any], Any]
"""A cell that is not blank -> its stored form. Raises ValidationError with a sentence for whoever typed it."""


@dataclass(frozen=True)
class Reading:
    """What cleaning and writing one import's rows may ask. `language` is its reader's, `now` an aware UTC
    moment.
    """

    account: Any
    language: str
    now: datetime
    by: Any
    import_id: UUID
    # The identifier that says which customer a line means, and the fields that the file's columns give.
    key: str
    fields: frozenset[str]
    # What the kind's `prepare` gave.
    prepared: Any = None

    @property
    def today(self) -> date:
        return self.account.today(self.now)


@dataclass(frozen=True)
class Field:
    """A column a file may bring. `cleaner` builds its validator once per import; forms use the same
    functions.
    """

    name: str
    label: Text
    cleaner: Callable[[Reading], Cleaner]
    # Names of columns it is guessed from, in Portuguese, Spanish and English; see guess.guess_columns.
    synonyms: tuple[str, ...] = ()
    # Staging columns (name, PostgreSQL type); several when the cleaner returns a tuple.
    columns: tuple[tuple[str, str], ...] = ()
    # A column must be mapped to it, and a line without it is refused.
    required: bool = False
    # Few different values among many lines (days, cities): each is cleaned once.
    repeats: bool = False
    # Only files that an export of ours made have it: neither offered nor shown in the example.
    ours: bool = False
    # Not stored: a part from which `derive` makes that field (first and last names, the name). Other programs' exports
    # have them; the example leaves them out.
    part_of: str = ""
    # One of the account's own, which `SheetKind.more` gave.
    own: bool = False
    # How files of ours call its column, where its label alone would mean another field.
    heading: str = ""
    # What it must still be when the file is read as when its columns were said, of a field that may change.
    version: str = ""
    # Its cells in the example, in the order of the kind's `sample`.
    samples: tuple[Any, ...] = ()

    @property
    def staged(self) -> tuple[tuple[str, str], ...]:
        return self.columns or ((self.name, "text"),)


@dataclass
class Batch:
    """Rows that passed their fields' cleaners: line numbers, and one list of values per staging column."""

    lines: list[int]
    columns: dict[str, list[Any]]
    refused: dict[int, str] = field(default_factory=dict)

    def refuse(self, at: int, reason: Text) -> None:
        """Refuse the row at this place for a reason that concerns several of its cells."""
        self.refused.setdefault(at, str(reason))

    def column(self, name: str) -> list[Any]:
        """A column's values; None for each row when the file does not bring it."""
        return self.columns.get(name) or [None] * len(self.lines)


@dataclass(frozen=True)
class Counts:
    """What becomes of the rows that were not refused."""

    created: int
    updated: int
    unchanged: int


@dataclass(frozen=True)
class Undo:
    """How a kind's imports are taken back (undo.py).

    - `events`: kinds of events that name, with `import` in what they tell, every customer an import touched.
    - `take_back(taking)`: takes back what the import did to the customers in the temporary table undo.BATCH (it holds
      their rows first, in the order of ids); gives how many rows were removed, put back and reversed, by those names.
    - `reasons`: why something was left as it is; {what} is filled in.
    - `text`: what it does, told before.
    """

    events: tuple[str, ...]
    take_back: Callable[[Any], dict[str, int]]
    reasons: dict[str, Text]
    text: Text


@dataclass(frozen=True)
class Shown:
    """One line of a check's sample: whom it concerns, and (label, old value, new value) of what changes."""

    line: int
    title: str
    new: bool
    changes: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class SheetKind:
    """One subject that can be imported.

    - `derive(batch, reading)`: adds the `derived` staging columns and refuses rows whose cells contradict
      each other.
    - `match(stage, reading)`: in the transaction that will write; refuses lines (stage.refuse), decides about
      the others, and counts them. It writes nothing but temporary tables: a check ends here.
    - `write(stage, reading)`: writes what was decided, set-based.
    - `show(stage, reading, count)`: after `match`, so many of the new and so many of the changed rows.
    """

    name: str
    label: Text
    right: str
    fields: tuple[Field, ...]
    derived: tuple[tuple[str, str], ...]
    derive: Callable[[Batch, Reading], None]
    match: Callable[["Stage", Reading], Counts]
    write: Callable[["Stage", Reading], None]
    # Asked once, in the account's scope, before the file is read (reading has none): calendars and the like.
    prepare: Callable[[Reading], Any] = lambda reading: None
    # The tables it writes to.
    tables: tuple[str, ...] = ()
    # Identifiers that may say which customer a line means, in order of preference.
    keys: tuple[str, ...] = ("code", "document", "email")
    # Sets of fields of which one must be mapped, each with the sentence said otherwise.
    needs: tuple[tuple[tuple[str, ...], Text], ...] = ()
    # Rows of a file that shows how one looks, in the fields' own order of columns.
    sample: tuple[Sequence[Any], ...] = ()
    show: Callable[["Stage", Reading, int], list[Shown]] = lambda stage, reading, count: []
    undo: Undo | None = None
    icon: str = "table"
    # What it brings, in a sentence, and the route of the screen where it can be seen afterwards.
    text: Text = ""
    seen_at: str = ""
    # Further fields that the account has of its own, in its scope.
    more: Callable[[Any], Sequence[Field]] = field(default=lambda account: (), repr=False)

    def of(self, account: Any) -> "SheetKind":
        """The kind with the account's own fields behind everybody's; asked in its scope. What understands a file's
        columns, cleans, shows or writes them takes this one."""
        own = tuple(self.more(account))
        return replace(self, fields=(*self.fields, *own)) if own else self

    def named(self, said: str) -> str:
        """The name of a field by its name, or of one of the account's own by its label; "" for none."""
        if said in self.names:
            return said
        wanted = people.name_sort(said)
        return next(
            (field.name for field in self.fields if field.own and people.name_sort(str(field.label)) == wanted), ""
        )

    @property
    def told_names(self) -> str:
        """For people: the names of the fields; the account's own by their labels."""
        return ", ".join(str(field.label) if field.own else field.name for field in self.fields)

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)

    def staged_besides(self, reading: Reading) -> list[tuple[str, str]]:
        """The staging columns that `derive` adds: also a field that the file only brings in parts."""
        made = {field.part_of for field in self.fields if field.part_of and field.name in reading.fields}
        whole = [field for field in self.fields if field.name in made and field.name not in reading.fields]
        return [*(pair for field in whole for pair in field.staged), *self.derived]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)


kinds: Registry[SheetKind] = Registry("Sheet kind")
