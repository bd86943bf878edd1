"""Which column of a file is which field, from the columns' names. Never guesses where two answers are
possible.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from .refusals import is_added

type _Words = tuple[str, ...]

# Words that carry no meaning between two others: "data de pagamento" is "data pagamento".
_FILLERS = frozenset(
    [
        "a",
        "as",
        "da",
        "das",
        "de",
        "del",
        "do",
        "dos",
        "e",
        "el",
        "em",
        "en",
        "la",
        "las",
        "los",
        "o",
        "os",
        "of",
        "on",
        "the",
        "y",
    ]
)
_EMAIL = re.compile(r"\be[\W_]+mail\b")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def guess_columns(header: Sequence[str], fields: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """{column as in the header: field}, in the header's order, each field at most once.

    `fields` gives each field's synonyms in every language; the field's own name is one of them. Case,
    accents, punctuation and small words do not matter. A name that *is* a synonym comes first; then names
    that contain one (more words beat fewer). A synonym written `=data` must be the whole name, because on its
    own it says too little. Columns or fields with two equally good answers are left out, and so are the two
    columns that a file of refused lines has in front.
    """
    columns = {name: _words(name) for name in header if name and not is_added(name)}
    synonyms = {field: _synonyms(field, given) for field, given in fields.items()}
    exact = {
        (column, field): 1
        for column, words in columns.items()
        for field, known in synonyms.items()
        if any("".join(words) == "".join(synonym) for synonym, _ in known)
    }
    contained = {
        (column, field): longest
        for column, words in columns.items()
        for field, known in synonyms.items()
        if (longest := max((len(s) for s, whole in known if not whole and _within(s, words)), default=0))
    }
    # Whatever an exact name claims is settled, even if claimed twice: no weaker guess may slip in there.
    guessed = _undisputed(exact)
    settled = {column for column, _ in exact} | {field for _, field in exact}
    weaker = {pair: score for pair, score in contained.items() if settled.isdisjoint(pair)}
    guessed |= _undisputed(weaker)
    return {column: guessed[column] for column in header if column in guessed}


def _undisputed(scores: dict[tuple[str, str], int]) -> dict[str, str]:
    """The pairs that beat every other pair with the same column or the same field."""
    rivals: dict[tuple[str, str], list[int]] = defaultdict(list)
    for (column, field), score in scores.items():
        rivals["column", column].append(score)
        rivals["field", field].append(score)
    best = {side: max(found) if found.count(max(found)) == 1 else 0 for side, found in rivals.items()}
    return {
        column: field
        for (column, field), score in scores.items()
        if score == best["column", column] == best["field", field]
    }


def _synonyms(field: str, given: Iterable[str]) -> list[tuple[_Words, bool]]:
    """(words, whether they must be the whole name)."""
    known = [(_words(text), text.startswith("=")) for text in (field, *given)]
    return [(words, whole) for words, whole in known if words]


def _words(text: str) -> _Words:
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", text)).casefold()
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    plain = _EMAIL.sub("email", plain)
    words = tuple(word for word in re.split(r"[\W_]+", plain) if word)
    return tuple(word for word in words if word not in _FILLERS) or words


def _within(synonym: _Words, words: _Words) -> bool:
    return any(words[at : at + len(synonym)] == synonym for at in range(len(words) - len(synonym) + 1))
