"""Phones: stored as E.164, read as people of the account's country write them (feature map 6.7).

Google's phonenumbers knows the numbering plans. Its parser is too slow for a sheet of 100,000 rows, so the
shapes that nearly every number has are recognised by its own patterns without it; a property test holds the
two together.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from carteira.core.people.cells import code_text

_MAX_PHONE = 40
_PUNCTUATION = str.maketrans("", "", " ().-/\t")
_LETTERS = re.compile(r"[^\W\d_xX]")  # old Brazilian style is 0xx11 3265-4321

# Brazilian mobiles had eight digits, beginning with 6 to 9, before a 9 was put in front (2012 to 2016). Old
# lists and many WhatsApp accounts still go without it: such a number is kept as given and found by both.
_BR_WITH_NINTH = re.compile(r"\+55([1-9][1-9])9([6-9][0-9]{7})")
_BR_WITHOUT_NINTH = re.compile(r"\+55([1-9][1-9])([6-9][0-9]{7})")


@dataclass(frozen=True, slots=True)
class _Plan:
    """A country's numbering plan, taken from phonenumbers' metadata."""

    calling_code: str
    valid: re.Pattern[str]
    prefixes: tuple[re.Pattern[str], ...]  # dialled in front of a number: what begins so needs the parser
    longest: int


@lru_cache(maxsize=64)
def _plan(country: str) -> _Plan | None:
    found = phonenumbers.PhoneMetadata.metadata_for_region(country)
    if found is None:
        return None
    kinds = [kind.national_number_pattern for kind in (found.mobile, found.fixed_line) if kind is not None]
    prefixes = [prefix for prefix in (found.national_prefix_for_parsing, found.international_prefix) if prefix]
    return _Plan(
        calling_code=str(found.country_code),
        valid=re.compile("|".join(f"(?:{kind})" for kind in kinds if kind)),
        prefixes=tuple(re.compile(prefix) for prefix in prefixes),
        longest=max(found.general_desc.possible_length) if found.general_desc is not None else 15,
    )


def clean_phone(value: object, country: str) -> str:
    """E.164 of a number as written in `country` (ISO 3166), e.g. (11) 98765-4321 -> +5511987654321.

    Numbers of other countries need their +. A Brazilian mobile without its ninth digit is kept without it.
    Raises ValidationError with code phone_blank, phone_invalid, phone_no_area (area code missing),
    phone_extension or phone_shortened. Sentences never repeat the number: it is personal data.
    """
    text, _numeric = code_text(value, limit=_MAX_PHONE, code="phone")
    area = text.rfind("(")
    if area > 4 and sum(char.isdigit() for char in text[:area]) > 4:
        raise _invalid()  # an area code in brackets behind the number would become its end
    return _quick(text.translate(_PUNCTUATION), country) or _parsed(text, country)


def _quick(digits: str, country: str) -> str | None:
    """The common shapes: national number, or the same behind the country's calling code with or without +."""
    plan = _plan(country)
    if plan is None:
        return None
    if digits[:1] == "+":
        if not digits.startswith(plan.calling_code, 1):
            return None
        digits = digits[1 + len(plan.calling_code) :]
    elif len(digits) > plan.longest and digits.startswith(plan.calling_code):
        digits = digits[len(plan.calling_code) :]
    e164 = f"+{plan.calling_code}{digits}"
    if not digits.isascii() or any(found and found.end() for found in (p.match(digits) for p in plan.prefixes)):
        return None
    return e164 if plan.valid.fullmatch(digits) or _is_old_mobile(e164) else None


@lru_cache(maxsize=4096)  # refusals are not kept
def _parsed(text: str, country: str) -> str:
    if _LETTERS.search(text):
        raise _invalid()
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise _invalid() from None
    if number.extension:
        raise ValidationError(_("Write the number without its extension."), code="phone_extension")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if phonenumbers.is_valid_number(number) or _is_old_mobile(e164):
        return e164
    if country == "BR" and number.country_code == 55 and len(e164) in (11, 12):
        raise ValidationError(_("The area code is missing: write it as in (11) 98765-4321."), code="phone_no_area")
    raise _invalid()


def _is_old_mobile(e164: str) -> bool:
    """Eight digits behind an area code that exists: one in which a landline would be valid."""
    found = _BR_WITHOUT_NINTH.fullmatch(e164)
    plan = _plan("BR")
    return found is not None and plan is not None and plan.valid.fullmatch(f"{found[1]}3{found[2][1:]}") is not None


def phone_variants(e164: str) -> tuple[str, ...]:
    """The number itself, then its twin: a Brazilian mobile with and without the ninth digit.

    Landlines have no twin. Symmetric: b is a variant of a exactly when a is one of b. A mobile such as 9
    2345-6789 has no twin, for without its 9 it would be somebody's landline.
    """
    found = _BR_WITH_NINTH.fullmatch(e164)
    if found is not None:
        return e164, f"+55{found[1]}{found[2]}"
    found = _BR_WITHOUT_NINTH.fullmatch(e164)
    if found is not None:
        return e164, f"+55{found[1]}9{found[2]}"
    return (e164,)


@lru_cache(maxsize=8192)
def format_phone(e164: str, country: str) -> str:
    """As written inside `country`, e.g. (11) 98765-4321; other countries' numbers with their +."""
    old = _BR_WITHOUT_NINTH.fullmatch(e164)
    if old is not None:
        area, number = old.groups()
        return f"({area}) {number[:4]}-{number[4:]}" if country == "BR" else f"+55 {area} {number[:4]}-{number[4:]}"
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    at_home = parsed.country_code == phonenumbers.country_code_for_region(country)
    style = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)


def _invalid() -> ValidationError:
    return ValidationError(
        _("This is not a phone number. Write one number, abroad with + and the country's code."),
        code="phone_invalid",
    )
