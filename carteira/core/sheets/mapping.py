"""Which column of a file is which field: guessed, said by a person, checked."""

import re
from collections.abc import Iterable, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from carteira.core import people
from carteira.core.sheets.guess import guess_columns
from carteira.core.sheets.registry import SheetKind


class CannotMap(ValueError):
    """The columns cannot be understood like that; the text is a sentence for the user."""


def guess(kind: SheetKind, header: Sequence[str]) -> dict[str, str]:
    """{column: field} for the columns whose names say enough. The account's own words come before everybody's synonyms,
    behind everybody's labels."""
    own = _guess_own(kind, header)
    rest = [column for column in header if column not in own]
    known = {field.name: _words(field.label, field.synonyms) for field in kind.fields if not field.own}
    guessed = own | guess_columns(rest, known)
    return {column: guessed[column] for column in header if column in guessed}


def _guess_own(kind: SheetKind, header: Sequence[str]) -> dict[str, str]:
    """By the name an export of ours gave it, else by its label."""
    own = [field for field in kind.fields if field.own]
    names = {field.name for field in own}
    found = {column: name for column in header for name in names.intersection(_WORDS.split(column))}
    ours = {people.name_sort(str(field.label)) for field in kind.fields if not field.own}
    sorts = {column: people.name_sort(column) for column in header if column and column not in found}
    for field in own:
        label = people.name_sort(str(field.label))
        called = [column for column, sort in sorts.items() if sort == label]
        if len(called) == 1 and label not in ours and field.name not in found.values():
            found[called[0]] = field.name
    return found


_WORDS = re.compile(r"\W+")


def _words(label: object, synonyms: Iterable[str]) -> tuple[str, ...]:
    return (str(label), *synonyms)


def with_said(
    kind: SheetKind, header: Sequence[str], guessed: Mapping[str, str], said: Mapping[str, str]
) -> dict[str, str]:
    """The guess, overruled by what a person said; an empty field leaves a column out. Raises CannotMap."""
    for column, field in said.items():
        if column not in header:
            raise CannotMap(
                _("The file has no column “%(column)s”. Its columns: %(columns)s.")
                % {"column": column, "columns": ", ".join(name for name in header if name)[:500]}
            )
        if field and not kind.named(field):
            raise CannotMap(
                _("There is no field “%(field)s”. Fields: %(fields)s.") % {"field": field, "fields": kind.told_names}
            )
    said = {column: kind.named(field) for column, field in said.items()}
    spoken_for = set(said.values())
    mapping = {column: field for column, field in guessed.items() if column not in said and field not in spoken_for}
    mapping |= {column: field for column, field in said.items() if field}
    return {column: mapping[column] for column in header if column in mapping}


def parse_pairs(pairs: Iterable[str]) -> dict[str, str]:
    """What `--map column=field` says. The field is behind the last "=", for a column's name may hold one.
    Raises CannotMap.
    """
    said: dict[str, str] = {}
    for pair in pairs:
        column, equals, field = pair.rpartition("=")
        if not equals or not column:
            raise CannotMap(
                _("“%(pair)s” does not say which column is which field: write column=field.") % {"pair": pair}
            )
        said[column.strip()] = field.strip()
    return said


def check(kind: SheetKind, header: Sequence[str], mapping: Mapping[str, str], key: str | None) -> str:
    """The key to use. Raises CannotMap with a sentence when the columns do not suffice or contradict each
    other.
    """
    mapped = set(mapping.values())
    for field in kind.fields:
        columns = [column for column, name in mapping.items() if name == field.name]
        if len(columns) > 1:
            raise CannotMap(
                _("The columns %(columns)s cannot all be “%(field)s”: choose one.")
                % {"columns": ", ".join(f"“{column}”" for column in columns), "field": field.label}
            )
        if field.required and not columns:
            raise CannotMap(
                _("Say which column is “%(field)s”: without it nothing can be imported.") % {"field": field.label}
            )
    if unknown := mapped - set(kind.names):
        raise CannotMap(_("There is no field “%(field)s”.") % {"field": sorted(unknown)[0]})
    if missing := [column for column in mapping if column not in header]:
        raise CannotMap(_("The file has no column “%(column)s”.") % {"column": missing[0]})
    for one_of, sentence in kind.needs:
        if not mapped.intersection(one_of):
            raise CannotMap(str(sentence))
    return _key(kind, mapped, key)


def versions(kind: SheetKind, mapping: Mapping[str, str]) -> dict[str, str]:
    """{field: what it is now}, of the mapped fields that may become something else."""
    return {field.name: field.version for field in kind.fields if field.version and field.name in mapping.values()}


def still(kind: SheetKind, mapping: Mapping[str, str], then: Mapping[str, str]) -> None:
    """Raises CannotMap where a field is not what it was (`versions`) when the columns were said."""
    now = versions(kind, mapping)
    for column, name in mapping.items():
        if name in then and name not in now:
            raise CannotMap(
                _("The field of the column “%(column)s” was removed meanwhile. Say again which column is which.")
                % {"column": column}
            )
        if name in then and now[name] != then[name]:
            raise CannotMap(
                _("The field “%(field)s” became another type meanwhile. Say again which column is which.")
                % {"field": kind.field(name).label}
            )


def _key(kind: SheetKind, mapped: set[str], key: str | None) -> str:
    if not key:
        return next((name for name in kind.keys if name in mapped), kind.keys[0])
    if key not in kind.keys:
        raise CannotMap(_("The key is one of: %(keys)s.") % {"keys": ", ".join(kind.keys)})
    if key not in mapped:
        raise CannotMap(
            _("No column is “%(field)s”, so it cannot say which customer a line means.")
            % {"field": kind.field(key).label}
        )
    return key


def sentence(error: ValidationError) -> str:
    """A validator's refusal in one line."""
    return " ".join(str(message) for message in error.messages)
