"""Contacts of a phone or mail program (vCard 2.1, 3.0, 4.0) into rows: one card a row, the same columns for every file.

A small reader, because what programs write is not what the standards say: quoted-printable with lines that go on, items
named item1.TEL, types with and without TYPE=. Photos and everything else not asked for are passed by.
"""

import io
import quopri
import re
from collections.abc import Iterator
from typing import BinaryIO

from .csv_rows import BATCH_ROWS, Batch, Table
from .encoding import find_encoding
from .header import Header
from .problems import Problem

COLUMNS = ["FN", "N given", "N family", "ORG", "EMAIL", "EMAIL more", "TEL", "TEL more"]
COLUMNS += ["ADR street", "ADR city", "ADR region", "ADR code", "ADR country", "BDAY", "NOTE", "UID"]

_BEGIN = re.compile(rb"\s*BEGIN[ \t]*:[ \t]*VCARD\s", re.IGNORECASE)
_WANTED = {"FN", "N", "ORG", "EMAIL", "TEL", "ADR", "BDAY", "NOTE", "UID"}
_LONGEST = 20_000  # characters of one property that are kept
_MOST_LINES = 100_000  # of one card
_PARAMETER = re.compile(r';((?:[^";:]|"[^"]*")*)')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def is_vcard(head: bytes) -> bool:
    """By its first bytes, whatever the encoding."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode()
    return _BEGIN.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def open_vcard(file: BinaryIO, size: int) -> Table:
    """Raises `Problem` for whatever concerns the file as a whole."""
    encoding, mixed = find_encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace" if mixed else "strict", newline=None)
    header = Header(list(COLUMNS), line=1, limit=len(COLUMNS))
    return Table(kind="vcf", header=header, batches=_batches(text, file, size), encoding=encoding)


def _batches(text: io.TextIOWrapper, file: BinaryIO, size: int) -> Iterator[tuple[Batch, int]]:
    batch, any_card = Batch(), False
    for line, card in _cards(text):
        any_card = True
        if card is None:
            batch.refuse(line, "broken_card", [])
        else:
            batch.lines.append(line)
            batch.rows.append(_row(card))
        if len(batch) >= BATCH_ROWS:
            yield batch, min(file.tell() * 100 // max(size, 1), 100)
            batch = Batch()
    if not any_card:
        raise Problem("empty")
    yield batch, 100


def _cards(text: io.TextIOWrapper) -> Iterator[tuple[int, list[tuple[str, list[str], str]] | None]]:
    """(the line a card begins on, its wanted properties), None for one that is not complete."""
    begun, properties = 0, []  # type: tuple[int, list[tuple[str, list[str], str]]]
    for number, line in _logical(text):
        word = line.strip().upper().replace(" ", "")
        if word == "BEGIN:VCARD":
            if begun:
                yield begun, None
            begun, properties = number, []
        elif word == "END:VCARD":
            if begun:
                yield begun, properties
            begun = 0
        elif begun and number - begun > _MOST_LINES:
            yield begun, None
            begun = 0
        elif begun and (found := _property(line)) is not None:
            properties.append(found)
    if begun:
        yield begun, None


def _logical(text: io.TextIOWrapper) -> Iterator[tuple[int, str]]:
    """Lines with what goes on in the next ones; of properties nobody asked for only the beginning."""
    held, at, soft = "", 0, False
    for number, physical in enumerate(text, 1):
        line = physical.rstrip("\r\n")
        if soft or (line[:1] in (" ", "\t") and held):
            if len(held) < _LONGEST:
                held = (held[:-1] + line) if soft else held + line[1:]
        else:
            if held:
                yield at, held
            held, at = line[:_LONGEST], number
        soft = line.endswith("=") and "QUOTED-PRINTABLE" in held[:200].upper() and len(held) < _LONGEST
    if held:
        yield at, held


def _property(line: str) -> tuple[str, list[str], str] | None:
    """(name, its types in capitals, the value as written but decoded)."""
    name = re.match(r"(?:[A-Za-z0-9-]+\.)?([A-Za-z-]+)", line)
    if name is None or name[1].upper() not in _WANTED:
        return None
    place, parameters = name.end(), []
    while found := _PARAMETER.match(line, place):
        parameters.append(found[1])
        place = found.end()
    if line[place : place + 1] != ":":
        return None
    value, types, charset, quoted = line[place + 1 :], [], "utf-8", False
    for parameter in parameters:
        key, _equals, said = parameter.upper().rpartition("=")
        said = said.strip('"')
        if key == "CHARSET":
            charset = said
        elif said == "QUOTED-PRINTABLE":
            quoted = True
        elif key == "PREF":
            types.append("PREF")
        else:
            types += said.split(",")
    if quoted:
        try:
            value = quopri.decodestring(value.encode("latin-1", "replace")).decode(charset, "replace")
        except LookupError:
            value = quopri.decodestring(value.encode("latin-1", "replace")).decode("utf-8", "replace")
    return name[1].upper(), types, value.replace("\0", "")


def _row(card: list[tuple[str, list[str], str]]) -> list[str | None]:
    found: dict[str, str] = {}
    emails, phones = _preferred(card, "EMAIL"), _preferred(card, "TEL")
    for name, _types, value in card:
        parts = [_plain(part) for part in _split(value)]
        if name in {"FN", "BDAY", "NOTE", "UID"}:
            found.setdefault(name, _plain(value))
        elif name == "ORG":
            found.setdefault("ORG", parts[0])
        elif name == "N":
            found.setdefault("N family", parts[0])
            found.setdefault("N given", " ".join(filter(None, parts[1:3])))
        elif name == "ADR" and "ADR street" not in found:
            street, city, region, code, country = ([*parts, *[""] * 7])[2:7]
            found |= {"ADR street": street, "ADR city": city, "ADR region": region, "ADR code": code}
            found["ADR country"] = country
    for column, values in (("EMAIL", emails), ("TEL", phones)):
        found[column], found[f"{column} more"] = "".join(values[:1]), "; ".join(values[1:])
    return [found.get(column) or None for column in COLUMNS]


def _preferred(card: list[tuple[str, list[str], str]], wanted: str) -> list[str]:
    """Values of one property, each once: the preferred first, then mobiles."""
    values = [(types, _plain(value)) for name, types, value in card if name == wanted]
    values.sort(key=lambda pair: ("PREF" not in pair[0], "CELL" not in pair[0]))
    plain = (re.sub(r"(?i)^(tel|mailto):", "", value) for _types, value in values)
    return list(dict.fromkeys(value for value in plain if value))


def _split(value: str) -> list[str]:
    """By the semicolons that are not escaped."""
    parts, part, escaped = [], "", False
    for character in value:
        if character == ";" and not escaped:
            parts.append(part)
            part = ""
        else:
            part += character
        escaped = character == "\\" and not escaped
    return [*parts, part]


def _plain(value: str) -> str:
    """Without escapes; a line break within becomes a space."""
    text = _ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], value)
    return " ".join(text.split())
