"""reliability A8: formula injection neutralised, exactly undone."""

import time
from datetime import date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carteira.core.sheets.cells import as_text, neutralise, restore


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://x","y")',
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "=cmd|' /C calc'!A0",
        "-1+cmd|' /C calc'!A0",
        "+55 11 99999-0000+cmd|x",
        "+55 (11) 9-99999-9999-9999",
        "＝1+1",
        "-10,00=A1",
        "-A1",
        "+",
        "-10\n",
    ],
)
def test_formulas_get_an_apostrophe(text):
    assert neutralise(text) == "'" + text
    assert restore("'" + text) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "Ana",
            "-10,00",
            "-10.00",
            "+10",
            "-1.234,56",
            "-R$ 1.234,56",
            "- 10",
            "-3,5%",
            "-",
            "--",
            "10-2",
        ),
        *("+55 11 99999-0000", "+5511999990000", "+55 (11) 99999-0000", "+54 9 11 1234-5678"),
        *("'", "''", "d'água", "'ok'", "a=b", " =1", "1-1"),
    ],
)
def test_numbers_phones_and_ordinary_text_stay(text):
    assert neutralise(text) == text
    assert restore(text) == text


@given(st.one_of(st.text(), st.text(alphabet="'=+-@\t\r\n0159 ().,%R$x＝", max_size=12)))
def test_restore_undoes_neutralise_exactly(text):
    safe = neutralise(text)
    assert restore(safe) == text
    assert neutralise(safe) == "'" + safe or safe == text
    assert safe[:1] not in {"=", "@", "\t", "\r"}


@pytest.mark.parametrize(
    "text", ["+" + "1" * 100_000, "-" * 100_000 + "x", "'" * 100_000 + "=", "-" + "1 " * 50_000 + "x"]
)
def test_long_texts_are_judged_quickly(text):
    """reliability A13."""
    started = time.monotonic()
    neutralise(text)
    restore(text)
    assert time.monotonic() - started < 0.1


@pytest.mark.parametrize(
    ("value", "point", "comma"),
    [
        (None, "", ""),
        ("x", "x", "x"),
        (1234, "1234", "1234"),
        (Decimal("-1234.5"), "-1234.5", "-1234,5"),
        (Decimal("1.234"), "1.2340", "1,2340"),
        (Decimal("1E+3"), "1000", "1000"),
        (True, "TRUE", "TRUE"),
        (date(2024, 1, 31), "2024-01-31", "2024-01-31"),
        (datetime(2024, 1, 31, 10, 30), "2024-01-31 10:30:00", "2024-01-31 10:30:00"),  # noqa: DTZ001
        (clock(10, 30), "10:30:00", "10:30:00"),
        (timedelta(hours=36, minutes=5), "36:05:00", "36:05:00"),
    ],
)
def test_typed_cells_as_text(value, point, comma):
    assert as_text(value) == point
    assert as_text(value, decimal_comma=True) == comma
