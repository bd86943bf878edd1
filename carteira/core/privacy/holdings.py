"""The registry of personal data: which columns of which table hold it, and what becomes of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models

from carteira.core.files.models import StoredFile
from carteira.core.registries import Registry, Text
from carteira.core.walls.models import account_key


@dataclass(frozen=True)
class Tell:
    """`rows(person, account, now)`: the person's rows by the names in `head`, which has a word for people on each that a
    table shows. Asked in the account's scope, in the copy's language."""

    head: Mapping[str, Text]
    rows: Callable[[UUID, Any, datetime], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True)
class Holding:
    """What one table holds. Every text, JSON and file column stands in `erase`, `impersonal` or `files`.

    `title` heads it in an export. `of` is the lookup that leads from a row to its person's id ("customer_id",
    "invoice__customer_id"); without it the rows are nobody's, but may mention people.

    `erase`: column -> what it becomes when the person is anonymised: a value, or a function of the row, which sees what
    the columns before it became. In rows that are nobody's only those that mention the person are emptied.
    `remove`: the person's rows go altogether.
    `impersonal`: columns that hold nobody's data (kinds, numbers), so that nobody has to think twice.
    `files`: foreign keys to stored files: the person's own, or, in rows that are nobody's, files about many people,
    which go when they mention the person.
    `recognised_by`: column -> "name", "email", "document", "phone", "json" for one that holds such keys, or "@kind"
    where the row's column `kind` says it: what the byte search looks for. `export`: further columns a person's copy of the data shows (amounts, days). `derived`: those
    that only repeat others, which it leaves out. `tell`: what the copy says instead of the columns, where these would be
    understood by machines only.
    """

    title: Text
    of: str = ""
    erase: Mapping[str, Any] = field(default_factory=dict)
    remove: bool = False
    impersonal: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    recognised_by: Mapping[str, str] = field(default_factory=dict)
    export: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    tell: "Tell | None" = None

    def declared(self) -> set[str]:
        return {*self.erase, *self.impersonal, *self.files}


# "app.Model" -> what that table holds.
holdings: Registry[Holding] = Registry("Holding of personal data")


def model_of(name: str) -> type[models.Model]:
    return apps.get_model(name)


def named() -> Iterator[tuple[str, type[models.Model], Holding]]:
    """Every declared table, in the order of registration."""
    for name in holdings.names():
        holding = holdings.get(name)
        assert holding is not None
        yield name, model_of(name), holding


def rows_of(name: str, person: UUID) -> models.QuerySet:
    """The person's own rows of a table; none where rows are nobody's. Needs the account's scope."""
    holding, manager = holdings.get(name), model_of(name)._default_manager
    if holding is None or not holding.of:
        return manager.none()
    return manager.filter(**{holding.of: person})


def walled_models() -> list[type[models.Model]]:
    """Every table with an account's data."""
    return [model for model in apps.get_models() if account_key(model) and model._meta.managed]


def undeclared() -> Iterator[str]:
    """A sentence for each column that may hold a person's data and that no room declared, and for each declaration
    that means nothing."""
    for model in walled_models():
        name = model._meta.label
        holding = holdings.get(name)
        known = holding.declared() if holding else set()
        for column in _telling(model):
            if column not in known:
                yield (
                    f"{name}.{column} may hold a person's data: declare the table in its room's personal.py "
                    "(core/privacy/README.md), the column in erase, impersonal or files."
                )
    for name, model, holding in named():
        columns = {column.name for column in model._meta.concrete_fields}
        columns |= {column.attname for column in model._meta.concrete_fields}
        for column in holding.declared() | set(holding.recognised_by) | set(holding.export):
            if column not in columns:
                yield f"{name}.{column} is declared in its room's personal.py, but there is no such column."


_TEXT = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.GenericIPAddressField)


def _telling(model: type[models.Model]) -> Iterator[str]:
    for column in model._meta.concrete_fields:
        target = column.remote_field and column.remote_field.model
        base = getattr(column, "base_field", None)  # of an array
        text = isinstance(column, _TEXT) or isinstance(base, _TEXT)
        if (text and not column.choices) or target is StoredFile or "birth" in column.name:
            yield column.name
