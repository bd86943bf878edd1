"""Which column of a file is which field: guessed, said by a person, checked."""

from collections.abc import Iterable, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from carteira.core.sheets.guess import guess_columns
from carteira.core.sheets.registry import SheetKind


class CannotMap(ValueError):
    """The columns cannot be understood like that; the text is a sentence for the user."""


def guess(kind: SheetKind, header: Sequence[str]) -> dict[str, str]:
    """{column: field} for the columns whose names say enough."""
    return guess_columns(header, {field.name: _words(field.label, field.synonyms) for field in kind.fields})


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
        if field and field not in kind.names:
            raise CannotMap(
                _("There is no field “%(field)s”. Fields: %(fields)s.")
                % {"field": field, "fields": ", ".join(kind.names)}
            )
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
