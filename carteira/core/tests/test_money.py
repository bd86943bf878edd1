"""The value type: arithmetic, splitting, showing."""

from decimal import Decimal
from fractions import Fraction
from operator import add, ge, gt, le, lt, mul, sub

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carteira.core.countries import COUNTRIES, CURRENCIES, LANGUAGES, locale_of
from carteira.core.money import MAX_MINOR, DifferentCurrencies, Money, minor_digits, parse_amount

NBSP = "\u00a0"
reais = st.integers(-(10**14) + 1, 10**14 - 1).map(lambda minor: Money(minor, "BRL"))


def test_arithmetic_stays_in_one_currency() -> None:
    ten, three = Money(1000, "BRL"), Money(300, "BRL")
    assert ten + three == Money(1300, "BRL")
    assert ten - three == Money(700, "BRL")
    assert -three == Money(-300, "BRL")
    assert abs(Money(-300, "BRL")) == three
    assert ten * 3 == 3 * ten == Money(3000, "BRL")
    assert three < ten <= ten
    assert ten > three >= three
    assert not Money(0, "BRL")
    assert sum([ten, three], Money(0, "BRL")) == Money(1300, "BRL")


def test_currencies_do_not_mix() -> None:
    """Reliability M6: currencies are never added together."""
    real, peso = Money(100, "BRL"), Money(100, "CLP")
    assert real != peso
    for mix in (
        lambda: real + peso,
        lambda: real - peso,
        lambda: real < peso,
        lambda: real <= peso,
        lambda: real > peso,
        lambda: real >= peso,
    ):
        with pytest.raises(DifferentCurrencies):
            mix()


@pytest.mark.parametrize("minor", [1.0, True, "1", Decimal(1), None])
def test_only_whole_minor_units(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "BRL")  # type: ignore[arg-type]


def test_no_fractions_by_the_back_door() -> None:
    for wrong in (mul, add, sub, lt, le, gt, ge):
        with pytest.raises(TypeError):
            wrong(Money(1, "BRL"), 0.5)


def test_fits_into_bigint() -> None:
    assert Money(MAX_MINOR, "BRL").minor == 2**63 - 1
    for minor in (MAX_MINOR + 1, -MAX_MINOR - 1):
        with pytest.raises(OverflowError):
            Money(minor, "BRL")


@given(reais, st.integers(1, 60))
def test_split_loses_no_cent(money: Money, parts: int) -> None:
    """Architecture 4: `split()` never loses a cent; shares differ by one at most, the larger ones first."""
    shares = money.split(parts)
    assert len(shares) == parts
    assert sum(shares, Money(0, "BRL")) == money
    sizes = [abs(share.minor) for share in shares]
    assert max(sizes) - min(sizes) <= 1
    assert sizes == sorted(sizes, reverse=True)
    assert (-money).split(parts) == tuple(-share for share in shares)


weights = st.lists(st.one_of(st.integers(0, 10**6), st.decimals(0, 10**6, places=4)), min_size=1, max_size=30).filter(
    any
)


@given(reais, weights)
def test_split_by_weights_is_exact_and_fair(money: Money, weights: list[int | Decimal]) -> None:
    shares = money.split_by(weights)
    assert sum(shares, Money(0, "BRL")) == money
    total = sum(map(Fraction, weights))
    for share, weight in zip(shares, weights, strict=True):
        assert abs(Fraction(share.minor) - money.minor * Fraction(weight) / total) < 1
        assert weight or not share
    assert money.split_by(weights) == shares


def test_split_by_hand() -> None:
    assert [share.minor for share in Money(10000, "BRL").split(3)] == [3334, 3333, 3333]
    assert [share.minor for share in Money(100, "BRL").split_by([1, 1, 1, 0])] == [34, 33, 33, 0]
    assert [share.minor for share in Money(5, "BRL").split_by([Decimal("0.3"), Decimal("0.7")])] == [2, 3]
    assert [share.minor for share in Money(-10000, "BRL").split(3)] == [-3334, -3333, -3333]


@pytest.mark.parametrize("wrong", [[], [0], [0, 0], [-1, 2], [Decimal("-0.1"), 1]])
def test_split_needs_weight(wrong: list[int | Decimal]) -> None:
    with pytest.raises(ValueError, match="Weights"):
        Money(100, "BRL").split_by(wrong)


def test_split_refuses_other_numbers() -> None:
    with pytest.raises(TypeError):
        Money(100, "BRL").split_by([0.5])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("currency", "digits"), [("BRL", 2), ("MXN", 2), ("ARS", 2), ("USD", 2), ("CLP", 0), ("PYG", 0)]
)
def test_minor_digits_come_from_cldr(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "written"),
    [
        (123456, "BRL", "pt_BR", f"R${NBSP}1.234,56"),
        (123456, "BRL", "pt-br", f"R${NBSP}1.234,56"),
        (-1000, "BRL", "pt_BR", f"-R${NBSP}10,00"),
        (123456, "MXN", "es_MX", "$1,234.56"),
        (123456, "ARS", "es_AR", "$1.234,56"),
        (1234, "CLP", "es_CL", "$1.234"),
        (1234567, "PYG", "es_PY", f"Gs.{NBSP}1.234.567"),
        (123456, "USD", "en", "$1,234.56"),
    ],
)
def test_written_as_the_reader_does(minor: int, currency: str, locale: str, written: str) -> None:
    """Feature map 6.10: pt-BR with a no-break space; Spanish by country; no decimals for CLP and PYG."""
    assert Money(minor, currency).format(locale) == written


def test_plain_and_neutral_forms() -> None:
    assert Money(123456, "BRL").format_plain("pt_BR") == "1.234,56"
    assert Money(1234, "CLP").format_plain("es_CL") == "1.234"
    assert str(Money(-123456, "BRL")) == "-1234.56 BRL"
    assert str(Money(1234, "CLP")) == "1234 CLP"
    assert Money(123456, "BRL").amount == Decimal("1234.56")


LOCALES = sorted({(language, country) for language in LANGUAGES for country in COUNTRIES})


@given(
    st.integers(-(10**14) + 1, 10**14 - 1),
    st.sampled_from(CURRENCIES),
    st.sampled_from(LOCALES),
    st.booleans(),
)
def test_what_is_shown_can_be_read(minor: int, currency: str, reader: tuple[str, str], plain: bool) -> None:
    """parse(format(x)) = x in every language, country and currency."""
    if minor_digits(currency) == 0:
        minor = max(minor // 100, -(10**12) + 1)
    money = Money(minor, currency)
    locale = locale_of(*reader)
    shown = money.format_plain(locale) if plain else money.format(locale)
    assert parse_amount(shown, currency=currency, language=reader[0]) == minor
    assert parse_amount(str(money), currency=currency, language=reader[0]) == minor
    assert parse_amount(money.amount, currency=currency, language=reader[0]) == minor
