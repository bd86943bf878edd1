"""Amounts as people and sheets write them: the table of docs/money.md."""

from contextlib import suppress
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from carteira.core.money import parse_amount


def reais(value: object, language: str = "pt-br") -> int:
    return parse_amount(value, currency="BRL", language=language)


def refusal(value: object, currency: str = "BRL", language: str = "pt-br") -> str:
    with pytest.raises(ValidationError) as caught:
        parse_amount(value, currency=currency, language=language)
    assert caught.value.messages[0], "a refusal is a sentence"
    return str(caught.value.code)


@pytest.mark.parametrize("language", ["pt-br", "es", "en"])
@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("1.234,56", 123456),
        ("1234,56", 123456),
        ("1234.56", 123456),
        ("1,234.56", 123456),
        ("R$ 1.234,56", 123456),
        ("R$\u00a01.234,56", 123456),
        ("r$1234,56", 123456),
        ("BRL 1.234,56", 123456),
        ("1.234,56 BRL", 123456),
        ("1 234,56", 123456),
        ("1\u00a0234,56", 123456),
        ("1\u202f234,56", 123456),
        ("1.234.567,89", 123456789),
        ("1,234,567.89", 123456789),
        ("1.234.567", 123456700),
        ("1,234,567", 123456700),
        ("-10,00", -1000),
        ("\u221210,00", -1000),
        ("-R$ 10,00", -1000),
        ("R$ -10,00", -1000),
        ("+10,00", 1000),
        ("  10,5  ", 1050),
        ("10.5", 1050),
        ("7", 700),
        ("007", 700),
        ("0", 0),
        ("0,00", 0),
        ("-0,00", 0),
        ("0,01", 1),
        ("29.33", 2933),
        ("29.3300", 2933),
        ("1234.560", 123456),
        ("0,500", 50),
        ("999999999999,99", 99999999999999),
    ],
)
def test_accepted(written: str, minor: int, language: str) -> None:
    """Feature map 6.10: 1.234,56, 1234,56 and 1234.56 are read alike."""
    assert reais(written, language) == minor


@pytest.mark.parametrize("language", ["pt-br", "es", "en"])
@pytest.mark.parametrize("written", ["1,234", "1.234", "R$ 1,234", "-1.234", "10,123", "999.999", "1,000"])
def test_ambiguous(written: str, language: str) -> None:
    """Feature map 6.10: `1,234` is refused, and for the same reason `1.234`."""
    assert refusal(written, language=language) == "amount_ambiguous"


def test_an_ambiguous_amount_is_told_how_to_be_written() -> None:
    with pytest.raises(ValidationError) as caught:
        reais("1,234", "en")
    assert caught.value.params == {"text": "1,234", "thousands": "1234.00", "cents": "1.23"}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1.2.3", "amount_invalid"),
        ("1,2,3", "amount_invalid"),
        ("1.23.456", "amount_invalid"),
        ("12 34", "amount_invalid"),
        ("1.234 567,89", "amount_invalid"),
        ("0.123,45", "amount_invalid"),
        ("1234.567,89", "amount_invalid"),
        ("1,234.56,7", "amount_invalid"),
        ("1e5", "amount_invalid"),
        ("1E+5", "amount_invalid"),
        ("NaN", "amount_invalid"),
        ("Infinity", "amount_invalid"),
        ("0x10", "amount_invalid"),
        ("1_000", "amount_invalid"),
        ("--5", "amount_invalid"),
        ("5-", "amount_invalid"),
        ("(5,00)", "amount_invalid"),
        (".5", "amount_invalid"),
        ("10,", "amount_invalid"),
        ("dez", "amount_invalid"),
        ("10 reais", "amount_invalid"),
        ("10%", "amount_invalid"),
        ("\uff11\uff12", "amount_invalid"),
        ("\u0661\u0662", "amount_invalid"),
        ("1\x00", "amount_invalid"),
        pytest.param("9" * 65, "amount_invalid", id="long"),
        ("0,001", "amount_decimals"),
        ("1234,567", "amount_decimals"),
        ("1,2345", "amount_decimals"),
        ("1.234,567", "amount_decimals"),
        ("1000000000000", "amount_too_large"),
        ("1.000.000.000.000,00", "amount_too_large"),
        pytest.param("9" * 30, "amount_too_large", id="long"),
        ("", "amount_blank"),
        (" \u00a0 ", "amount_blank"),
        (None, "amount_blank"),
        ("US$ 10", "amount_currency"),
        ("10 EUR", "amount_currency"),
        ("$ 10", "amount_currency"),
        (True, "amount_invalid"),
        ([1], "amount_invalid"),
        (Decimal("NaN"), "amount_invalid"),
        (Decimal("sNaN"), "amount_invalid"),
        (Decimal("-Infinity"), "amount_invalid"),
        (10**12, "amount_too_large"),
        pytest.param(-(10**4000), "amount_too_large", id="giant"),
        (Decimal("1E+12"), "amount_too_large"),
        (Decimal("1E+999999"), "amount_too_large"),
    ],
)
def test_refused(written: object, code: str) -> None:
    assert refusal(written) == code


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [
        ("1.234", "CLP", 1234),
        ("1,234", "CLP", 1234),
        ("$1.234", "CLP", 1234),
        ("1234", "CLP", 1234),
        ("1.234,00", "CLP", 1234),
        ("Gs. 1.234.567", "PYG", 1234567),
        ("\u20b2 5000", "PYG", 5000),
        ("$1,234.56", "MXN", 123456),
        ("S/ 10.50", "PEN", 1050),
        ("S/. 10.50", "PEN", 1050),
        ("Bs 10,50", "BOB", 1050),
        ("$ 10,50", "ARS", 1050),
        ("10,50 \u20ac", "EUR", 1050),
    ],
)
def test_other_currencies(written: str, currency: str, minor: int) -> None:
    """Feature map 6.10: CLP and PYG have no decimals, so that a lone mark can only group thousands there."""
    assert parse_amount(written, currency=currency, language="es") == minor


def test_no_decimals_where_there_are_none() -> None:
    assert refusal("10,5", "CLP", "es") == "amount_decimals"
    assert refusal(Decimal("10.5"), "PYG", "es") == "amount_decimals"


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        (29, 2900),
        (-29, -2900),
        (Decimal("29.33"), 2933),
        (Decimal("29.330000000000002"), 2933),
        (Decimal("29.329999999999998"), 2933),
        (Decimal("-0.30000000000000004"), -30),
        (Decimal("99.9999999999986"), 10000),
        (Decimal("1E+3"), 100000),
        (Decimal("0E+50"), 0),
        ("29.330000000000002", 2933),
    ],
)
def test_cells_are_exact_but_for_their_noise(cell: object, minor: int) -> None:
    """docs/money.md: less than a millionth of the unit beyond the cents is a sheet's noise."""
    assert reais(cell) == minor


@pytest.mark.parametrize("cell", ["29.331", "29.335", "33.333333333333336", "0.000001", "1.234", "29.33001"])
def test_cells_with_more_decimals_are_refused_not_rounded(cell: str) -> None:
    assert refusal(Decimal(cell)) == "amount_decimals"


def test_a_binary_fraction_is_the_programmers_mistake() -> None:
    with pytest.raises(TypeError):
        reais(29.33)


@given(st.integers(-(10**14) + 1, 10**14 - 1))
def test_cells_and_common_texts_agree(minor: int) -> None:
    exact = Decimal(minor).scaleb(-2)
    assert reais(exact) == minor
    assert reais(f"{exact:.2f}") == minor
    assert reais(f"{exact:.2f}".replace(".", ",")) == minor
    assert reais(f"{exact:,.2f}") == minor


@given(st.text(alphabet="0123456789.,- R$eE\u00a0", max_size=30))
def test_never_anything_but_an_amount_or_a_refusal(text: str) -> None:
    with suppress(ValidationError):
        digits = "".join(char for char in text if char.isdigit())
        assert str(abs(reais(text))).strip("0") in digits
