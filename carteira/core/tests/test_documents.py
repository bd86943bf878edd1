"""Documents by country (feature map 6.1 and 6.10)."""

import random
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from carteira.core.people import clean_document, document_label, format_document, mask_document


def independent_cpf(base: str) -> str:
    """Feature map 6.1 as written there: weights 10..2 and 11..2, r < 2 gives 0, else 11 - r."""
    for top in (10, 11):
        rest = sum(int(digit) * weight for digit, weight in zip(base, range(top, 1, -1), strict=True)) % 11
        base += str(0 if rest < 2 else 11 - rest)
    return base


def independent_cnpj(base: str) -> str:
    """Feature map 6.1: a character counts ASCII - 48; the old weights."""
    weights = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]
    for start in (1, 0):
        rest = sum((ord(char) - 48) * weight for char, weight in zip(base, weights[start:], strict=True)) % 11
        base += str(0 if rest < 2 else 11 - rest)
    return base


cpf_bases = st.text("0123456789", min_size=9, max_size=9).filter(lambda base: len(set(base)) > 1)
cnpj_bases = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=12, max_size=12).filter(
    lambda base: len(set(base)) > 1
)


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("529.982.247-25", "cpf", "52998224725"),
        ("111.444.777-35", "cpf", "11144477735"),
        (" 52998224725 ", "cpf", "52998224725"),
        ("529 982 247 25", "cpf", "52998224725"),
        ("529.982.247\u201125", "cpf", "52998224725"),
        ("\uff15\uff12\uff19.982.247-25", "cpf", "52998224725"),
        ("11.222.333/0001-81", "cnpj", "11222333000181"),
        ("12.ABC.345/01DE-35", "cnpj", "12ABC34501DE35"),
        ("12.abc.345/01de-35", "cnpj", "12ABC34501DE35"),
        ("12abc34501de35", "cnpj", "12ABC34501DE35"),
        ("LBNXQOB5000141", "cnpj", "LBNXQOB5000141"),
        ("00.000.000/0001-91", "cnpj", "00000000000191"),
    ],
)
def test_brazil(written: str, kind: str, value: str) -> None:
    """Feature map 6.1: its vectors; letters I, O, Q, F included; old numbers unchanged."""
    assert clean_document(written, "BR") == (kind, value)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("LBNXQOB5000163", "document_check"),  # trap 1: the wrong mapping A=10
        ("529.982.247-26", "document_check"),
        ("11.222.333/0001-82", "document_check"),
        ("111.111.111-11", "document_repeated"),
        ("00000000000", "document_repeated"),
        ("00000000000000", "document_repeated"),
        ("1234567890", "document_invalid"),
        ("5299822472", "document_invalid"),
        ("529982247255", "document_invalid"),
        ("12ABC34501DE3X", "document_invalid"),
        ("52998224725a", "document_invalid"),
        ("529=982=247=25", "document_invalid"),
        ("\u0665\u0662\u0669982247-25", "document_invalid"),
        ("passaporte", "document_invalid"),
        pytest.param("1" * 100_000, "document_invalid", id="long"),
        (True, "document_invalid"),
        (-52998224725, "document_invalid"),
        (Decimal("NaN"), "document_invalid"),
        (Decimal("5.5"), "document_invalid"),
        pytest.param(10**4000, "document_invalid", id="giant"),
        ("5.2998E+10", "document_shortened"),
        ("5,2998E+10", "document_shortened"),
        ("", "document_blank"),
        (" \u00a0", "document_blank"),
        (None, "document_blank"),
    ],
)
def test_brazil_refuses(written: object, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        clean_document(written, "BR")
    assert caught.value.code == code
    assert caught.value.messages[0]


def test_a_refusal_does_not_repeat_the_number() -> None:
    """Reliability P7: no document in messages, hence none in logs."""
    with pytest.raises(ValidationError) as caught:
        clean_document("529.982.247-26", "BR")
    assert "529" not in caught.value.messages[0]


@given(cpf_bases)
def test_every_cpf_counted_by_hand_is_accepted(base: str) -> None:
    cpf = independent_cpf(base)
    assert clean_document(cpf, "BR") == ("cpf", cpf)
    assert clean_document(format_document("cpf", cpf), "BR") == ("cpf", cpf)


@given(cnpj_bases)
def test_every_cnpj_counted_by_hand_is_accepted(base: str) -> None:
    cnpj = independent_cnpj(base)
    assert clean_document(cnpj.lower(), "BR") == ("cnpj", cnpj)
    assert clean_document(format_document("cnpj", cnpj), "BR") == ("cnpj", cnpj)


@given(cpf_bases, st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(base: str, place: int, step: int) -> None:
    """Not where the remainder is 0 or 1 in both cases: then two digits share a check digit."""
    cpf = independent_cpf(base)
    wrong = cpf[:place] + str((int(cpf[place]) + step) % 10) + cpf[place + 1 :]
    if independent_cpf(wrong[:9]) == wrong:
        return
    with pytest.raises(ValidationError):
        clean_document(wrong, "BR")


def test_a_numeric_cell_gets_its_zeros_back() -> None:
    """Spreadsheets eat leading zeros: up to three of a CPF, two of a CNPJ, if the check digits then match."""
    cpf = independent_cpf("000123456")
    assert clean_document(int(cpf), "BR") == ("cpf", cpf)
    assert clean_document(Decimal(int(cpf)), "BR") == ("cpf", cpf)
    assert clean_document(f"{int(cpf)}.0", "BR") == ("cpf", cpf)
    assert clean_document(str(int(cpf)), "BR", restore_zeros=True) == ("cpf", cpf)
    cnpj = independent_cnpj("001234560001")
    assert clean_document(int(cnpj), "BR") == ("cnpj", cnpj)
    assert clean_document(52998224725, "BR") == ("cpf", "52998224725")


def test_but_not_beyond_reason() -> None:
    cpf = independent_cpf("000123456")
    with pytest.raises(ValidationError):
        clean_document(str(int(cpf)), "BR")  # typed in a form: a missing digit is a slip
    with pytest.raises(ValidationError):
        clean_document(int(cpf) + 1, "BR")
    with pytest.raises(ValidationError):
        clean_document(191, "BR")  # both a CPF and a CNPJ once filled up


@pytest.mark.parametrize(
    ("country", "written", "kind", "value", "formatted"),
    [
        ("MX", "GODE-561231-GR8", "rfc", "GODE561231GR8", "GODE561231GR8"),
        ("MX", "XAXX010101000", "rfc", "XAXX010101000", "XAXX010101000"),
        ("MX", "\u00d1A&010101AB1", "rfc", "\u00d1A&010101AB1", "\u00d1A&010101AB1"),
        ("MX", "BOXW310820HNERXN09", "curp", "BOXW310820HNERXN09", "BOXW310820HNERXN09"),
        ("AR", "20-05536168-2", "cuit", "20055361682", "20-05536168-2"),
        ("AR", "20.123.456", "dni", "20123456", "20123456"),
        ("CL", "12.531.909-2", "rut", "125319092", "12.531.909-2"),
        ("CL", "6265837-1", "rut", "62658371", "6.265.837-1"),
        ("CO", "213.123.432-1", "nit", "2131234321", "213.123.432-1"),
        ("CO", "9001234568", "nit", "9001234568", "900.123.456-8"),
        ("CO", "1.012.345.678", "cc", "1012345678", "1012345678"),
        ("CO", "52.123.456", "cc", "52123456", "52123456"),
        ("PE", "20512333797", "ruc", "20512333797", "20512333797"),
        ("PE", "10117410", "dni", "10117410", "10117410"),
        ("UY", "21-100342-001-7", "id", "211003420017", "211003420017"),
        ("PT", "pt 501 964 843", "id", "PT501964843", "PT501964843"),
    ],
)
def test_other_countries(country: str, written: str, kind: str, value: str, formatted: str) -> None:
    """Feature map 6.10: the kind of document follows from the country; elsewhere a free identifier."""
    assert clean_document(written, country) == (kind, value)
    assert format_document(kind, value) == formatted
    assert clean_document(formatted, country) == (kind, value)


@pytest.mark.parametrize(
    ("country", "written"),
    [
        ("MX", "GODE561331GR8"),
        ("MX", "GODE561231"),
        ("AR", "20-05536168-3"),
        ("CL", "12.531.909-3"),
        ("CO", "213.123.432-2"),
        ("CO", "900123456"),
        ("PE", "20512333798"),
        ("UY", "x" * 33),
        ("UY", "drop; table"),
        ("PT", "\U0001f389"),
    ],
)
def test_other_countries_refuse(country: str, written: str) -> None:
    with pytest.raises(ValidationError) as caught:
        clean_document(written, country)
    assert caught.value.messages[0]


def test_peru_gets_a_zero_back() -> None:
    assert clean_document(8123456, "PE") == ("dni", "08123456")


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        ("cpf", "52998224725", "***.982.247-**"),
        ("cnpj", "12ABC34501DE35", "**.***.***/**DE-35"),
        ("rut", "125319092", "**.***.909-2"),
        ("id", "AB12", "***2"),
        ("id", "A", "*"),
        ("id", "", ""),
    ],
)
def test_masks(kind: str, value: str, masked: str) -> None:
    """Reliability P7."""
    assert mask_document(kind, value) == masked


def test_labels() -> None:
    assert document_label("cnpj") == "CNPJ"
    assert str(document_label("id")) == "Document"
    assert format_document("cpf", "") == ""


@given(st.text(max_size=40), st.sampled_from(["BR", "MX", "AR", "CL", "CO", "PE", "UY"]))
def test_what_is_kept_is_kept_again(text: str, country: str) -> None:
    try:
        kind, value = clean_document(text, country)
    except ValidationError:
        return
    assert clean_document(format_document(kind, value), country) == (kind, value)


def test_seeded_documents_of_a_sheet() -> None:
    source = random.Random(2026)
    for _line in range(2000):
        base = "".join(source.choices("0123456789", k=9))
        assert clean_document(independent_cpf(base), "BR")[0] == "cpf"
