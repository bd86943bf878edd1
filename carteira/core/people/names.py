"""Names as typed, and what they are sorted and searched by.

Postgres here has no language rules (architecture, section 3), so sorting and searching use text folded in
Python: no accents, no capitals. Every function is linear in its input and caps it before Unicode
normalisation, which is quadratic in stacked accents.
"""

import re
import unicodedata
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_NAME = 200
_MAX_RAW = 1000  # as it arrives, before spaces are collapsed
_MAX_SEARCHED = 1000  # of each searched part; nothing searchable is longer

# Invisible marks that change how text is shown but not what it says: overrides and isolates of the writing
# direction (they can make "gpj.exe" read as "exe.jpg"; phone books paste them around numbers), zero-width
# spaces, soft hyphens. Joiners (U+200C, U+200D) stay: Persian and emoji need them. So do the harmless marks
# U+200E and U+200F.
_INVISIBLE = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x2060, 0xFEFF, 0x00AD])

# Control characters besides tab and line ends, lone surrogates, noncharacters (no file format can carry
# them).
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(chr(plane + end) for plane in range(0x10000, 0x110000, 0x10000) for end in (0xFFFE, 0xFFFF))
    + "]"
)


def visible(text: str) -> str:
    """The text without invisible marks."""
    return text.translate(_INVISIBLE)


def clean_text(text: object, *, limit: int, raw_limit: int | None = None) -> str:
    """One line of text: NFC, spaces collapsed and trimmed, invisible marks stripped; "" for nothing.

    Emoji and every script are welcome. Raises ValidationError with code text_invalid (not text, control
    characters, lone surrogates) or text_too_long (more than `limit` characters).
    """
    if isinstance(text, (int, Decimal)) and not isinstance(text, bool):
        text = _number(text)  # a sheet's numeric cell: a code, a house number
    if not isinstance(text, str):
        if text is None:
            return ""
        raise ValidationError(_("This is not text."), code="text_invalid")
    if len(text) > (raw_limit or max(_MAX_RAW, 2 * limit)):
        raise _too_long(limit)
    if _FORBIDDEN.search(text):
        raise ValidationError(
            _("This text contains control characters or broken symbols: type it again."), code="text_invalid"
        )
    if not text.isascii():
        text = unicodedata.normalize("NFC", visible(text))
    text = " ".join(text.split())
    if len(text) > limit:
        raise _too_long(limit)
    return text


def _number(value: int | Decimal) -> str:
    """A number as a person would type it: 1042 also for Decimal("1042.0"). Giants stay too long for any
    field.
    """
    if not isinstance(value, Decimal):
        return str(value) if value.bit_length() < 64 else "9" * _MAX_RAW
    if value.is_finite() and value.adjusted() < 18 and value == int(value):
        return str(int(value))
    return str(value)


def clean_name(text: object) -> str:
    """The name of a person or company, at most 200 characters: `clean_text`, and code name_blank for none."""
    name = clean_text(text, limit=MAX_NAME)
    if not name or not any(char.isprintable() and not char.isspace() for char in name):
        raise ValidationError(_("A name is needed."), code="name_blank")
    return name


def _too_long(limit: int) -> ValidationError:
    return ValidationError(
        _("This text is too long: at most %(limit)s characters."),
        code="text_too_long",
        params={"limit": limit},
    )


# -- folding

# Letters that Unicode does not take apart, as PostgreSQL's unaccent writes them.
_WHOLE = {
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ħ": "h",
    "ı": "i",
    "ŧ": "t",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ð": "d",
}


def _slow_fold(text: str) -> str:
    """Twice over, because folding capitals can bring back accents (the Turkish dotted I)."""
    for _again in range(2):
        text = unicodedata.normalize("NFKD", text).casefold()
        text = "".join(_WHOLE.get(char, char) for char in text if not unicodedata.combining(char))
    return unicodedata.normalize("NFKC", text)


_LATIN = {code: _slow_fold(chr(code)) for code in (*range(0x41, 0x5B), *range(0xC0, 0x250)) if chr(code).isalpha()}


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    quick = text.translate(_LATIN)
    return quick if quick.isascii() else _slow_fold(text)


# The marks that an accent leaves behind when a letter is taken apart.
_MARKS = dict.fromkeys(range(0x300, 0x370))


def rough_fold(text: str) -> str:
    """Folded at the speed of C, for searching megabytes: as sorting folds Latin letters, nearly so all others."""
    if text.isascii():
        return text.lower()
    quick = text.translate(_LATIN)
    if quick.isascii():
        return quick
    return unicodedata.normalize("NFKD", quick).translate(_MARKS).casefold()


def name_sort(name: str) -> str:
    """The key names are sorted by: no capitals, no accents, one space between words. Its own key is itself.

    At most 200 characters, for one ligature may unfold into 18 letters and an index entry has room for 2,700
    bytes.
    """
    return " ".join(_fold(name[:_MAX_RAW]).split())[:MAX_NAME].rstrip()


# -- searching

_CODE = re.compile(r"(?:[a-z+()./ -]*[0-9]){3}[0-9a-z+()./ -]*")  # three digits at least
_NOT_IN_CODE = str.maketrans("", "", "+()./ -")


def _bare_code(folded: str) -> str:
    """A document or phone without its punctuation; "" for what does not look like one."""
    if len(folded) > 40 or _CODE.fullmatch(folded) is None:
        return ""
    return folded.translate(_NOT_IN_CODE)


def search_text(*parts: str) -> str:
    """What a person is found by (name, e-mail, document, phones, code): folded, a line for each part.

    Documents and phones also stand there without punctuation. For a Brazilian mobile pass `phone_variants`.
    """
    lines: dict[str, None] = {}
    for part in parts:
        folded = " ".join(_fold(part[:_MAX_SEARCHED]).split())
        if folded:
            lines[folded] = None
            bare = _bare_code(folded)
            if bare and bare not in folded:
                lines[bare] = None
    return "\n".join(lines)


def search_needles(query: str) -> tuple[str, ...]:
    """Fragments to look for in `search_text`, any is a hit: the query folded, and as a bare document or
    phone.
    """
    folded = " ".join(_fold(query[:MAX_NAME]).split())
    bare = _bare_code(folded)
    return tuple(dict.fromkeys(needle for needle in (folded, bare) if needle))


# -- showing

_PARTICLES = frozenset({"de", "da", "do", "das", "dos", "e", "del", "la", "las", "los", "y", "di", "van", "von", "der"})


def initials(name: str) -> str:
    """One or two capitals for an avatar: Maria da Silva -> MS, 🎉 Festa -> F; "?" without letters."""
    chosen: list[str] = []
    particles: list[str] = []
    for word in unicodedata.normalize("NFC", name[:_MAX_RAW]).split():
        letter = next((char for char in word if char.isalnum()), "")
        if letter:
            (particles if word.lower() in _PARTICLES else chosen).append(letter)
    chosen = chosen or particles
    if not chosen:
        return "?"
    ends = chosen[:1] if len(chosen) == 1 else [chosen[0], chosen[-1]]
    return "".join(letter.upper()[:1] for letter in ends)
