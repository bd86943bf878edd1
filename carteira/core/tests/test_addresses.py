"""Parts of an address (feature map 6.7)."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from carteira.core.people import (
    STATES,
    city_sort,
    clean_cep,
    clean_city,
    clean_postal_code,
    clean_state,
    format_cep,
)


@pytest.mark.parametrize(
    "written", ["01310-100", "01310100", "01.310-100", " 01310 100 ", 1310100, Decimal(1310100), "1310100.0"]
)
def test_cep(written: object) -> None:
    """Feature map 6.7: a string with a legal leading zero, which numeric cells get back."""
    assert clean_cep(written) == "01310100"
    assert format_cep("01310100") == "01310-100"


def test_cep_of_a_sheets_text() -> None:
    assert clean_cep("1310100", restore_zeros=True) == "01310100"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1310100", "cep_invalid"),
        ("00000-000", "cep_invalid"),
        ("013101000", "cep_invalid"),
        ("0131010a", "cep_invalid"),
        (131010, "cep_invalid"),
        ("1.31E+06", "cep_shortened"),
        ("", "cep_blank"),
        (None, "cep_blank"),
        pytest.param("1" * 100_000, "cep_invalid", id="long"),
    ],
)
def test_cep_refused(written: object, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        clean_cep(written)
    assert caught.value.code == code
    assert caught.value.messages[0]


def test_postal_codes() -> None:
    assert clean_postal_code("01310-100", "BR") == "01310100"
    assert clean_postal_code("c1425 bvd", "AR") == "C1425 BVD"
    assert clean_postal_code(28013, "ES") == "28013"
    for wrong in ("<b>", "1" * 13, "-"):
        with pytest.raises(ValidationError):
            clean_postal_code(wrong, "AR")


def test_27_states() -> None:
    assert len(STATES) == 27
    for code, name in STATES.items():
        assert clean_state(code.lower(), "BR") == clean_state(name.upper(), "BR") == code
    assert clean_state(" sao  paulo ", "BR") == "SP"
    assert clean_state("Jalisco", "MX") == "Jalisco"


@pytest.mark.parametrize(
    ("written", "code"), [("XX", "state_unknown"), ("", "state_blank"), ("x" * 101, "text_too_long")]
)
def test_states_refused(written: str, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        clean_state(written, "BR")
    assert caught.value.code == code


def test_cities() -> None:
    assert clean_city("  S\u00e3o   Paulo ") == "S\u00e3o Paulo"
    assert city_sort("S\u00e3o Paulo") == city_sort("SAO  PAULO") == "sao paulo"
    for wrong, code in (("", "city_blank"), ("x" * 101, "text_too_long"), ("a\x00", "text_invalid")):
        with pytest.raises(ValidationError) as caught:
            clean_city(wrong)
        assert caught.value.code == code
