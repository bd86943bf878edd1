"""What is typed into a field of a kind, what is stored of it, and how it is shown. Never saves."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from carteira.accounts.models import Account
from carteira.core import dates, people
from carteira.core.money import Money, parse_amount
from carteira.core.ui import formats
from carteira.customers.fields.models import CHOSEN, Field, FieldValue, Kind
from carteira.customers.forms import clean_lines

MAX_TEXT, MAX_ADDRESS, MAX_URL = 200, 300, 500
# Numbers are stored times 10^4. Amounts of this currency have as many decimals, so core.money reads them.
SCALE, _FOUR_DECIMALS = 4, "CLF"
_URL = URLValidator(schemes=("http", "https"))


@dataclass(frozen=True)
class Said:
    """One row of FieldValue, not stored yet."""

    said: str
    text: str
    number: int | None = None
    on: date | None = None
    option: str = ""
    fits: bool = True


def key_of(row: Said | FieldValue) -> tuple[Any, ...]:
    """Alike in rows that say the same; `text` follows from it."""
    return (row.option, row.said, row.number, row.on, row.fits)


@dataclass(frozen=True)
class Reading:
    """Whose text it is: the business, the day, and how dates and numbers are written there."""

    account: Account
    now: datetime
    language: str = ""
    # A spreadsheet may have eaten the zeros in front of documents.
    restore_zeros: bool = False

    @property
    def written_in(self) -> str:
        return self.language or str(self.account.language)


def clean(field: Field, typed: Any, reading: Reading) -> list[Said]:
    """What is typed, sent or stands in a cell, as rows; none for nothing. Choices are named by id or label, several
    separated by a comma, semicolon or line. Raises ValidationError with a sentence."""
    if typed is None or (isinstance(typed, str) and not typed.strip()):
        return []
    if field.kind in CHOSEN:
        return _choices(field, typed)
    said = _CLEANERS[Kind(field.kind)](typed, reading)
    return [said] if said.said else []


def _plain(said: str) -> Said:
    return Said(said, people.name_sort(said))


def _number(typed: Any, reading: Reading) -> Said:
    if isinstance(typed, str):
        typed = typed.strip().removesuffix("%")
    try:
        scaled = parse_amount(typed, currency=_FOUR_DECIMALS, language=reading.written_in)
    except ValidationError as error:
        raise _no_number(error, typed) from None
    said = f"{plain_number(scaled):f}"
    return Said(said, said, number=scaled)


def _no_number(error: ValidationError, typed: Any) -> ValidationError:
    if error.code == "amount_ambiguous":
        return error
    if error.code == "amount_decimals":
        return ValidationError(_("A number has at most four decimals."), code="number_decimals")
    if error.code == "amount_too_large":
        return ValidationError(_("This number is too large."), code="number_too_large")
    return ValidationError(
        _("“%(text)s” is not a number."), code="number_invalid", params={"text": str(typed).strip()[:40]}
    )


def plain_number(scaled: int) -> Decimal:
    """Without the zeros behind: 12.5 for 125000."""
    whole, rest = divmod(scaled, 10**SCALE)
    return Decimal(whole) if rest == 0 else Decimal(scaled).scaleb(-SCALE).normalize()


def _money(typed: Any, reading: Reading) -> Said:
    minor = parse_amount(typed, currency=reading.account.currency, language=reading.written_in)
    said = f"{Money(minor, reading.account.currency).amount:f}"
    return Said(said, said, number=minor)


def _date(typed: Any, reading: Reading) -> Said:
    day = dates.parse_date(typed, language=reading.written_in, zone=reading.account.time_zone)
    return Said(day.isoformat(), day.isoformat(), on=day)


def _url(typed: Any, reading: Reading) -> Said:
    text = people.clean_text(typed, limit=MAX_URL)
    text = text if "://" in text else f"https://{text}"
    try:
        _URL(text)
    except ValidationError:
        raise ValidationError(
            _("This is not a link. Example: instagram.com/yourbusiness."), code="url_invalid"
        ) from None
    return _plain(text)


_YES = {"1", "yes", "y", "true", "sim", "s", "si", "verdadeiro", "verdadero", "x"}
_NO = {"0", "no", "n", "false", "nao", "falso"}


def _yes_no(typed: Any, reading: Reading) -> Said:
    word = people.name_sort(str(int(typed) if isinstance(typed, bool) else typed))
    if word not in _YES | _NO:
        raise ValidationError(_("Write yes or no."), code="yes_no_unknown")
    said = "1" if word in _YES else "0"
    return Said(said, said, number=int(said))


def _document(typed: Any, reading: Reading) -> Said:
    kind, value = people.clean_document(typed, reading.account.country, restore_zeros=reading.restore_zeros)
    return Said(f"{kind}:{value}", people.name_sort(value))


_CLEANERS: dict[Kind, Callable[[Any, Reading], Said]] = {
    Kind.TEXT: lambda typed, reading: _plain(people.clean_text(typed, limit=MAX_TEXT)),
    Kind.LONG: lambda typed, reading: _plain(clean_lines(typed)),
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.DATE: _date,
    Kind.EMAIL: lambda typed, reading: _plain(people.clean_email(typed)),
    Kind.PHONE: lambda typed, reading: _plain(people.clean_phone(typed, reading.account.country)),
    Kind.URL: _url,
    Kind.YES_NO: _yes_no,
    Kind.DOCUMENT: _document,
    Kind.ADDRESS: lambda typed, reading: _plain(people.clean_text(typed, limit=MAX_ADDRESS)),
}


def _choices(field: Field, typed: Any) -> list[Said]:
    known = {option["id"]: option["label"] for option in field.options}
    by_label = {people.name_sort(option["label"]): option["id"] for option in field.living_options}
    found = []
    for word in [whole] if (whole := str(typed).strip()) in known else _words(whole, by_label):
        id = word if word in known else by_label.get(people.name_sort(word), "")
        if not id:
            raise choice_unknown(field, word)
        found.append(id)
    return chosen(field, found)


def called(field: Field, typed: Any, *, removed: bool = False) -> list[Said]:
    """Choices by their labels alone, as files have them; with `removed` also of those that were taken away. Raises
    ValidationError."""
    options = [option for option in field.options if removed or not option.get("removed")]
    by_label = {
        people.name_sort(option["label"]): option["id"]
        for option in sorted(options, key=lambda option: not option.get("removed"))
    }
    found = []
    for word in _words(str(typed).strip(), by_label):
        if people.name_sort(word) not in by_label:
            raise choice_unknown(field, word)
        found.append(by_label[people.name_sort(word)])
    return chosen(field, found)


def choice_unknown(field: Field, word: str) -> ValidationError:
    return ValidationError(
        _("“%(text)s” is none of the choices: %(choices)s."),
        code="choice_unknown",
        params={"text": word[:40], "choices": ", ".join(option["label"] for option in field.living_options[:20])},
    )


def chosen(field: Field, ids: Sequence[str]) -> list[Said]:
    """Raises ValidationError."""
    found = set(ids)
    if field.kind == Kind.CHOICE and len(found) > 1:
        raise ValidationError(_("Choose one."), code="choice_one")
    return [option_said(option["id"], option["label"]) for option in field.options if option["id"] in found]


def option_said(id: str, label: str) -> Said:
    return Said(label, people.name_sort(label), option=id)


_APART = re.compile(r"[,;|\n]")


def _words(text: str, labels: Mapping[str, str]) -> list[str]:
    """What stands between commas, semicolons, bars and lines; a label that holds some itself stays whole."""
    if people.name_sort(text) in labels:
        return [text]
    ends = [mark.start() for mark in _APART.finditer(text)] + [len(text)]
    words, start, at = [], 0, 0
    while at < len(ends):
        ahead = range(at, min(at + _PARTS, len(ends)))
        at = next((nth for nth in reversed(ahead) if people.name_sort(text[start : ends[nth]]) in labels), at)
        if word := text[start : ends[at]].strip():
            words.append(word)
        start, at = ends[at] + 1, at + 1
    return words


# Of so many parts a label may be made by what sets choices apart.
_PARTS = 10


def written(field: Field, rows: Sequence[FieldValue], reading: Reading) -> str:
    """What is stored as a person types it; choices by their ids."""
    if not rows:
        return ""
    if field.kind in CHOSEN and all(row.option for row in rows):
        order = [option["id"] for option in field.options]
        return ",".join(sorted((row.option for row in rows), key=order.index))
    row = rows[0]
    if not row.fits:
        return row.said
    if field.kind == Kind.NUMBER:
        return _number_written(plain_number(row.number or 0))
    if field.kind == Kind.MONEY:
        return Money(row.number or 0, reading.account.currency).format_plain(formats.reader_locale())
    if field.kind == Kind.DATE and row.on is not None:
        return row.on.isoformat() if (get_language() or "").startswith("en") else formats.day(row.on)
    if field.kind == Kind.PHONE:
        return people.format_phone(row.said, reading.account.country)
    if field.kind == Kind.DOCUMENT:
        return people.format_document(*_parted(row.said))
    return row.said


def _number_written(value: Decimal) -> str:
    """Without thousands, and never with three decimals, which could be thousands."""
    if value.as_tuple().exponent == -3:
        value = value.quantize(Decimal(1).scaleb(-SCALE))
    return format_decimal(value, locale=formats.reader_locale(), decimal_quantization=False, group_separator=False)


def shown(
    field: Field, rows: Sequence[FieldValue], reading: Reading, *, whole: bool = True, between: str = ", "
) -> str:
    """What is stored as people read it: choices and yes and no by their names. `whole`: documents without holes;
    `between` several choices."""
    if not rows:
        return ""
    if field.kind in CHOSEN:
        order = {option["id"]: nth for nth, option in enumerate(field.options)}
        return between.join(row.said for row in sorted(rows, key=lambda row: order.get(row.option, len(order))))
    row = rows[0]
    if not row.fits:
        return row.said
    if field.kind == Kind.YES_NO:
        return _("Yes") if row.number else _("No")
    if field.kind == Kind.NUMBER:
        return format_decimal(plain_number(row.number or 0), locale=formats.reader_locale(), decimal_quantization=False)
    if field.kind == Kind.MONEY:
        return formats.money(row.number or 0, reading.account.currency)
    if field.kind == Kind.DATE and row.on is not None:
        return formats.day(row.on)
    if field.kind == Kind.DOCUMENT and not whole:
        return people.mask_document(*_parted(row.said))
    return written(field, rows, reading)


def _parted(said: str) -> tuple[str, str]:
    kind, _colon, value = said.partition(":")
    return kind, value
