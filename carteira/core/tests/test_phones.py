"""Phones (feature map 6.7)."""

import phonenumbers
import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from carteira.core.countries import COUNTRIES
from carteira.core.people import clean_phone, format_phone, phone_variants
from carteira.core.people.phones import _PUNCTUATION, _quick


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("(11) 98765-4321", "+5511987654321"),
        ("11987654321", "+5511987654321"),
        ("11 9 8765 4321", "+5511987654321"),
        ("+55 11 98765-4321", "+5511987654321"),
        ("+55 (11) 98765-4321", "+5511987654321"),
        ("5511987654321", "+5511987654321"),
        ("011 98765-4321", "+5511987654321"),
        ("0xx11 98765-4321", "+5511987654321"),
        ("015 11 98765-4321", "+5511987654321"),
        ("\u202a+55 11 98765\u20114321\u202c", "+5511987654321"),
        ("\uff081\uff11\uff09 98765-4321", "+5511987654321"),
        (11987654321, "+5511987654321"),
        ("11987654321.0", "+5511987654321"),
        ("(11) 3265-4321", "+551132654321"),
        ("1132654321", "+551132654321"),
        ("(55) 3212-3456", "+555532123456"),
        ("555532123456", "+555532123456"),
        ("55987654321", "+5555987654321"),
        ("(11) 8765-4321", "+551187654321"),  # a mobile without its ninth digit is kept as given
        ("+551187654321", "+551187654321"),
        ("0800 701 2345", "+558007012345"),
        ("4004-1234", "+5540041234"),
        ("+54 9 11 2345-6789", "+5491123456789"),
        ("+52 55 1234 5678", "+525512345678"),
        ("+1 (415) 555-2671", "+14155552671"),
    ],
)
def test_brazil(written: object, e164: str) -> None:
    assert clean_phone(written, "BR") == e164


@pytest.mark.parametrize(
    ("country", "written", "e164"),
    [
        ("MX", "55 1234 5678", "+525512345678"),
        ("AR", "011 15-2345-6789", "+5491123456789"),
        ("AR", "11 4234-5678", "+541142345678"),
        ("CL", "9 6123 4567", "+56961234567"),
        ("CO", "300 123 4567", "+573001234567"),
        ("PE", "912 345 678", "+51912345678"),
        ("UY", "094 231 234", "+59894231234"),
        ("PT", "912 345 678", "+351912345678"),
        ("US", "(415) 555-2671", "+14155552671"),
        ("PR", "787-234-5678", "+17872345678"),
        ("MX", "+55 11 98765-4321", "+5511987654321"),
    ],
)
def test_other_countries(country: str, written: str, e164: str) -> None:
    assert clean_phone(written, country) == e164


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("98765-4321", "phone_no_area"),
        ("3265-4321", "phone_no_area"),
        ("11 3265-4321 x22", "phone_extension"),
        ("11 3265-4321 ramal 22", "phone_invalid"),
        ("98765-4321 (11)", "phone_invalid"),
        ("9 9999-9999 (11)", "phone_invalid"),
        ("11 98765-4321 / 11 3265-4321", "phone_invalid"),
        ("Tel 11 98765-4321", "phone_invalid"),
        ("10 98765-4321", "phone_invalid"),
        ("11 1234-5678", "phone_invalid"),
        ("+55 11 98765-43210", "phone_invalid"),
        ("+999 1234", "phone_invalid"),
        ("+", "phone_invalid"),
        ("190", "phone_invalid"),
        ("00000000000", "phone_invalid"),
        pytest.param("1" * 100_000, "phone_invalid", id="long"),
        ("1\x00", "phone_invalid"),
        (True, "phone_invalid"),
        (-11987654321, "phone_invalid"),
        ("1.19E+10", "phone_shortened"),
        ("", "phone_blank"),
        (None, "phone_blank"),
        ("\u202a", "phone_blank"),
    ],
)
def test_refused(written: object, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        clean_phone(written, "BR")
    assert caught.value.code == code
    assert caught.value.messages[0]


def by_the_library(text: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def agrees(text: str, country: str) -> None:
    quick = _quick(text.translate(_PUNCTUATION), country)
    if quick is not None and len(phone_variants(quick)) == 1:
        assert quick == by_the_library(text, country)
    elif quick is not None:  # a Brazilian mobile: the library knows only the one with its ninth digit
        assert quick == by_the_library(text, country) or by_the_library(phone_variants(quick)[1], country)


digits = st.text("0123456789", min_size=6, max_size=14)


@settings(max_examples=1500)
@given(st.sampled_from(["", "+", "+55", "55", "0", "(11) ", "11 9", "+55 (21) 9"]), digits)
@example("", "5555321234567")
def test_brazilian_quick_way_agrees_with_the_library(front: str, number: str) -> None:
    agrees(front + number, "BR")


@settings(max_examples=1500)
@given(st.sampled_from(sorted(COUNTRIES)), st.booleans(), st.booleans(), digits)
def test_quick_way_agrees_in_every_country(country: str, plus: bool, code: bool, number: str) -> None:
    calling = str(phonenumbers.country_code_for_region(country))
    agrees(("+" if plus else "") + (calling if code else "") + number, country)


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("kind", [phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE])
def test_the_librarys_own_examples_in_every_style(country: str, kind: int) -> None:
    number = phonenumbers.example_number_for_type(country, kind)
    assert number is not None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    for style in (
        phonenumbers.PhoneNumberFormat.NATIONAL,
        phonenumbers.PhoneNumberFormat.INTERNATIONAL,
        phonenumbers.PhoneNumberFormat.E164,
    ):
        assert clean_phone(phonenumbers.format_number(number, style), country) == e164
    assert clean_phone(format_phone(e164, country), country) == e164
    assert clean_phone(format_phone(e164, "BR"), "BR") == e164
    assert by_the_library(e164, country) == e164


# -- both ninth-digit variants


def test_both_variants_of_a_mobile() -> None:
    """Feature map 6.7: match both variants, store what was given."""
    assert phone_variants("+5511987654321") == ("+5511987654321", "+551187654321")
    assert phone_variants("+551187654321") == ("+551187654321", "+5511987654321")


@pytest.mark.parametrize(
    "e164",
    [
        "+551132654321",  # landline
        "+551152654321",
        "+5511932654321",  # without its 9 it would be a landline
        "+558007012345",
        "+5540041234",
        "+5491123456789",
        "+14155552671",
        "",
    ],
)
def test_landlines_and_others_have_none(e164: str) -> None:
    """Feature map 6.7: never insert a 9 into a landline."""
    assert phone_variants(e164) == (e164,)


@given(st.from_regex(r"\+55[1-9][1-9]9?[2-9][0-9]{7}", fullmatch=True))
def test_variants_are_symmetric(e164: str) -> None:
    twins = phone_variants(e164)
    assert twins[0] == e164
    for twin in twins:
        assert set(phone_variants(twin)) == set(twins)


@given(st.from_regex(r"[1-9][1-9]9?[2-9][0-9]{7}", fullmatch=True))
def test_format_and_clean_go_round(number: str) -> None:
    try:
        e164 = clean_phone(number, "BR")
    except ValidationError:
        return
    assert clean_phone(format_phone(e164, "BR"), "BR") == e164
    assert clean_phone(format_phone(e164, "MX"), "MX") == e164


@pytest.mark.parametrize(
    ("e164", "at_home", "abroad"),
    [
        ("+5511987654321", "(11) 98765-4321", "+55 11 98765-4321"),
        ("+551132654321", "(11) 3265-4321", "+55 11 3265-4321"),
        ("+551187654321", "(11) 8765-4321", "+55 11 8765-4321"),
        ("not a number", "not a number", "not a number"),
    ],
)
def test_format(e164: str, at_home: str, abroad: str) -> None:
    assert format_phone(e164, "BR") == at_home
    assert format_phone(e164, "AR") == abroad
