"""Cells as text in files that people open in a spreadsheet program. Shared by refused lines, exports and the
reader.

A cell that begins like a formula would be *run* by the program that opens the file (ASVS 1.2.10), so it gets
an apostrophe in front, as every spreadsheet program does itself for text; reading a CSV takes it off again.
The pair is exact for any text: `restore(neutralise(text)) == text`. Plain Python: the child process uses it
too.
"""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

APOSTROPHE = "'"
FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"

NEUTRALISED = re.compile(f"'[{re.escape(FORMULA_STARTS)}]")
"""Found in a text that may hold neutralised cells; cheap to ask of a whole block before looking at cells."""

_HARMLESS = re.compile(
    r"[+-] ?(?:R\$|US\$|\$|€)? ?[0-9][0-9., \u00a0]*%?"  # -10,00   +5   -R$ 1.234,56   -3,5%
    r"|-+"  # a dash as "nothing here"
)
_PHONE = re.compile(r"\+[0-9][0-9 ().-]{6,24}")


def _is_formula(text: str) -> bool:
    if not text or text[0] not in FORMULA_STARTS:
        return False
    if _HARMLESS.fullmatch(text):
        return False
    return not (_PHONE.fullmatch(text) and 8 <= sum(map(str.isdigit, text)) <= 15)


def neutralise(text: str) -> str:
    """The text with an apostrophe in front if a spreadsheet program could run it; `-10,00` and `+55 11
    99999-0000` stay as they are.
    """
    return APOSTROPHE + text if _is_formula(text.lstrip(APOSTROPHE)) else text


def restore(text: str) -> str:
    """Undoes `neutralise`, exactly; every other text comes back unchanged."""
    return text[1:] if text[:1] == APOSTROPHE and _is_formula(text.lstrip(APOSTROPHE)) else text


def as_text(value: Any, *, decimal_comma: bool = False) -> str:
    """A typed cell as text that the import reads back as the same value: ISO dates, plain numbers without
    thousands.

    A number with exactly three decimals gets a fourth, because `1.234` alone could be one thousand or one and
    a bit.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        plain = f"{value:f}"
        if len(plain.partition(".")[2]) == 3:
            plain += "0"
        return plain.replace(".", ",") if decimal_comma else plain
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes, seconds = divmod(value // timedelta(seconds=1), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    return str(value)
